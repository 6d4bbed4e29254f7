#include <algorithm>
#include <cmath>
#include <queue>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/serve/ticks.h"
#include "wordline/serve/workload/servegen.h"

namespace wordline::serve {
namespace {

// One client's arrivals, by the same time warping as RateCurve: gaps of the law of the window in which they begin.
class Arriving {
 public:
  Arriving(const ServegenClient& client, double from_s, double to_s, double factor, std::uint64_t seed)
      : client_(client),
        to_s_(std::min(to_s, client.end_s)),
        factor_(factor),
        gaps_(seed, static_cast<std::uint64_t>(client.number) * 2),
        lengths_(seed, static_cast<std::uint64_t>(client.number) * 2 + 1),
        now_(from_s) {
    while (window_ + 1 < client.arrivals.size() && client.arrivals[window_ + 1].start_s <= now_) ++window_;
    now_ = std::max(now_, client.arrivals[window_].start_s);
  }

  // The next arrival; nothing after the end.
  std::optional<double> next() {
    const auto& windows = client_.arrivals;
    double left = -1;  // of the gap, at rate 1
    while (now_ < to_s_) {
      const double rate = windows[window_].per_second * factor_;
      const double end = std::min(to_s_, window_ + 1 < windows.size() ? windows[window_ + 1].start_s : client_.end_s);
      if (rate > 0 && left < 0) left = windows[window_].gaps(gaps_);
      if (rate > 0 && now_ + left / rate < end) {
        now_ += left / rate;
        return now_;
      }
      if (rate > 0) left -= rate * (end - now_);
      left = rate > 0 ? std::max(left, 0.0) : left;
      now_ = end;
      if (window_ + 1 < windows.size()) ++window_;
    }
    return {};
  }

  std::pair<std::int32_t, std::int32_t> lengths_at(double time) {
    const auto& all = client_.lengths;
    const auto after =
        std::upper_bound(all.begin(), all.end(), time, [](double t, const auto& window) { return t < window.start_s; });
    const auto& window = after == all.begin() ? *after : *(after - 1);
    const std::int32_t prompt = window.prompt.sample(lengths_);
    return {prompt, window.output.sample(lengths_)};
  }

 private:
  const ServegenClient& client_;
  double to_s_, factor_;
  core::Random gaps_, lengths_;
  double now_;
  std::size_t window_ = 0;
};

class OfPool final : public RequestSource {
 public:
  OfPool(std::shared_ptr<const ServegenPool> pool, const ServegenPart& part, std::uint64_t seed)
      : pool_(std::move(pool)), from_s_(part.from.value()) {
    const double to = std::min(from_s_ + part.duration.value(), pool_->end_s);
    if (!(from_s_ >= 0) || !(to > from_s_))
      throw core::InputError(fmt::format("{}: found no request from {} s on; wanted a part of 0 to {} s", pool_->name,
                                         from_s_, pool_->end_s));
    if (!(to - from_s_ <= latest_arrival_s)) throw core::InputError("the workload would span more than 46 days");
    if (!(part.rate_factor > 0) || !std::isfinite(part.rate_factor))
      throw core::InputError("a pool's rate must be above 0");
    for (const auto& client : pool_->clients) clients_.emplace_back(client, from_s_, to, part.rate_factor, seed);
    for (std::size_t i = 0; i < clients_.size(); ++i) advance(i);
  }
  std::uint64_t count() const override { return 0; }
  bool waits() const override { return false; }
  std::optional<Request> next() override {
    if (coming_.empty()) return {};
    const auto [arrival, client] = coming_.top();
    coming_.pop();
    const auto [prompt, output] = clients_[client].lengths_at(arrival);
    advance(client);
    return Request{core::Seconds(arrival - from_s_), prompt, output};
  }

 private:
  void advance(std::size_t client) {
    if (const auto arrival = clients_[client].next()) coming_.emplace(*arrival, client);
  }
  std::shared_ptr<const ServegenPool> pool_;
  double from_s_;
  std::vector<Arriving> clients_;
  using Coming = std::pair<double, std::size_t>;
  std::priority_queue<Coming, std::vector<Coming>, std::greater<>> coming_;
};

}  // namespace

std::int32_t TokenPdf::sample(core::Random& random) const {
  const double at = random.uniform() * up_to.back();
  const auto found = std::upper_bound(up_to.begin(), up_to.end() - 1, at);
  return tokens[static_cast<std::size_t>(found - up_to.begin())];
}

std::unique_ptr<RequestSource> source_of(std::shared_ptr<const ServegenPool> pool, const ServegenPart& part,
                                         std::uint64_t seed) {
  return std::make_unique<OfPool>(std::move(pool), part, seed);
}

}  // namespace wordline::serve
