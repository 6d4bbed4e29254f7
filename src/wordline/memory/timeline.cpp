#include "wordline/memory/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "wordline/core/error.h"

namespace wordline::memory {

using dram::Effect;
using dram::Tick;

TimelineWindow TimelineWindow::parse(const std::string& text) {
  TimelineWindow window;
  const auto fail = [&] {
    return core::UsageError(
        fmt::format("--timeline-clocks: found \"{}\"; wanted FROM:TO in clocks, such as 1000:2000", text));
  };
  const auto colon = text.find(':');
  if (colon == std::string::npos) throw fail();
  const auto read = [&](std::string_view part, std::int64_t& into) {
    if (part.empty()) return;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), into);
    if (error != std::errc() || end != part.data() + part.size() || into < 0) throw fail();
  };
  read(std::string_view(text).substr(0, colon), window.from);
  read(std::string_view(text).substr(colon + 1), window.to);
  if (window.to <= window.from) throw fail();
  return window;
}

Timeline::Timeline(const dram::Standard& standard, const TimelineWindow& window)
    : standard_(standard), picoseconds_(window.picoseconds) {
  constexpr Tick last = std::numeric_limits<Tick>::max();
  const Tick clock = standard.ticks_per_clock;
  from_ = window.from > last / clock ? last : window.from * clock;
  to_ = window.to > last / clock ? last : window.to * clock;
  open_rows_.assign(static_cast<std::size_t>(standard.geometry.banks()), -1);
  depths_.assign(
      2 * static_cast<std::size_t>(standard.geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]), 0);
}

std::size_t Timeline::bus_of(int bank) const {
  return static_cast<std::size_t>(standard_.geometry.node(standard_.data_bus_level, bank));
}

void Timeline::change_queue(std::int32_t bank, bool write, int change, Tick now) {
  now_ = std::max(now_, now);
  if (before(now))
    depths_[2 * bus_of(bank) + write] += change;
  else if (now < to_)
    steps_.push_back({{now, bank, 0, 0, dram::no_command}, 0, change, write});
}

void Timeline::accepted(const Access& access, std::uint64_t id, Tick now) {
  waiting_.emplace(id, Waiting{access.bank, access.write});
  change_queue(access.bank, access.write, 1, now);
}

void Timeline::finished(std::uint64_t id, Tick) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  change_queue(found->second.bank, found->second.write, -1, now_);
  waiting_.erase(found);
}

void Timeline::issued(const dram::Command& command, std::uint64_t id) {
  now_ = std::max(now_, command.tick);
  if (!before(command.tick)) {
    if (command.tick < to_) steps_.push_back({command, id, 0, false});
    return;
  }
  const dram::CommandSpec& spec = standard_.spec(command.id);
  for (const int bank : standard_.reached(command.id, command.bank)) {
    auto& row = open_rows_[static_cast<std::size_t>(bank)];
    if (spec.effect == Effect::activate) row = command.row;
    if (spec.effect == Effect::precharge || spec.auto_precharge) row = -1;
  }
}

}  // namespace wordline::memory
