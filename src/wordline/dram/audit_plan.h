// The rule table laid out for a replay: which rules each command meets, and where in flat arrays their nodes lie.
#pragma once

#include <cstddef>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::dram {

// One command's part in one rule. As the earlier one at t it keeps the later ones of its node away until t + shift; as
// the later one it may come when t + shift is not before that.
struct AuditRole {
  std::int32_t rule = 0, level = 0;
  std::size_t base = 0;  // where the rule's nodes begin in the array of instants; of windows, in that of rings
  Tick shift = 0;
  std::size_t window = 1;  // of the rule
};

// The nodes that a command reaches at one level: `count` of them, `stride` apart, from first() on.
struct AuditSpan {
  int count = 1, stride = 1;
};

// What a replay asks about one command.
struct AuditCommand {
  Effect effect = Effect::none;
  bool one_bank = false;  // it reaches one bank and nothing else
  bool wants_closed = false, wants_open = false, opens = false, closes = false;
  bool column = false;           // it may stand between the two parts of an activation
  bool enters_or_exits = false;  // power-down, self-refresh
  bool everyday = false;         // an activation, a precharge, a transfer or what starts its clock
  int refresh = -1;              // index into Standard::refreshes
  int level = 0;
  Reach reach = Reach::node;
  Tick align = 1, hold = 0;
  std::vector<AuditSpan> spans;  // by level
  std::vector<AuditRole> earlier, later, windows_earlier, windows_later;
  std::size_t often =
      0;  // the first so many of `later` count from everyday commands; the others from refreshes, exits, ...
  std::vector<AuditRole> others_earlier, others_later;  // among the siblings of a node
};

// Built from levels, commands and rules alone.
class AuditPlan {
 public:
  explicit AuditPlan(const Standard& standard);

  // The node at each level that a bank belongs to.
  const std::int32_t* path(int bank) const { return nodes_.data() + static_cast<std::size_t>(bank) * depth_; }
  int node(int level, int bank) const { return path(bank)[level]; }
  // The first node that a command for `bank` reaches at `level`.
  int first(const AuditCommand& command, int level, int bank) const;
  const AuditCommand& of(CommandId id) const { return commands_[id]; }
  // How many instants, ring entries and ring positions a replay keeps.
  std::size_t instants() const { return instants_; }
  std::size_t rings() const { return rings_; }

 private:
  void add_command(const Standard& standard, CommandId id);
  void add_rule(const Standard& standard, int rule);

  std::size_t depth_ = 0, instants_ = 0, rings_ = 0;
  std::vector<std::int32_t> nodes_;  // [bank][level]
  std::vector<int> below_;           // by level: banks under one node
  std::vector<AuditCommand> commands_;
};

}  // namespace wordline::dram
