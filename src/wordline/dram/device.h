// The plain state of one channel's DRAM, written to be obviously right: may this command issue now, and when at the
// earliest?
#pragma once

#include <string>
#include <vector>

#include "wordline/dram/power.h"
#include "wordline/dram/standard.h"

namespace wordline::dram {

// Remembers every bank's open row and the past commands, and answers by looking through them. Slow on purpose: the
// reference controller and `dram probe` use it; the fast controller keeps its own state.
class Device {
 public:
  static constexpr std::int32_t closed = -1;

  // The standard must outlive the device.
  explicit Device(const Standard& standard);

  // The open row of a bank, or `closed`.
  std::int32_t open_row(int bank) const { return open_row_[static_cast<std::size_t>(bank)]; }
  // Why the banks' states forbid the command ("bank is open", ...), or "" if they allow it. Says nothing about time.
  std::string state_error(const Command& command) const;
  // The command that must come first where state_error is not empty: PRE before ACT, ACT before RD, PREA before REFab.
  CommandId needed_first(const Command& command) const;
  // The first tick at or after command.tick at which every rule, window and alignment allows it. State is not looked
  // at.
  Tick earliest(const Command& command) const;
  // The rule that holds the command back the longest, or "" where nothing does.
  std::string binding_rule(const Command& command) const;
  bool may_issue(const Command& command) const;
  // Takes the command: history, open rows, counts. Commands come in rising order of ticks; legality is the caller's.
  void issue(const Command& command);
  // Counts and state intervals up to `now`.
  Activity activity(Tick now) const;

 private:
  struct Past {
    Tick tick;
    std::int32_t bank;
    CommandId id;
  };
  // The tick until which one rule holds the command back; 0 where it does not.
  Tick rule_end(std::size_t rule, const Command& command) const;
  void set_open(int bank, std::int32_t row, Tick tick);

  const Standard& standard_;
  std::vector<std::int32_t> open_row_;
  std::vector<Tick> opened_at_;
  std::vector<int> open_banks_;  // by rank (the parent of the bank groups)
  std::vector<Tick> rank_opened_at_;
  std::vector<Past> past_;                  // rising; trimmed beyond the longest wait
  std::vector<std::vector<Past>> counted_;  // by rule with a window: its earlier commands, rising, trimmed
  Tick horizon_ = 0;                        // the longest wait of any rule
  std::vector<Tick> longest_gap_;           // by command: the longest gap of any command before it
  Activity activity_;
};

}  // namespace wordline::dram
