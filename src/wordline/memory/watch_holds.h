// What holds a bank's next command back, until when, and on whose account: the rules of the table with the commands
// that set them off. For those who explain what happened; controllers do not use it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::memory {

// Why a clock of a data bus carried no data. docs/reference/memory.md says how each is found.
enum class Loss : std::uint8_t {
  refresh,      // the bank refreshes, or is kept free for a refresh
  row_miss,     // another row is closed, this one opened: tRP, tRCD, tRAS, tRC, tRTP, tWR
  activation,   // too many rows opened in a short time: tFAW, tRRD
  turnaround,   // from reading to writing or back: tRTW, tWTR
  rank,         // from one rank or stack id to another: tCCD_R, tCS
  bank_group,   // columns of one bank group in a row: tCCD_L (and tCCD_S where a burst is shorter)
  command_bus,  // another command was on the wires, or a command waits for its clock edge
  scheduling,   // nothing in the DRAM: the controller served something else
  other,        // a rule of none of these kinds
  idle          // there was no access
};
inline constexpr std::size_t loss_count = 10;
// "refresh", "row_miss", ...: the fields of results.
std::string_view loss_name(Loss loss);
// For a person: "row miss (tRP, tRCD, ...)".
std::string_view loss_title(Loss loss);

// The rule that keeps a command away the longest. `until` is 0 where none ever did.
struct Hold {
  dram::Tick until = 0;
  int rule = -1;  // index into Standard::rules
  Loss loss = Loss::scheduling;
};

// One channel's open rows and, for each line of the table and each node, until when it binds. Feed it every command in
// order.
class Holds {
 public:
  static constexpr std::int32_t closed = -1;

  // The standard must outlive it.
  explicit Holds(const dram::Standard& standard);
  void issue(const dram::Command& command);
  // The open row of a bank, or `closed`.
  std::int32_t open_row(int bank) const { return open_row_[static_cast<std::size_t>(bank)]; }
  // The command with which a bank's opening begins: ACT, or ACT1 where it has two parts.
  dram::CommandId opening() const {
    return standard_.usual.act_first != dram::no_command ? standard_.usual.act_first : standard_.usual.act;
  }
  // The command that an access to this row needs next: PRE, opening(), RD or WR.
  dram::CommandId needed(int bank, std::int32_t row, bool write) const;
  // What holds a command to one bank (ACT, PRE, RD, WR) back. Alignment to clock edges is not in it.
  Hold hold(dram::CommandId command, int bank) const;
  // The same for the rules of one cause alone: until when they keep it away.
  dram::Tick until(dram::CommandId command, int bank, Loss loss) const;

 private:
  struct Bound {  // of one rule at one node, for one of its later commands
    dram::Tick until = 0;
    dram::CommandId earlier = dram::no_command;
  };
  struct Passed {  // a command that a window counts
    dram::Tick tick = 0;
    std::int32_t earlier = -1;  // index in Rule::earlier; -1: none yet
  };
  struct Line {  // a rule's state
    std::size_t later_count = 0;
    std::vector<Bound> bounds;      // [node][later], rules without a window
    std::vector<Passed> passed;     // [node][window], rules with one
    std::vector<std::size_t> next;  // [node]: place of the oldest
  };
  struct Use {  // a rule in which a command stands
    std::size_t rule, index;
  };
  Bound bound(const Use& use, int bank) const;
  void set_off(std::size_t rule, std::size_t earlier, const dram::Command& command, const std::vector<int>& banks);
  void raise(std::size_t rule, std::size_t earlier, dram::CommandId id, std::size_t node, dram::Tick at);
  Loss cause(const dram::Rule& rule, dram::CommandId earlier, dram::CommandId later) const;

  const dram::Standard& standard_;
  std::vector<std::int32_t> open_row_;
  std::vector<Line> lines_;
  std::vector<std::vector<Use>> as_earlier_, as_later_;  // by command
};

}  // namespace wordline::memory
