#include "wordline/chip/memory_path.h"

#include <algorithm>
#include <array>
#include <bit>

namespace wordline::chip {

namespace {

// Shares of the peak at which the latency is asked for; between them it is a straight line in what is in flight.
constexpr std::array loads = {0.02, 0.3, 0.5, 0.65, 0.75, 0.82, 0.88};

}  // namespace

MemoryPath::MemoryPath(const Chip& chip, Streams streams)
    : memory_(chip.memory), path_latency_(chip.load.latency.value()), streams_(std::move(streams)) {}

const Streamed& MemoryPath::streamed(double reads, double piece) {
  const std::uint64_t rounded = std::bit_floor(static_cast<std::uint64_t>(piece));
  for (const Known& known : known_)
    if (known.reads == reads && known.piece == rounded) return known.streamed;
  known_.push_back({reads, rounded, streams_(memory_, reads, core::bytes(static_cast<double>(rounded)), 1)});
  return known_.back().streamed;
}

const std::vector<MemoryPath::Point>& MemoryPath::curve() {
  if (!curve_.empty()) return curve_;
  const auto add = [&](const Streamed& at) {
    const double bandwidth = at.bandwidth.value(), in_flight = bandwidth * (at.latency.value() + path_latency_);
    // A queue that is full tells its own depth, not what is needed: the curve ends where the bandwidth does not grow.
    if (curve_.empty() || (bandwidth > curve_.back().bandwidth && in_flight > curve_.back().in_flight))
      curve_.push_back({bandwidth, in_flight});
  };
  for (const double load : loads) {
    const Streamed at = streams_(memory_, 1, {}, load);
    if (curve_.empty()) unloaded_ = at.latency.value() + path_latency_;
    add(at);
  }
  return curve_;
}

double MemoryPath::unloaded_latency() {
  curve();
  return unloaded_;
}

double MemoryPath::bandwidth(const Streamed& pattern, double in_flight) {
  const double most = pattern.bandwidth.value();
  if (in_flight <= 0) return most;
  const auto& points = curve();
  const auto after = std::lower_bound(points.begin(), points.end(), in_flight,
                                      [](const Point& p, double x) { return p.in_flight < x; });
  double got = 0;
  if (after == points.end()) {
    // Beyond the last point towards saturation: the latency grows with what is in flight, at the saturated rate.
    const Point& last = points.back();
    const double saturated = std::max(most, last.bandwidth);
    const double latency = last.in_flight / last.bandwidth;
    got = std::min(saturated, in_flight / latency);
  } else if (after == points.begin()) {
    got = in_flight / (after->in_flight / after->bandwidth);
  } else {
    const Point &a = *(after - 1), &b = *after;
    got = a.bandwidth + (b.bandwidth - a.bandwidth) * (in_flight - a.in_flight) / (b.in_flight - a.in_flight);
  }
  return std::min(most, got);
}

double MemoryPath::seconds(double read, double written, double paged, double page) {
  const double beside = std::min(read, written);
  double out = 0;
  if (written > 0) out += (written + beside) / streamed(0.5, 0).bandwidth.value();
  if (read > beside) out += (read - beside) / streamed(1, 0).bandwidth.value();
  if (paged > 0) out += paged / streamed(1, page).bandwidth.value();
  return out;
}

double MemoryPath::joules(double read, double written, double paged, double page) {
  const double beside = std::min(read, written);
  double out = 0;
  if (written > 0) out += (written + beside) * streamed(0.5, 0).energy.value();
  if (read > beside) out += (read - beside) * streamed(1, 0).energy.value();
  if (paged > 0) out += paged * streamed(1, page).energy.value();
  return out;
}

}  // namespace wordline::chip
