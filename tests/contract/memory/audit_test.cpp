// The auditor, which knows only the rule table, finds nothing to object to in what the controllers issue.
#include <gtest/gtest.h>

#include "memory_test_support.h"
#include "wordline/dram/auditor.h"

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

TEST(SlowAudit, FindsNothingInTenMillionCommands) {
  std::int64_t commands = 0;
  for (const auto& module : testing::modules())
    for (const char* pattern : patterns) commands += audit(module, pattern, 60'000, false);
  EXPECT_GE(commands, 10'000'000);
  RecordProperty("commands", std::to_string(commands));
}

}  // namespace
}  // namespace wordline::memory
