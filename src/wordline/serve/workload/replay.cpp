#include "wordline/serve/workload/replay.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <unordered_map>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/serve/ticks.h"
#include "wordline/serve/workload/names.h"

namespace wordline::serve {
namespace {

constexpr std::uint32_t none = ~std::uint32_t{0};

// A workload's requests as chains: the first request of each session, or a request of none, and what follows it.
struct Chains {
  explicit Chains(const Workload& workload) : next(workload.requests.size(), none) {
    std::unordered_map<std::uint32_t, std::uint32_t> last;
    for (std::uint32_t i = 0; i < workload.requests.size(); ++i) {
      const std::uint32_t session = workload.requests[i].session;
      sessions = std::max(sessions, session);
      if (session != 0) {
        const auto [found, fresh] = last.try_emplace(session, i);
        if (!fresh) {
          next[found->second] = i;
          found->second = i;
          continue;
        }
      }
      heads.push_back(i);
    }
  }
  std::vector<std::uint32_t> heads;  // in order of arrival
  std::vector<std::uint32_t> next;   // of each request: the session's next, or none
  std::uint32_t sessions = 0;        // the highest number
};

// A request of a copy that is to come.
struct Coming {
  double arrival;
  std::uint32_t copy, index;
  double shift;         // from the recorded arrival, at the copies' speed
  std::uint64_t pass;   // of its chain
  std::uint64_t place;  // of a head: its place in the copy's row of heads
  bool head;
};
struct Later {
  bool operator()(const Coming& a, const Coming& b) const {
    if (a.arrival != b.arrival) return a.arrival > b.arrival;
    if (a.copy != b.copy) return a.copy > b.copy;
    return a.pass != b.pass ? a.pass > b.pass : a.index > b.index;
  }
};

class Replayed final : public RequestSource {
 public:
  Replayed(std::shared_ptr<const Workload> workload, const Copies& copies, std::uint64_t seed)
      : workload_(std::move(workload)), copies_(copies), chains_(*workload_) {
    const auto& requests = workload_->requests;
    if (requests.empty()) throw core::InputError("a workload without requests cannot be replayed");
    if (copies.passes < 1 || copies.at_once < 1) throw core::InputError("a workload is replayed once or more");
    if (!(copies.speed > 0) || !std::isfinite(copies.speed))
      throw core::InputError(fmt::format("found a speed of {}; wanted one above 0", copies.speed));
    first_ = arrival(0);
    const double span = workload_->span().value() / copies.speed;
    pass_s_ = requests.size() > 1 ? span * (1 + 1 / static_cast<double>(requests.size() - 1)) : 1;
    // Copies at once are laid out over all of it; one is read only as far as requests are asked for.
    if (copies.at_once > 1 && !(first_ + pass_s_ * static_cast<double>(copies.passes + 1) <= latest_arrival_s))
      fail_to_span();
    core::Random random(seed, 0);
    for (std::uint32_t copy = 0; copy < copies.at_once; ++copy) {
      offsets_.push_back(copies.at_once == 1 ? 0 : random.uniform() * pass_s_);
      // The first chain of the copy is the first that the wrap brings to the front.
      const auto wrapped = std::partition_point(chains_.heads.begin(), chains_.heads.end(), [&](std::uint32_t head) {
        return in_pass(head) + offsets_[copy] < pass_s_;
      });
      starts_.push_back(static_cast<std::size_t>(wrapped - chains_.heads.begin()) % chains_.heads.size());
      add_head(copy, 0);
    }
  }

  std::uint64_t count() const override { return workload_->requests.size() * copies_.passes * copies_.at_once; }
  bool waits() const override { return serve::source_of(*workload_)->waits(); }

  std::optional<Request> next() override {
    if (coming_.empty()) return {};
    const Coming at = coming_.top();
    if (!(at.arrival <= latest_arrival_s)) fail_to_span();
    coming_.pop();
    if (at.head) add_head(at.copy, at.place + 1);
    if (const std::uint32_t later = chains_.next[at.index]; later != none) coming_.push(follower(at, later));
    Request request = workload_->requests[at.index];
    request.arrival = core::Seconds(at.arrival);
    const std::uint64_t number = at.pass * copies_.at_once + at.copy;
    if (request.session != 0) request.session += static_cast<std::uint32_t>(number * chains_.sessions);
    const std::uint64_t texts = copies_.same_texts ? at.pass : number;
    if (request.content && texts > 0) {
      auto content = std::make_shared<Content>(*request.content);
      for (auto& piece : *content) piece.text = mixed(piece.text, texts);
      request.content = std::move(content);
    }
    return request;
  }

 private:
  [[noreturn]] void fail_to_span() const {
    throw core::InputError(fmt::format("the trace would span more than 46 days: {} times {:.0f} s, {} at once",
                                       copies_.passes, pass_s_, copies_.at_once));
  }
  double recorded(std::uint32_t index) const { return workload_->requests[index].arrival.value(); }
  double arrival(std::uint32_t index) const { return recorded(index) / copies_.speed; }
  double in_pass(std::uint32_t index) const { return arrival(index) - first_; }

  // The session's next. What waits for an answer comes as long after the one before as it was recorded.
  Coming follower(const Coming& before, std::uint32_t index) const {
    double shift = before.shift;
    if (copies_.speed != 1 && workload_->requests[index].think.value() >= 0)
      shift = before.arrival + recorded(index) - recorded(before.index) - arrival(index);
    return {arrival(index) + shift, before.copy, index, shift, before.pass, 0, false};
  }

  // The copy's head at this place of all its passes' heads, which are rotated by the copy's offset.
  void add_head(std::uint32_t copy, std::uint64_t place) {
    const std::uint64_t heads = chains_.heads.size(), pass = place / heads, rotated = starts_[copy] + place % heads;
    if (pass == copies_.passes) return;
    const std::uint32_t index = chains_.heads[rotated % heads];
    const bool wraps = in_pass(index) + offsets_[copy] >= pass_s_;
    const double shift = static_cast<double>(pass) * pass_s_ + offsets_[copy] - (wraps ? pass_s_ : 0);
    coming_.push({arrival(index) + shift, copy, index, shift, pass, place, true});
  }

  std::shared_ptr<const Workload> workload_;
  Copies copies_;
  Chains chains_;
  double first_ = 0, pass_s_ = 0;
  std::vector<double> offsets_;
  std::vector<std::size_t> starts_;
  std::priority_queue<Coming, std::vector<Coming>, Later> coming_;
};

class Thinned final : public RequestSource {
 public:
  Thinned(std::unique_ptr<RequestSource> source, double probability, std::uint64_t seed)
      : source_(std::move(source)), probability_(probability), seed_(seed), random_(seed, 1) {
    if (!(probability > 0 && probability <= 1))
      throw core::InputError(
          fmt::format("found a share of {} of the requests; wanted above 0, at most 1", probability));
  }
  std::uint64_t count() const override { return probability_ == 1 ? source_->count() : 0; }
  bool waits() const override { return source_->waits(); }
  std::optional<Request> next() override {
    while (auto request = source_->next())
      if (kept(*request)) return request;
    return {};
  }

 private:
  bool kept(const Request& request) {
    if (request.session == 0) return random_.uniform() < probability_;
    return core::Random(seed_, std::uint64_t{request.session} << 1).uniform() < probability_;  // all of it, or nothing
  }
  std::unique_ptr<RequestSource> source_;
  double probability_;
  std::uint64_t seed_;
  core::Random random_;
};

class Paced final : public RequestSource {
 public:
  Paced(std::unique_ptr<RequestSource> source, Gaps gaps, RateCurve rate, std::uint64_t seed)
      : source_(std::move(source)), gaps_(gaps), rate_(std::move(rate)), random_(seed, 0) {}
  std::uint64_t count() const override { return std::isinf(rate_.total()) ? source_->count() : 0; }
  bool waits() const override { return source_->waits(); }
  std::optional<Request> next() override {
    auto request = source_->next();
    if (!request) return {};
    const auto arrival = rate_.reaches(units_ += gaps_(random_));
    if (!arrival) return {};
    if (!(*arrival <= latest_arrival_s))
      throw core::InputError("the workload would span more than 46 days: raise the rate or ask for fewer requests");
    request->arrival = core::Seconds(*arrival);
    return request;
  }

 private:
  std::unique_ptr<RequestSource> source_;
  Gaps gaps_;
  RateCurve rate_;
  core::Random random_;
  double units_ = 0;
};

class FirstOf final : public RequestSource {
 public:
  FirstOf(std::unique_ptr<RequestSource> source, std::uint64_t count) : source_(std::move(source)), left_(count) {}
  std::uint64_t count() const override {
    return source_->count() == 0 ? 0 : std::min(left_ + given_, source_->count());
  }
  bool waits() const override { return source_->waits(); }
  std::optional<Request> next() override {
    if (left_ == 0) return {};
    --left_;
    ++given_;
    return source_->next();
  }

 private:
  std::unique_ptr<RequestSource> source_;
  std::uint64_t left_, given_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> replayed(std::shared_ptr<const Workload> workload, const Copies& copies,
                                        std::uint64_t seed) {
  return std::make_unique<Replayed>(std::move(workload), copies, seed);
}

std::unique_ptr<RequestSource> thinned(std::unique_ptr<RequestSource> source, double probability, std::uint64_t seed) {
  return std::make_unique<Thinned>(std::move(source), probability, seed);
}

std::unique_ptr<RequestSource> paced(std::unique_ptr<RequestSource> source, Gaps gaps, RateCurve rate,
                                     std::uint64_t seed) {
  return std::make_unique<Paced>(std::move(source), gaps, std::move(rate), seed);
}

std::unique_ptr<RequestSource> first_of(std::unique_ptr<RequestSource> source, std::uint64_t count) {
  return std::make_unique<FirstOf>(std::move(source), count);
}

}  // namespace wordline::serve
