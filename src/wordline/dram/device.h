// The plain state of one channel's DRAM, written to be obviously right: may this command issue now, and when at the
// earliest?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wordline/dram/power.h"
#include "wordline/dram/standard.h"

namespace wordline::dram {

// Remembers every bank's open row and when each command last reached each node, and answers by going through all rules
// that hold a command back. The reference controller, `dram probe` and tests use it; the fast controller keeps its own
// state.
class Device {
 public:
  static constexpr std::int32_t closed = -1;

  // The standard must outlive the device.
  explicit Device(const Standard& standard);

  // The open row of a bank, or `closed`.
  std::int32_t open_row(int bank) const { return open_row_[static_cast<std::size_t>(bank)]; }
  // Why the states of banks, rank and data clock forbid the command at command.tick ("the bank is open", ...), or "" if
  // they allow it. Says nothing about waits; but a data clock runs out, and so does a half activation.
  std::string state_error(const Command& command) const { return std::string(obstacle(command).why); }
  // The command that must come first where state_error is not empty, else no_command: PRE before ACT, ACT before RD,
  // PREA before REFab, PDX in power-down, CAS before RD where the data clock stands still.
  CommandId needed_first(const Command& command) const { return obstacle(command).first.id; }
  // The same with its bank, at command.tick: a half activation elsewhere in the rank wants its own second part.
  Command first_command(const Command& command) const { return obstacle(command).first; }
  // Whether state_error is empty.
  bool state_allows(const Command& command) const { return obstacle(command).why.empty(); }
  // The first tick at or after command.tick at which every rule, window and alignment allows it. State is not looked
  // at. Further commands never make it an earlier one.
  Tick earliest(const Command& command) const;
  // The rule that holds the command back the longest, or "" where nothing does.
  std::string binding_rule(const Command& command) const;
  bool may_issue(const Command& command) const;
  // Takes the command: history, open rows, counts. Commands come in rising order of ticks; legality is the caller's.
  void issue(const Command& command);
  // Counts and state intervals up to `now`.
  Activity activity(Tick now) const;

 private:
  enum class Sleep : std::uint8_t { awake, power_down, self_refresh };
  struct Past {
    Tick tick;
    std::int32_t bank;
    CommandId id;
  };
  // What holds a command back for so many ticks: an earlier one at its node of `level`, or at a sibling of that node.
  struct Wait {
    CommandId earlier;
    int level;
    Tick ticks;
  };
  // Of a rank's two-part activation: the bank that waits for its second part, which comes by `until`.
  struct Half {
    std::int32_t bank = -1;
    std::int32_t row = 0;
    Tick until = -1;
  };
  struct Obstacle {
    std::string_view why;
    Command first;
  };
  Obstacle obstacle(const Command& command) const;
  Obstacle sleep_obstacle(const Command& command) const;
  Obstacle half_obstacle(const Command& command) const;
  Obstacle bank_obstacle(const Command& command) const;
  Obstacle clock_obstacle(const Command& command) const;
  Obstacle precharge_first(const Command& command, int open_bank) const;
  // The bank of the command's rank that waits for its second part at command.tick, or -1.
  std::int32_t half_bank(const Command& command) const;
  // The newest tick after `since` of a command at a sibling of this one's node of `level`, or `since`.
  Tick newest_beside(CommandId earlier, int level, const Command& command, Tick since) const;
  // The tick until which one rule holds the command back; 0 where it does not.
  Tick rule_end(std::size_t rule, const Command& command) const;
  Tick window_end(std::size_t rule, std::size_t later, const Command& command) const;
  // Where last_ has a command at a bank's node of that level.
  std::size_t place_of(CommandId id, int level, int bank) const {
    return places_[static_cast<std::size_t>(bank) * depth_ + static_cast<std::size_t>(level)] + id;
  }
  void set_open(int bank, std::int32_t row, Tick tick);
  void change_states(const Command& command);
  void set_sleep(int rank, Sleep sleep, Tick tick);
  // Adds a rank's time asleep up to `tick`, which its banks do not count as open.
  void add_sleep(int rank, Tick tick, Activity& sum) const;
  void remember(const Command& command);

  const Standard& standard_;
  std::vector<std::int32_t> open_row_;
  std::vector<Tick> opened_at_;
  std::vector<int> open_banks_;  // by rank (the parent of the bank groups)
  std::vector<Tick> rank_opened_at_;
  std::vector<Half> half_;         // by rank
  std::vector<Sleep> rank_sleep_;  // by rank: as its node of power_level
  std::vector<Tick> asleep_at_;    // by rank, where not awake
  std::vector<Sleep> sleep_;       // by node of Standard::power_level
  std::vector<Tick> clock_until_;  // by node of Standard::sync_level: its data clock runs up to this tick
  std::vector<std::vector<Wait>> waits_, waits_beside_;  // by later command: the rules without a window
  std::vector<std::vector<std::size_t>> windows_;        // by later command: the rules with one
  std::size_t depth_;                                    // of the tree
  std::vector<std::size_t> places_;                      // [bank][level]: where in last_ the node's commands begin
  std::vector<Tick> last_;                               // [node][command]: when it last reached the node
  std::vector<std::vector<std::vector<Past>>> counted_;  // [rule with a window][node of its level]: the newest `window`
  std::vector<std::vector<Past>> past_;  // by command that holds siblings back; rising, trimmed beyond the longest wait
  Tick horizon_ = 0;                     // the longest wait of any rule
  Activity activity_;
};

}  // namespace wordline::dram
