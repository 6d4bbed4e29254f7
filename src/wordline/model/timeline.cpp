#include "wordline/model/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/core/perfetto.h"

namespace wordline::model {

namespace {

using Lines = std::vector<StepTimer::Line>;

// The end of the block that begins at `first`: the last op that repeats, what lies between runs in some layer.
std::size_t block_end(const Lines& lines, std::size_t first) {
  std::size_t end = first + 1;
  if (lines[first].op.count == 1) return end;
  for (std::size_t i = end; i < lines.size(); ++i)
    if (lines[i].op.count > 1) end = i + 1;
  return end;
}

// In which of so many layers an op runs `count` times: the first ones where that is few of them, the last ones where it
// is most, else evenly spread; transfers always (those between stages).
bool runs_in(int layer, const Op& op, int count, int layers) {
  const bool kernel = std::holds_alternative<chip::Kernel>(op.work);
  if (kernel && 4 * count <= layers) return layer < count;
  if (kernel && 4 * count >= 3 * layers) return layer >= layers - count;
  const auto before = [&](int l) { return static_cast<std::int64_t>(l) * count / layers; };
  return before(layer + 1) > before(layer);
}

// For each op of a block, whether an earlier one of the same name runs in just the layers that are left.
bool completes(const Lines& lines, std::size_t first, std::size_t op, int layers) {
  for (std::size_t i = first; i < op; ++i)
    if (lines[i].op.name() == lines[op].op.name() && lines[i].op.count + lines[op].op.count == layers) return true;
  return false;
}

std::int64_t ns(core::Seconds time) { return std::llround(time.value() * 1e9); }

// The longest share of a line's time but the launch.
chip::Bound body_of(const StepCost& cost) {
  chip::Bound out = chip::Bound::launch;
  for (std::size_t i = 0; i < chip::bounds; ++i) {
    const auto bound = static_cast<chip::Bound>(i);
    if (bound == chip::Bound::launch) continue;
    if (out == chip::Bound::launch || cost.by_bound[i] > cost.by_bound[static_cast<std::size_t>(out)]) out = bound;
  }
  return out;
}

// The tracks of a step as they are drawn.
class Drawing {
 public:
  Drawing(const std::filesystem::path& file, const std::string& title)
      : out_(file),
        step_(out_.track(title)),
        layers_(out_.track("layers", step_)),
        kernels_(out_.track("kernels", step_)),
        transfers_(out_.track("transfers", step_)),
        power_(out_.counter("power of all chips", "W", step_)) {}

  void layer(int layer, std::int64_t now) {
    if (layer == layer_) return;
    if (layer_ >= 0) out_.end(layers_, now);
    if (layer >= 0) out_.begin(layers_, fmt::format("layer {}", layer), now);
    layer_ = layer;
  }

  // One run, with its launch and what bounds the rest inside.
  void run(const StepTimer::Line& line, const Run& run) {
    const std::int64_t from = ns(run.start), to = ns(run.start + run.duration);
    const double count = line.op.count, us = run.duration.in(core::microseconds(1));
    if (run.duration.value() > 0)
      out_.count(power_, std::llround(line.cost.joules.value() / line.cost.time.value()), from);
    const auto* const kernel = std::get_if<chip::Kernel>(&line.op.work);
    const auto track = kernel ? kernels_ : transfers_;
    if (kernel) {
      const chip::Counts counts = chip::counts_of(*kernel);
      out_.begin(track, line.op.name(), from,
                 {{"flops", counts.matrix.value()},
                  {"bytes", counts.bytes().value()},
                  {"us", us},
                  {"mJ", line.cost.joules.value() / count * 1e3}});
    } else {
      const double bytes = std::get<cluster::Transfer>(line.op.work).bytes.value();
      out_.begin(track, line.op.name(), from, {{"bytes", bytes}, {"us", us}});
    }
    const core::Seconds launch = line.cost.by_bound[static_cast<std::size_t>(chip::Bound::launch)] / count;
    const std::int64_t body = std::clamp(ns(run.start + launch), from, to);
    part(track, chip::Bound::launch, from, body);
    part(track, body_of(line.cost), body, to);
    out_.end(track, to);
  }

  void close(std::int64_t now) {
    layer(-1, now);
    out_.count(power_, 0, now);
    out_.close();
  }

 private:
  void part(core::Perfetto::Track track, chip::Bound bound, std::int64_t from, std::int64_t to) {
    if (from == to) return;
    out_.begin(track, chip::name_of(bound), from);
    out_.end(track, to);
  }

  core::Perfetto out_;
  core::Perfetto::Track step_, layers_, kernels_, transfers_, power_;
  int layer_ = -1;
};

}  // namespace

std::vector<Run> runs(const Lines& lines) {
  std::vector<Run> out;
  core::Seconds now;
  int layers_before = 0;
  for (std::size_t first = 0; first < lines.size();) {
    const std::size_t end = block_end(lines, first);
    int layers = 1;
    for (std::size_t i = first; i < end; ++i) layers = std::max(layers, lines[i].op.count);
    for (int layer = 0; layer < layers; ++layer)
      for (std::size_t i = first; i < end; ++i) {
        const Op& op = lines[i].op;
        const bool rest = op.count < layers && completes(lines, first, i, layers);
        if (rest ? runs_in(layer, op, layers - op.count, layers) : !runs_in(layer, op, op.count, layers)) continue;
        const core::Seconds each = lines[i].cost.time / op.count;
        out.push_back({i, layers > 1 ? layers_before + layer : -1, now, each});
        now += each;
      }
    if (layers > 1) layers_before += layers;
    first = end;
  }
  return out;
}

void write_timeline(const std::filesystem::path& file, const Lines& lines, const std::string& title) {
  Drawing drawing(file, title);
  core::Seconds end;
  for (const Run& run : runs(lines)) {
    drawing.layer(run.layer, ns(run.start));
    drawing.run(lines[run.line], run);
    end = run.start + run.duration;
  }
  drawing.close(ns(end));
}

}  // namespace wordline::model
