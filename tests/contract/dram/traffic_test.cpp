// Random legal histories of every part, each command at its earliest tick by Device: the auditor, which shares no code
// with it, agrees, and of a sample one step earlier is caught.
#include <gtest/gtest.h>

#include "../../unit/dram/test_parts.h"
#include "wordline/core/random.h"
#include "wordline/dram/auditor.h"
#include "wordline/dram/device.h"
#include "wordline/dram/trace.h"

namespace wordline::dram {
namespace {

using testing::catalog;
using testing::part;

class Traffic {
 public:
  Traffic(const Standard& standard, std::uint64_t seed)
      : standard_(standard),
        device_(standard),
        auditor_(standard, false),
        random_(seed),
        used_(standard.commands.size()) {}

  // Brings one random command about, with all that must come first.
  void goal() {
    const auto draw = [&](int count) {
      return static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(count)));
    };
    Command wanted{0, draw(standard_.geometry.banks()), draw(16), 0,
                   static_cast<CommandId>(draw(static_cast<int>(standard_.commands.size())))};
    if (standard_.spec(wanted.id).level < standard_.geometry.bank_level() && draw(6) != 0) return;  // rarely all banks
    for (int step = 0; step < 8; ++step) {
      const Command next = first_of(wanted);
      issue(next);
      if (next.id == wanted.id && next.bank == wanted.bank) return;
    }
  }

  const Auditor& auditor() const { return auditor_; }
  const std::vector<int>& used() const { return used_; }

 private:
  // The command itself at its earliest, or the first of those that it needs.
  Command first_of(Command command) {
    from_ = now_;
    for (int depth = 0; depth < 8; ++depth) {
      command.tick = from_;
      command.tick = device_.earliest(command);
      const Command first = device_.first_command(command);
      if (first.id == no_command) return command;
      const Effect effect = standard_.spec(first.id).effect;
      const bool starts_clock = effect == Effect::sync_read || effect == Effect::sync_write;
      if (starts_clock) from_ = std::max(now_, command.tick - 1);  // just before the transfer
      command = first;
    }
    ADD_FAILURE() << standard_.name << ": no way to " << standard_.spec(command.id).name;
    return command;
  }

  void issue(const Command& command) {
    Command early = command;
    early.tick -= standard_.spec(command.id).align;
    if (trace_.size() % 40 == 0 && early.tick >= from_) {
      Auditor suspicious(standard_, false);
      for (const auto& past : trace_) suspicious.take(past);
      suspicious.take(early);
      EXPECT_GE(suspicious.violation_count(), 1) << standard_.name << " " << trace_line(standard_, early);
    }
    ASSERT_TRUE(device_.may_issue(command)) << standard_.name << " " << trace_line(standard_, command);
    device_.issue(command);
    auditor_.take(command);
    trace_.push_back(command);
    ++used_[command.id];
    now_ = command.tick;
    if (standard_.spec(command.id).effect != Effect::activate_first) return;
    issue({now_ + standard_.act_spacing, command.bank, command.row, 0, standard_.usual.act});
  }

  const Standard& standard_;
  Device device_;
  Auditor auditor_;
  core::Random random_;
  std::vector<int> used_;
  CommandTrace trace_;
  Tick now_ = 0, from_ = 0;
};

TEST(Traffic, DeviceAndAuditorAgree) {
  for (const auto& name : catalog().names("dram/parts")) {
    Part p = part(name);
    if (p.standard.geometry.level_of("rank") > 0) p = part(name, {{"rank", 2}});
    Traffic traffic(p.standard, 17);
    for (int n = 0; n < 1500; ++n) traffic.goal();
    EXPECT_EQ(traffic.auditor().violation_count(), 0) << name << ": " << traffic.auditor().violations().front().message;
    for (std::size_t id = 0; id < p.standard.commands.size(); ++id)
      EXPECT_GT(traffic.used()[id], 0) << name << " never issued " << p.standard.commands[id].name;
  }
}

}  // namespace
}  // namespace wordline::dram
