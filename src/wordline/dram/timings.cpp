#include "wordline/dram/timings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wordline::dram {

TimingTable::TimingTable(const core::Clock& clock, int ticks_per_clock, Rounding rounding)
    : context_{clock, ticks_per_clock, rounding,
               [this](const std::string& name, const core::Location& at) { return value(name, at); }} {}

void TimingTable::add(const core::Reader& timings) {
  for (const auto& name : timings.keys()) {
    if (name == "source" || name == "kind") continue;
    const std::string text = timings.expression(name);
    const core::Value& outer = timings.value(name);
    const core::Value* inner = outer.find("value");
    entries_[name] = {text, inner ? inner->where : outer.where};
  }
}

void TimingTable::mention(const core::Reader& timings) {
  for (const auto& name : timings.keys())
    if (name != "source" && name != "kind")
      for (const auto& other : names_in(timings.expression(name))) used_[other] = true;
}

Tick TimingTable::evaluate(const std::string& text, const core::Location& at) {
  return dram::evaluate(text, context_, at);
}

Tick TimingTable::value(const std::string& name, const core::Location& at) {
  used_[name] = true;
  if (const auto done = resolved_.find(name); done != resolved_.end()) return done->second;
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) {
    std::vector<std::string> known;
    for (const auto& [other, _] : entries_) known.push_back(other);
    throw core::InputError(at, fmt::format("the timing \"{}\"", name), "a timing of the standard or the part",
                           core::nearest_name(name, known));
  }
  if (std::find(under_way_.begin(), under_way_.end(), name) != under_way_.end())
    throw core::InputError(at, fmt::format("a circle: {} -> {}", fmt::join(under_way_, " -> "), name),
                           "timings that do not need each other");
  under_way_.push_back(name);
  const Tick ticks = dram::evaluate(entry->second.text, context_, entry->second.where);
  under_way_.pop_back();
  if (ticks < 0)
    throw core::InputError(entry->second.where, fmt::format("{} below zero", name), "a time of at least 0");
  return resolved_[name] = ticks;
}

std::map<std::string, Tick, std::less<>> TimingTable::all() {
  for (const auto& [name, entry] : entries_) {
    const bool was_used = used_.contains(name);
    value(name, entry.where);
    if (!was_used) used_.erase(name);
  }
  return {resolved_.begin(), resolved_.end()};
}

void TimingTable::reject_unused(const core::Reader& part) const {
  std::vector<std::string> known;
  for (const auto& [name, _] : used_) known.push_back(name);
  for (const auto& name : part.keys())
    if (name != "source" && name != "kind" && !used_.contains(name))
      throw core::InputError(part.where(name), fmt::format("the timing \"{}\", which no rule uses", name),
                             "a timing of the standard", core::nearest_name(name, known));
}

}  // namespace wordline::dram
