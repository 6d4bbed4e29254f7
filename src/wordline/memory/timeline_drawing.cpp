// From a channel's recorded commands to tracks and slices.
#include <fmt/format.h>

#include "wordline/core/wide.h"
#include "wordline/memory/timeline.h"

namespace wordline::memory {

using dram::Effect;
using dram::Tick;
using Track = core::Perfetto::Track;

class TimelineDrawing {
 public:
  TimelineDrawing(const Timeline& line, core::Perfetto& out, const core::Clock& clock)
      : line_(line), standard_(line.standard_), out_(out), clock_(clock), depths_(line.depths_) {}

  void draw(const std::string& name, Tick end) {
    make_tracks(name);
    const Tick from = std::min(line_.from_, end);
    rows_.assign(line_.open_rows_.size(), -1);
    for (std::size_t bank = 0; bank < rows_.size(); ++bank)
      if (line_.open_rows_[bank] >= 0) open(static_cast<int>(bank), line_.open_rows_[bank], from);
    for (std::size_t i = 0; i < depths_.size(); ++i) out_.count(queues_[i], depths_[i], ns(from));
    for (const auto& step : line_.steps_) step.change ? count(step) : command(step);
    const Tick last =
        std::max(std::min(line_.to_, end), line_.steps_.empty() ? from : line_.steps_.back().command.tick);
    for (std::size_t bank = 0; bank < rows_.size(); ++bank) close(static_cast<int>(bank), last);
  }

 private:
  // A tick's time, rounded down to whole nanoseconds (or picoseconds, drawn as nanoseconds): order is kept.
  std::int64_t ns(Tick tick) const {
    const core::Int128 unit = line_.picoseconds_ ? 1 : 1000;
    return static_cast<std::int64_t>(static_cast<core::Int128>(tick) * clock_.numerator_ps() /
                                     (clock_.denominator() * unit));
  }
  double clocks(Tick tick) const { return static_cast<double>(tick) / standard_.ticks_per_clock; }

  void make_tracks(const std::string& name) {
    const dram::Geometry& geometry = standard_.geometry;
    nodes_.resize(static_cast<std::size_t>(geometry.depth()));
    nodes_[0] = {out_.track(name)};
    for (std::size_t level = 0; level < nodes_.size(); ++level) {
      if (level > 0)
        for (int node = 0; node < geometry.nodes[level]; ++node)
          nodes_[level].push_back(
              out_.track(fmt::format("{} {}", geometry.levels[level], node % geometry.sizes[level]),
                         nodes_[level - 1][static_cast<std::size_t>(node / geometry.sizes[level])]));
      if (static_cast<int>(level) == standard_.data_bus_level) make_bus_tracks(nodes_[level]);
    }
  }

  void make_bus_tracks(const std::vector<Track>& parents) {
    for (const Track parent : parents) {
      buses_.push_back(out_.track("data bus", parent));
      queues_.push_back(out_.counter("reads waiting", "accesses", parent));
      queues_.push_back(out_.counter("writes waiting", "accesses", parent));
    }
  }

  Track bank_track(int bank) const { return nodes_.back()[static_cast<std::size_t>(bank)]; }

  void open(int bank, std::int32_t row, Tick at) {
    out_.begin(bank_track(bank), fmt::format("row {}", row), ns(at));
    rows_[static_cast<std::size_t>(bank)] = row;
  }

  void close(int bank, Tick at) {
    if (rows_[static_cast<std::size_t>(bank)] < 0) return;
    out_.end(bank_track(bank), ns(at));
    rows_[static_cast<std::size_t>(bank)] = -1;
  }

  void slice(Track track, const dram::CommandSpec& spec, const Timeline::Step& step, Tick length) {
    const Tick at = step.command.tick;
    if (spec.burst > 0)
      out_.begin(track, spec.name, ns(at),
                 {{"clock", clocks(at)}, {"column", step.command.column}, {"access", step.access}});
    else
      out_.begin(track, spec.name, ns(at), {{"clock", clocks(at)}});
    out_.end(track, ns(at + length));
  }

  void command(const Timeline::Step& step) {
    const dram::CommandSpec& spec = standard_.spec(step.command.id);
    const Tick at = step.command.tick;
    const std::vector<int> banks = standard_.reached(step.command.id, step.command.bank);
    if (spec.effect == Effect::activate)
      for (const int bank : banks) open(bank, step.command.row, at);
    if (spec.effect == Effect::precharge)
      for (const int bank : banks) close(bank, at);
    const Tick length = std::max(spec.occupies, spec.busy);
    const auto level = static_cast<std::size_t>(spec.level);
    if (spec.reach == dram::Reach::same_bank)
      for (const int bank : banks) slice(bank_track(bank), spec, step, length);
    else
      slice(nodes_[level][static_cast<std::size_t>(standard_.geometry.node(spec.level, step.command.bank))], spec, step,
            length);
    if (spec.burst > 0) burst(spec, step);
    if (spec.auto_precharge)
      for (const int bank : banks) close(bank, at + spec.occupies);
  }

  void burst(const dram::CommandSpec& spec, const Timeline::Step& step) {
    const Track bus = buses_[line_.bus_of(step.command.bank)];
    const Tick at = step.command.tick + spec.latency;
    out_.begin(bus, spec.effect == Effect::read ? "read" : "write", ns(at),
               {{"clock", clocks(at)},
                {"bank", step.command.bank},
                {"row", rows_[static_cast<std::size_t>(step.command.bank)]},
                {"column", step.command.column}});
    out_.end(bus, ns(at + spec.burst));
  }

  void count(const Timeline::Step& step) {
    const std::size_t i = 2 * line_.bus_of(step.command.bank) + step.write;
    out_.count(queues_[i], depths_[i] += step.change, ns(step.command.tick));
  }

  const Timeline& line_;
  const dram::Standard& standard_;
  core::Perfetto& out_;
  const core::Clock& clock_;
  std::vector<std::vector<Track>> nodes_;  // by level
  std::vector<Track> buses_, queues_;
  std::vector<std::int32_t> rows_;
  std::vector<std::int64_t> depths_;
};

void Timeline::write(core::Perfetto& out, const std::string& name, const core::Clock& clock, Tick end) const {
  TimelineDrawing(*this, out, clock).draw(name, end);
}

}  // namespace wordline::memory
