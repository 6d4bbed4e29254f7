#include "wordline/serve/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <queue>

#include "wordline/core/error.h"

namespace wordline::serve {
namespace {

// Nanoseconds, which never go back where ticks do not.
std::int64_t ns(Ticks time) { return static_cast<std::int64_t>(static_cast<core::Int128>(time) * 1'000'000'000 >> 40); }

std::string name_of(const StepRun& run) {
  std::string name;
  if (run.shape->decode_sequences > 0) name = fmt::format("decode {}", run.shape->decode_sequences);
  const std::int64_t tokens = run.shape->prompt_tokens();
  if (tokens > 0) name += fmt::format("{}prefill {}", name.empty() ? "" : " + ", tokens);
  return name;
}

}  // namespace

DrawnWindow DrawnWindow::parse(const std::string& text, const std::string& option) {
  DrawnWindow out;
  const auto colon = text.find(':');
  const auto number = [&](const std::string& part, core::Seconds& into) {
    if (part.empty()) return true;
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    into = core::Seconds(value);
    return error == std::errc() && end == part.data() + part.size() && value >= 0 && value <= latest_arrival_s;
  };
  if (colon == std::string::npos || !number(text.substr(0, colon), out.begin) ||
      !number(text.substr(colon + 1), out.end) || out.end <= out.begin)
    throw core::UsageError(fmt::format("{}: found \"{}\"; wanted FROM:TO in seconds", option, text));
  return out;
}

Timeline::Timeline(const std::filesystem::path& file, std::size_t replicas, const DrawnWindow& window)
    : out_(file),
      begin_(to_ticks(window.begin)),
      end_(to_ticks(window.end)),
      requests_left_(window.most_requests),
      steps_left_(window.most_steps),
      ended_(replicas) {
  for (std::size_t i = 0; i < replicas; ++i) {
    Tracks tracks{};
    tracks.all = out_.track(fmt::format("replica {}", i));
    tracks.steps = out_.track("steps", tracks.all);
    tracks.running = out_.counter("running", "requests", tracks.all);
    tracks.waiting = out_.counter("waiting", "requests", tracks.all);
    tracks.blocks = out_.counter("KV cache", "blocks", tracks.all);
    tracks.power = out_.counter("power of the steps", "W", tracks.all);
    replicas_.push_back(tracks);
  }
}

// Nothing runs from here on.
void Timeline::rest(Tracks& tracks, Ticks at) {
  out_.count(tracks.running, 0, ns(at));
  out_.count(tracks.power, 0, ns(at));
}

void Timeline::on_steps(std::size_t replica, const StepRun& run) {
  if (!within(run.begin, run.end)) return;
  if (steps_left_ == 0) {
    cut_ = true;
    return;
  }
  --steps_left_;
  Tracks& tracks = replicas_[replica];
  if (tracks.drawn_to > 0 && tracks.drawn_to < run.begin) rest(tracks, tracks.drawn_to);
  const std::int64_t begin = ns(run.begin), end = ns(run.end);
  const double seconds = to_seconds(run.end - run.begin).value();
  const double joules = to_joules(static_cast<double>(run.cost.energy)).value();
  out_.begin(tracks.steps, name_of(run), begin,
             {{"steps", run.steps},
              {"ms a step", seconds * 1e3 / static_cast<double>(run.steps)},
              {"sequences", run.shape->sequences()},
              {"context tokens", run.shape->decode_context_tokens},
              {"joules", joules}});
  out_.end(tracks.steps, end);
  out_.count(tracks.running, run.shape->sequences(), begin);
  out_.count(tracks.waiting, run.waiting, begin);
  out_.count(tracks.blocks, run.blocks_used, begin);
  out_.count(tracks.power, std::llround(joules / seconds), begin);
  tracks.drawn_to = run.end;
}

void Timeline::on_end(std::size_t replica, const Ended& ended) {
  if (!within(ended.arrival, std::max(ended.last, ended.arrival + 1))) return;
  if (requests_left_ == 0) {
    cut_ = true;
    return;
  }
  --requests_left_;
  ended_[replica].push_back(ended);
}

void Timeline::draw(core::Perfetto::Track lane, const Ended& request) {
  if (request.status == Status::rejected) {
    out_.instant(lane, fmt::format("request {} refused", request.id), ns(request.arrival),
                 {{"prompt tokens", request.prompt_tokens}, {"output tokens", request.output_tokens}});
    return;
  }
  const auto part = [&](const char* name, Ticks begin, Ticks end) {
    if (ns(begin) == ns(end)) return;
    out_.begin(lane, name, ns(begin));
    out_.end(lane, ns(end));
  };
  out_.begin(lane, fmt::format("request {}", request.id), ns(request.arrival),
             {{"prompt tokens", request.prompt_tokens},
              {"output tokens", request.output_tokens},
              {"TTFT ms", to_seconds(request.first - request.arrival).value() * 1e3},
              {"longest gap ms", to_seconds(request.longest_gap).value() * 1e3}});
  part("queued", request.arrival, request.begun);
  part("prefill", request.begun, request.first);
  part("decode", request.first, request.last);
  out_.end(lane, ns(request.last));
}

// Each request in the lowest lane that is free when it arrives.
void Timeline::draw_requests(std::size_t replica) {
  auto& requests = ended_[replica];
  std::sort(requests.begin(), requests.end(), [](const Ended& a, const Ended& b) {
    return a.arrival != b.arrival ? a.arrival < b.arrival : a.id < b.id;
  });
  std::vector<core::Perfetto::Track> lanes;
  using Free = std::pair<Ticks, std::size_t>;  // since when
  std::priority_queue<Free, std::vector<Free>, std::greater<>> busy;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
  for (const Ended& request : requests) {
    for (; !busy.empty() && busy.top().first <= request.arrival; busy.pop()) free.push(busy.top().second);
    if (free.empty()) {
      free.push(lanes.size());
      lanes.push_back(out_.track(fmt::format("requests, lane {}", lanes.size()), replicas_[replica].all));
    }
    const std::size_t lane = free.top();
    free.pop();
    busy.emplace(std::max(request.last, request.arrival + 1), lane);
    draw(lanes[lane], request);
  }
}

void Timeline::close() {
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    if (replicas_[i].drawn_to > 0) rest(replicas_[i], replicas_[i].drawn_to);
    draw_requests(i);
  }
  out_.close();
}

}  // namespace wordline::serve
