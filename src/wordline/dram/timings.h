// The named timings of a standard and a part: expressions that may use each other, resolved to ticks on demand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/dram/expression.h"

namespace wordline::dram {

// A part's timings laid over its standard's. Names are JEDEC's: tRCDRD, tRP, tFAW, ...
class TimingTable {
 public:
  // `clock` is one nCK. The table must not move after the first value() call.
  TimingTable(const core::Clock& clock, int ticks_per_clock, Rounding rounding);
  TimingTable(const TimingTable&) = delete;

  // Reads a [timings] table of expressions; later ones override. Names that no expression uses are told by unused().
  void add(const core::Reader& timings);
  // Reads a table that does not hold now: what its expressions name counts as used.
  void mention(const core::Reader& timings);
  void set(const std::string& name, Tick ticks) { resolved_[name] = ticks; }
  // An expression's value in ticks; its names are resolved through this table.
  Tick evaluate(const std::string& text, const core::Location& at);
  // A name's value in ticks. Throws InputError for unknown names (with the nearest) and for circles.
  Tick value(const std::string& name, const core::Location& at);
  // Resolves every name and hands them all out.
  std::map<std::string, Tick, std::less<>> all();
  // Throws InputError at the first timing of `part` that neither a rule nor another timing asked for.
  void reject_unused(const core::Reader& part) const;

 private:
  struct Entry {
    std::string text;
    core::Location where;
  };
  std::map<std::string, Entry> entries_;
  std::map<std::string, Tick> resolved_;
  std::map<std::string, bool> used_;
  std::vector<std::string> under_way_;
  ExpressionContext context_;
};

}  // namespace wordline::dram
