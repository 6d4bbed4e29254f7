#include "roofline_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace wordline::cli {

namespace {

double tflops(core::FlopsPerSecond rate) { return rate.value() / 1e12; }
double gbps(core::BytesPerSecond rate) { return rate.value() / 1e9; }
double us(core::Seconds time) { return time.in(core::microseconds(1)); }

bool flat(const chip::Ceiling& ceiling) { return ceiling.rate.value() > 0; }

// Operations a byte from which a flat ceiling lies below the slant of the simulated DRAM.
double ridge(const chip::Roofline& roof, const chip::Ceiling& ceiling) {
  return ceiling.rate.value() / roof.memory.front().bandwidth.value();
}

core::FlopsPerSecond highest(const chip::Roofline& roof) {
  core::FlopsPerSecond out;
  for (const auto& ceiling : roof.compute) out = std::max(out, ceiling.rate);
  return out;
}

struct Frame {
  double left, right, bottom, top;  // operations a byte, and TFLOP/s
};

Frame frame_of(const chip::Roofline& roof, const std::vector<RooflineDot>& dots) {
  const double bandwidth = roof.memory.front().bandwidth.value(), top = highest(roof).value();
  double left = 1, right = 10 * top / bandwidth, bottom = left * bandwidth;
  for (const auto& dot : dots) {
    if (dot.at.flops_per_byte() <= 0) continue;
    left = std::min(left, dot.at.flops_per_byte());
    right = std::max(right, dot.at.flops_per_byte());
    bottom = std::min(bottom, dot.flops_per_second());
  }
  constexpr double margin = 1.6;
  bottom = std::min(bottom, left * bandwidth);
  return {left / margin, right * margin, bottom / margin / 1e12, 2.5 * top / 1e12};
}

Json point(double x, double y) { return {{"x", x}, {"y", y}}; }

// A ceiling's line: flat ones from where the memory reaches them, named at their end; slanted ones up to the highest.
Json line(const chip::Roofline& roof, const chip::Ceiling& ceiling, const Frame& frame) {
  Json out{{"name", ceiling.name}, {"line", true}, {"size", 0}, {"color", flat(ceiling) ? Json("soft") : Json(7)}};
  if (flat(ceiling)) {
    const double from = std::clamp(ridge(roof, ceiling), frame.left, frame.right);
    out["points"] = {point(from, tflops(ceiling.rate)), point(frame.right, tflops(ceiling.rate))};
    out["points"][1]["named"] = ceiling.name;
  } else {
    const double top = tflops(highest(roof)), slope = ceiling.bandwidth.value() / 1e12;
    const double left = std::max(frame.left, frame.bottom / slope);
    out["points"] = {point(left, left * slope), point(top / slope, top)};
    if (ceiling.name != "DRAM peak") out["points"][1]["named"] = ceiling.name;  // too near the simulated one for a name
    out["dashed"] = &ceiling != &roof.memory.front();
  }
  for (auto& p : out["points"]) p["label"] = ceiling.name;
  return out;
}

// Formats that run equally fast share a line.
std::vector<chip::Ceiling> merged(const std::vector<chip::Ceiling>& ceilings) {
  std::vector<chip::Ceiling> out;
  for (const auto& ceiling : ceilings) {
    const auto same = std::find_if(out.begin(), out.end(), [&](const auto& c) { return c.rate == ceiling.rate; });
    if (same == out.end())
      out.push_back(ceiling);
    else
      same->name += ", " + ceiling.name;
  }
  return out;
}

Json dot_point(const chip::Roofline& roof, const RooflineDot& dot) {
  Json out = point(dot.at.flops_per_byte(), dot.flops_per_second() / 1e12);
  out["label"] = dot.name;
  out["detail"] = {fmt::format("{} µs each, bound by {}, {} of the step", three_digits(us(dot.each)),
                               chip::name_of(dot.bound), percent(dot.share)),
                   fmt::format("{} operations a byte", three_digits(dot.at.flops_per_byte())),
                   fmt::format("{} of {} TFLOP/s under its roof", three_digits(dot.flops_per_second() / 1e12),
                               three_digits(tflops(roof.at(dot.at.flops_per_byte(), dot.at.roof))))};
  if (dot.share >= 0.05) out["named"] = dot.name;
  return out;
}

}  // namespace

Json roofline_chart(const chip::Roofline& roof, const std::vector<RooflineDot>& dots) {
  const Frame frame = frame_of(roof, dots);
  Json series = Json::array();
  std::map<chip::Bound, Json> by_bound;
  std::vector<RooflineDot> ordered = dots;  // the viewer names the first of those that are too near each other
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
  for (const auto& dot : ordered)
    if (dot.at.flops_per_byte() > 0) by_bound[dot.bound].push_back(dot_point(roof, dot));
  for (const auto& [bound, points] : by_bound)
    series.push_back({{"name", "bound by " + chip::name_of(bound)},
                      {"points", points},
                      {"color", static_cast<int>(bound)},
                      {"shape", static_cast<int>(bound)}});
  for (const auto& ceiling : roof.memory) series.push_back(line(roof, ceiling, frame));
  for (const auto& ceiling : merged(roof.compute)) series.push_back(line(roof, ceiling, frame));
  return {{"type", "scatter"},
          {"series", series},
          {"height", 460},
          {"x", {{"label", "operations a byte"}, {"scale", "log"}, {"min", frame.left}, {"max", frame.right}}},
          {"y", {{"label", "TFLOP/s"}, {"scale", "log"}, {"min", frame.bottom}, {"max", frame.top}}},
          {"reading",
           "To the left the memory holds a kernel back, to the right the units that compute. How far a point "
           "lies below the lines is what launch, latency and tiles cost; above the DRAM's line lies only "
           "what finds its operands in the cache."},
          {"summary", "Roofline: ceilings as lines, kernels as points, both axes logarithmic"}};
}

Json ceilings_json(const chip::Roofline& roof) {
  Json out = Json::array();
  for (const auto& ceiling : roof.compute)
    out.push_back({{"name", ceiling.name}, {"tflops", tflops(ceiling.rate)}, {"ridge", ridge(roof, ceiling)}});
  for (const auto& ceiling : roof.memory) out.push_back({{"name", ceiling.name}, {"gbps", gbps(ceiling.bandwidth)}});
  return out;
}

std::string ceilings_text(const chip::Roofline& roof) {
  std::string out = fmt::format("{:<20}{:>12}  {:<8}{:>14}\n", "ceiling", "rate", "", "ridge, op/byte");
  for (const auto& ceiling : roof.compute)
    out += fmt::format("{:<20}{:>12.5g}  {:<8}{:>14.4g}\n", ceiling.name, tflops(ceiling.rate), "TFLOP/s",
                       ridge(roof, ceiling));
  for (const auto& ceiling : roof.memory)
    out += fmt::format("{:<20}{:>12.5g}  GB/s\n", ceiling.name, gbps(ceiling.bandwidth));
  return out;
}

Json dot_json(const chip::Roofline& roof, const RooflineDot& dot) {
  return {{"name", dot.name},
          {"flops_per_byte", dot.at.flops_per_byte()},
          {"achieved_tflops", dot.flops_per_second() / 1e12},
          {"ceiling_tflops", tflops(roof.at(dot.at.flops_per_byte(), dot.at.roof))},
          {"us", us(dot.each)},
          {"share", dot.share},
          {"bound", chip::name_of(dot.bound)}};
}

}  // namespace wordline::cli
