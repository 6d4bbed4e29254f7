#include "wordline/serve/workload/describe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/core/statistics.h"

namespace wordline::serve {
namespace {

constexpr std::array windows_s = {1.0, 10.0, 60.0, 600.0};
constexpr std::size_t rank_sample = std::size_t{1} << 18;
constexpr std::size_t most_windows = 1024;
constexpr int least_windows = 10;  // for an index of dispersion

// Counts by value: exact, and small where values repeat.
class Lengths {
 public:
  void add(std::int32_t tokens) { ++counts_[tokens]; }
  TokenStatistics result() const {
    const std::map<std::int32_t, std::uint64_t> sorted(counts_.begin(), counts_.end());
    TokenStatistics out;
    std::uint64_t count = 0;
    double sum = 0;
    for (const auto& [tokens, times] : sorted) {
      count += times;
      sum += static_cast<double>(tokens) * static_cast<double>(times);
    }
    out.mean = sum / static_cast<double>(count);
    out.max = sorted.rbegin()->first;
    const auto at = [&](double p) { return percentile(sorted, count, p); };
    out.p50 = at(50), out.p90 = at(90), out.p99 = at(99);
    for (int i = 0; i <= 200; ++i) out.distribution.push_back({at(i / 2.0), i / 200.0});
    return out;
  }

 private:
  static double percentile(const std::map<std::int32_t, std::uint64_t>& sorted, std::uint64_t count, double p) {
    const double rank = p / 100 * static_cast<double>(count - 1);
    const auto below = static_cast<std::uint64_t>(rank);
    std::uint64_t up_to = 0;
    for (auto at = sorted.begin(); at != sorted.end(); ++at) {
      up_to += at->second;
      if (up_to <= below) continue;
      const auto after = std::next(at);
      if (up_to > below + 1 || after == sorted.end()) return at->first;
      return at->first + (rank - static_cast<double>(below)) * (after->first - at->first);
    }
    return sorted.rbegin()->first;
  }
  std::unordered_map<std::int32_t, std::uint64_t> counts_;
};

// Mean and variance of the arrivals in windows of one width.
class Windows {
 public:
  explicit Windows(double width) : width_(width) {}
  void add(double since_first) {
    const auto window = static_cast<std::uint64_t>(since_first / width_);
    if (window != at_) close(window);
    ++inside_;
  }
  // Of the whole windows up to the last arrival.
  double windows() const { return static_cast<double>(at_); }
  double index() const {
    const double mean = sum_ / windows();
    return mean > 0 ? (squares_ / windows() - mean * mean) / mean : 0;
  }
  double width() const { return width_; }

 private:
  void close(std::uint64_t next) {
    sum_ += inside_;
    squares_ += inside_ * inside_;
    inside_ = 0;
    at_ = next;
  }
  double width_, inside_ = 0, sum_ = 0, squares_ = 0;
  std::uint64_t at_ = 0;
};

// Arrivals over time in at most most_windows windows, which double where the workload is longer.
class OverTime {
 public:
  void add(double since_first) {
    while (since_first / width_ >= static_cast<double>(most_windows)) widen();
    const auto window = static_cast<std::size_t>(since_first / width_);
    if (window >= counts_.size()) counts_.resize(window + 1);
    ++counts_[window];
  }
  double width() const { return width_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }

 private:
  void widen() {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const std::uint64_t count = counts_[i];
      counts_[i] = 0;
      counts_[i / 2] += count;
    }
    counts_.resize((counts_.size() + 1) / 2);
    width_ *= 2;
  }
  double width_ = 1;
  std::vector<std::uint64_t> counts_;
};

// Ranks from 0, equals sharing their mean.
std::vector<double> ranks(const std::vector<std::int32_t>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t i = 0, end; i < order.size(); i = end) {
    for (end = i; end < order.size() && values[order[end]] == values[order[i]];) ++end;
    for (std::size_t k = i; k < end; ++k) out[order[k]] = static_cast<double>(i + end - 1) / 2;
  }
  return out;
}

// Pairs of lengths: all, or a uniform sample of them (Vitter's algorithm R).
class Pairs {
 public:
  void add(const Request& request) {
    ++seen_;
    if (prompts_.size() < rank_sample) {
      prompts_.push_back(request.prompt_tokens);
      outputs_.push_back(request.output_tokens);
    } else if (const std::uint64_t at = random_.below(seen_); at < rank_sample) {
      prompts_[at] = request.prompt_tokens;
      outputs_[at] = request.output_tokens;
    }
  }
  double spearman() const {
    const auto x = ranks(prompts_), y = ranks(outputs_);
    const double mean = (static_cast<double>(x.size()) - 1) / 2;
    double xy = 0, xx = 0, yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      xy += (x[i] - mean) * (y[i] - mean);
      xx += (x[i] - mean) * (x[i] - mean);
      yy += (y[i] - mean) * (y[i] - mean);
    }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
  }

 private:
  std::uint64_t seen_ = 0;
  core::Random random_{0, 0};
  std::vector<std::int32_t> prompts_, outputs_;
};

// Mean and deviation as values come (Welford).
struct Moments {
  void add(double x) {
    count += 1;
    const double before = x - mean;
    mean += before / count;
    squares += before * (x - mean);
  }
  double cv() const { return count > 0 && mean > 0 ? std::sqrt(squares / count) / mean : 0; }
  double count = 0, mean = 0, squares = 0;
};

}  // namespace

Description describe(RequestSource& source, int block_size) {
  Description out;
  Lengths prompts, outputs;
  std::vector<Windows> windows(windows_s.begin(), windows_s.end());
  OverTime over_time;
  Pairs pairs;
  Moments gaps;
  core::Sketch gap_sketch;
  ReuseMeter reuse(block_size);
  std::unordered_map<std::uint32_t, std::uint64_t> turns;
  double last = 0;
  while (const auto request = source.next()) {
    const double at = request->arrival.value();
    if (out.requests++ == 0) {
      out.first_s = at;
    } else {
      gaps.add(at - last);
      gap_sketch.add(at - last);
    }
    last = at;
    prompts.add(request->prompt_tokens);
    outputs.add(request->output_tokens);
    out.prompt_tokens += request->prompt_tokens;
    out.output_tokens += request->output_tokens;
    for (auto& window : windows) window.add(at - out.first_s);
    over_time.add(at - out.first_s);
    pairs.add(*request);
    reuse.add(*request);
    if (request->session != 0) ++turns[request->session];
    out.waits = out.waits || request->think.value() >= 0;
  }
  if (out.requests == 0) throw core::InputError("the workload has no request; wanted one");
  out.span_s = last - out.first_s;
  out.rate = gaps.mean > 0 ? 1 / gaps.mean : 0;
  out.gap_cv = gaps.cv();
  if (gaps.count > 0)
    for (int i = 0; i <= 200; ++i) out.gaps.push_back({gap_sketch.percentile(i / 2.0), i / 200.0});
  for (const auto& window : windows)
    if (window.windows() >= least_windows) out.dispersion.push_back({window.width(), window.index()});
  out.prompt = prompts.result();
  out.output = outputs.result();
  out.rank_correlation = pairs.spearman();
  out.reuse = reuse.result();
  out.sessions = turns.size();
  for (const auto& [session, count] : turns) {
    out.in_sessions += count;
    out.most_turns = std::max(out.most_turns, count);
  }
  if (out.sessions > 0) out.mean_turns = static_cast<double>(out.in_sessions) / static_cast<double>(out.sessions);
  out.window_s = over_time.width();
  out.arrivals = over_time.counts();
  return out;
}

namespace {

using Json = nlohmann::ordered_json;

void add(Json& out, const std::string& what, const TokenStatistics& tokens) {
  out["mean_" + what + "_tokens"] = tokens.mean;
  out["p50_" + what + "_tokens"] = tokens.p50;
  out["p90_" + what + "_tokens"] = tokens.p90;
  out["p99_" + what + "_tokens"] = tokens.p99;
  out["max_" + what + "_tokens"] = tokens.max;
}

Json reuse_json(const Reuse& reuse) {
  const auto blocks = static_cast<double>(reuse.blocks);
  Json curve = Json::array();
  for (const auto& point : reuse.curve)
    curve.push_back({{"cache_blocks", point.cache_blocks}, {"share", point.found / blocks}});
  return {{"block_size", reuse.block_size},
          {"blocks", reuse.blocks},
          {"found_share", reuse.found / blocks},
          {"found_token_share", reuse.found_tokens / static_cast<double>(reuse.tokens)},
          {"distinct_blocks", reuse.distinct_blocks},
          {"sampled", reuse.sampled},
          {"by_lru_cache", curve}};
}

}  // namespace

Json to_json(const Description& d) {
  Json out;
  out["num_prompts"] = d.requests;
  out["first_arrival_s"] = d.first_s;
  out["span_s"] = d.span_s;
  out["request_rate"] = d.rate;
  out["gap_cv"] = d.gap_cv;
  out["index_of_dispersion"] = Json::array();
  for (const auto& each : d.dispersion)
    out["index_of_dispersion"].push_back({{"window_s", each.window_s}, {"index", each.index}});
  out["total_input_tokens"] = d.prompt_tokens;
  out["total_output_tokens"] = d.output_tokens;
  add(out, "prompt", d.prompt);
  add(out, "output", d.output);
  out["rank_correlation"] = d.rank_correlation;
  out["reuse"] = reuse_json(d.reuse);
  out["sessions"] = {{"count", d.sessions},
                     {"requests", d.in_sessions},
                     {"mean_turns", d.mean_turns},
                     {"max_turns", d.most_turns},
                     {"later_turns_wait", d.waits}};
  out["arrivals"] = {{"window_s", d.window_s}, {"counts", d.arrivals}};
  return out;
}

}  // namespace wordline::serve
