// The auditor, which knows only the rule table, finds nothing to object to in what the controllers issue.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "memory_test_support.h"
#include "wordline/core/random.h"
#include "wordline/dram/auditor.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/policies.h"

namespace wordline::memory {
namespace {

using testing::catalog;

// Runs one pattern and audits every channel's commands; returns how many there were.
std::int64_t audit(const std::string& module, const std::string& pattern, std::uint64_t accesses, bool single) {
  const System system = load_system(catalog(), module);
  std::vector<dram::CommandTrace> traces;
  RunOptions options;
  options.commands = &traces;
  if (single) options.injector = Injector::single, options.gap_clocks = 3;
  const Result result = run(system, testing::pattern_named(pattern, accesses), options);
  std::int64_t commands = 0;
  for (const auto& trace : traces) {
    dram::Auditor auditor(system.module.part->standard);
    for (const auto& command : trace) auditor.take(command);
    auditor.finish(result.ticks);
    commands += auditor.commands();
    EXPECT_EQ(auditor.violation_count(), 0) << module << " " << pattern << ": " << auditor.violations().front().message;
    if (auditor.violation_count()) break;
  }
  return commands;
}

constexpr const char* patterns[] = {"stream", "random", "mix", "copy", "hot", "gather", "stride"};

class Audit : public ::testing::TestWithParam<std::string> {};

TEST_P(Audit, FindsNothingInAnyPattern) {
  for (const char* pattern : patterns) EXPECT_GT(audit(GetParam(), pattern, 8'000, false), 8'000);
  EXPECT_GT(audit(GetParam(), "mix", 4'000, true), 4'000);
}

INSTANTIATE_TEST_SUITE_P(Modules, Audit, ::testing::ValuesIn(testing::modules()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

// Audits a channel's commands as they issue.
class AuditingObserver final : public Observer {
 public:
  AuditingObserver(const dram::Standard& standard, bool refreshed) : auditor(standard, refreshed) {}
  void accepted(const Access&, std::uint64_t, dram::Tick) override {}
  void issued(const dram::Command& command, std::uint64_t) override { auditor.take(command); }
  void finished(std::uint64_t, dram::Tick) override {}
  dram::Auditor auditor;
};

// Runs one pattern over one module under drawn policies; returns how many commands were audited.
std::int64_t audit_run(const std::string& module, const std::string& pattern, std::uint64_t accesses,
                       std::uint64_t seed) {
  System system = load_system(catalog(), module);
  core::Random draw(seed);
  Settings& s = system.settings;
  const bool per_bank = system.module.part->standard.usual.ref_bank != dram::no_command;
  s.scheduler = scheduler_names()[draw.below(4) == 0 ? draw.below(scheduler_names().size()) : 2];
  s.page = page_policy_names()[draw.below(page_policy_names().size())];
  s.refresh = per_bank && draw.below(2) ? "per-bank" : "all-bank";
  s.postponed_refreshes = static_cast<int>(draw.below(5));
  s.pulled_in_refreshes = static_cast<int>(draw.below(3));
  std::vector<std::unique_ptr<AuditingObserver>> auditors;
  RunOptions options;
  for (int c = 0; c < system.channels(); ++c) {
    auditors.push_back(std::make_unique<AuditingObserver>(system.module.part->standard, true));
    options.observers.push_back(auditors.back().get());
  }
  Pattern what = testing::pattern_named(pattern, accesses);
  what.seed = seed;
  const Result result = run(system, what, options);
  std::int64_t commands = 0;
  for (auto& observer : auditors) {
    observer->auditor.finish(result.ticks);
    commands += observer->auditor.commands();
    EXPECT_EQ(observer->auditor.violation_count(), 0)
        << module << " " << pattern << " " << s.scheduler << " " << s.page << " " << s.refresh << " "
        << s.postponed_refreshes << ": " << observer->auditor.violations().front().message;
    if (observer->auditor.violation_count()) break;
  }
  return commands;
}

// Ten million commands; with WORDLINE_FULL=1 a billion.
TEST(SlowAudit, FindsNothingInMillionsOfCommands) {
  const bool full = std::getenv("WORDLINE_FULL") != nullptr;
  const std::int64_t wanted = full ? 1'000'000'000 : 10'000'000;
  std::int64_t commands = 0;
  for (std::uint64_t seed = 1; commands < wanted && !HasFailure(); ++seed)
    for (const auto& module : testing::modules())
      for (const char* pattern : patterns)
        if (commands < wanted) commands += audit_run(module, pattern, full ? 500'000 : 10'000, seed);
  RecordProperty("commands", std::to_string(commands));
  std::cout << commands << " commands audited\n";
  EXPECT_GE(commands, wanted);
}

}  // namespace
}  // namespace wordline::memory
