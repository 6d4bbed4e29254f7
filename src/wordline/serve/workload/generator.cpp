#include "wordline/serve/workload/generator.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <tuple>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/serve/ticks.h"
#include "wordline/serve/trace.h"

namespace wordline::serve {
namespace {

// Streams of the seed; gaps and first lengths as generate() has them.
enum Stream : std::uint64_t { gap_stream, length_stream, shape_stream, own_streams = std::uint64_t{1} << 32 };

// Names of texts, disjoint: system prompts, questions, answers.
std::uint64_t prefix_name(std::uint64_t rank) { return (std::uint64_t{1} << 63) | rank; }
std::uint64_t turn_name(std::uint32_t conversation, int turn, bool answer) {
  return std::uint64_t{conversation} << 31 | static_cast<std::uint64_t>(turn) << 1 | (answer ? 1 : 0);
}
constexpr int most_turns = 1 << 30;  // so that the names stay apart

void check(const Generator& g) {
  const auto refuse = [](const std::string& what) { throw core::InputError(what); };
  if (!g.lengths) refuse("a generator needs lengths");
  if (g.turns.mean != 0 ? !(g.turns.mean >= 1) || !(g.turns.mean <= 1e6)
                        : g.turns.low < 1 || g.turns.high < g.turns.low || g.turns.high > 1'000'000)
    refuse("turns of a conversation must be from 1 to 1000000");
  if (!(g.think.value() >= 0) || !(g.think.value() <= latest_arrival_s)) refuse("a think time must be 0 s or above");
  if (!(g.think_cv >= 0) || !std::isfinite(g.think_cv)) refuse("a think time's variation must be 0 or above");
  if (g.prefix_tokens < 0 || g.prefix_tokens > longest_request_tokens)
    refuse(fmt::format("a system prompt must have from 0 to {} tokens", longest_request_tokens));
  if (g.prefixes < 1 || g.prefixes > 10'000'000) refuse("there must be from 1 to 10000000 system prompts");
  if (!(g.prefix_zipf >= 0) || !std::isfinite(g.prefix_zipf)) refuse("a Zipf exponent must be 0 or above");
  if (g.requests == 0 && (g.users > 0 || std::isinf(g.rate.total())))
    refuse("a workload without an end needs a number of requests");
}

// A conversation with a turn to come, drawn already.
struct Live {
  double arrival;
  std::uint64_t order;  // of equals the first to come
  std::uint32_t session, conversation;
  int turn, turns;
  double think;  // -1: of the first turn
  std::int32_t question, output;
  std::int64_t before;                    // tokens said before the question
  std::shared_ptr<const Content> pieces;  // and their names
  core::Random random;
};
struct Later {
  bool operator()(const Live& a, const Live& b) const {
    return a.arrival != b.arrival ? a.arrival > b.arrival : a.order > b.order;
  }
};

class Generated final : public RequestSource {
 public:
  Generated(Generator generator, std::uint64_t seed)
      : g_(std::move(generator)),
        seed_(seed),
        think_(g_.think_cv == 0 ? Gaps::constant() : Gaps::gamma(g_.think_cv)),
        gaps_(seed, gap_stream),
        lengths_(seed, length_stream),
        shapes_(seed, shape_stream) {
    check(g_);
    single_ = g_.users == 0 && g_.turns.mean <= 1 && g_.turns.low == 1 && g_.turns.high == 1;
    if (g_.prefix_tokens > 0 && g_.prefixes > 1) {
      double sum = 0;
      for (std::uint32_t rank = 1; rank <= g_.prefixes; ++rank)
        popularity_.push_back(sum += std::pow(static_cast<double>(rank), -g_.prefix_zipf));
    }
    while (conversations_ < g_.users) {
      core::Random random(seed_, own_streams + ++conversations_);
      const double first = g_.think.value() * think_(random);
      begin(first, conversations_, -1, random);
    }
    if (g_.users == 0) take_gap();
  }

  std::uint64_t count() const override { return std::isinf(g_.rate.total()) || g_.users > 0 ? g_.requests : 0; }

  bool waits() const override { return !single_; }
  std::uint64_t users() const override { return g_.users; }
  std::optional<Request> next() override {
    if (g_.requests > 0 && given_ == g_.requests) return {};
    auto request = drawn();
    if (!request) return {};
    ++given_;
    if (!(request->arrival.value() <= latest_arrival_s))
      throw core::InputError("the workload would span more than 46 days: raise the rate or ask for fewer requests");
    return request;
  }

 private:
  std::optional<Request> drawn() {
    if (start_ && (live_.empty() || *start_ <= live_.top().arrival)) {
      const double arrival = *start_;
      take_gap();
      ++conversations_;
      if (single_) return single(arrival);
      begin(arrival, conversations_, -1, core::Random(seed_, own_streams + conversations_));
    }
    if (live_.empty()) return {};
    return turn();
  }
  void take_gap() { start_ = g_.rate.reaches(units_ += g_.gaps(gaps_)); }

  std::uint32_t prefix() {
    if (popularity_.empty()) return 0;
    const double at = shapes_.uniform() * popularity_.back();
    const auto found = std::upper_bound(popularity_.begin(), popularity_.end() - 1, at);
    return static_cast<std::uint32_t>(found - popularity_.begin());
  }
  int turns() {
    if (g_.turns.mean > 1) {  // geometric from 1 on
      const double continues = 1 - 1 / g_.turns.mean;
      return static_cast<int>(std::min(1e9, 1 + std::floor(std::log1p(-shapes_.uniform()) / std::log(continues))));
    }
    const auto choices = static_cast<std::uint64_t>(g_.turns.high - g_.turns.low) + 1;
    return choices == 1 ? g_.turns.low : g_.turns.low + static_cast<int>(shapes_.below(choices));
  }

  Request single(double arrival) {
    const auto [question, output] = g_.lengths(lengths_);
    Request request{core::Seconds(arrival), question + g_.prefix_tokens, output};
    if (g_.prefix_tokens > 0)
      request.content = std::make_shared<const Content>(
          Content{{prefix_name(prefix()), g_.prefix_tokens}, {turn_name(conversations_, 0, false), question}});
    return request;
  }

  // Puts the first turn of a conversation among those to come; `think` is -1 where it waits for nothing.
  void begin(double arrival, std::uint32_t session, double think, const core::Random& random) {
    Live live{arrival, order_++, session, conversations_,   0,       std::min(turns(), most_turns),
              think,   0,        0,       g_.prefix_tokens, nullptr, random};
    Content pieces;
    if (g_.prefix_tokens > 0) pieces.push_back({prefix_name(prefix()), g_.prefix_tokens});
    live.pieces = std::make_shared<const Content>(std::move(pieces));
    std::tie(live.question, live.output) = g_.lengths(lengths_);
    live_.push(std::move(live));
  }

  Request turn() {
    Live live = live_.top();
    live_.pop();
    auto content = std::make_shared<Content>(*live.pieces);
    content->push_back({turn_name(live.conversation, live.turn, false), live.question});
    Request request{core::Seconds(live.arrival), static_cast<std::int32_t>(live.before + live.question), live.output,
                    live.session, core::Seconds(live.think)};
    live.before += live.question + live.output;
    live.think = g_.think.value() * think_(live.random);
    live.arrival += live.think;
    live.order = order_++;
    ++live.turn;
    bool goes_on = live.turn < live.turns;
    if (goes_on) {
      std::tie(live.question, live.output) = g_.lengths(live.random);
      goes_on = live.before + live.question + live.output <= std::min(g_.longest_context, longest_request_tokens);
    }
    if (goes_on) {
      content->push_back({turn_name(live.conversation, live.turn - 1, true), request.output_tokens});
      live.pieces = content;
      live_.push(std::move(live));
    } else if (g_.users > 0) {  // the user's next conversation, which waits for the answer, too
      ++conversations_;
      begin(live.arrival, live.session, live.think, live.random);
    }
    request.content = std::move(content);
    return request;
  }

  Generator g_;
  std::uint64_t seed_;
  Gaps think_;
  core::Random gaps_, lengths_, shapes_;
  std::vector<double> popularity_;  // cumulated
  bool single_ = true;
  double units_ = 0;             // gaps so far, at rate 1
  std::optional<double> start_;  // of the next conversation
  std::uint32_t conversations_ = 0;
  std::uint64_t given_ = 0, order_ = 0;
  std::priority_queue<Live, std::vector<Live>, Later> live_;
};

}  // namespace

std::unique_ptr<RequestSource> generated(Generator generator, std::uint64_t seed) {
  return std::make_unique<Generated>(std::move(generator), seed);
}

}  // namespace wordline::serve
