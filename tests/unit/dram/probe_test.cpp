// Probe scripts: spellings, answers, and what can't be read.
#include "wordline/dram/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_parts.h"

namespace wordline::dram {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::part;

std::vector<std::string> lines_of(const std::string& name, const std::string& script, const LevelSizes& sizes = {}) {
  const Part p = part(name, sizes);
  Probe probe(p.standard);
  std::vector<std::string> lines;
  for (const auto& answer : probe.run(script, "t")) lines.push_back(probe.line(answer));
  return lines;
}

std::string error_of(const std::string& script, const std::string& name = "ddr5-4800-x8-16gb") {
  try {
    lines_of(name, script);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Probe, AnswersAndStopsAtTheFirstIllegalIssue) {
  EXPECT_THAT(
      lines_of("ddr5-4800-x8-16gb",
               "# a row, a read\n\nissue ACT bankgroup=0 bank=0 row=5 @0\nearliest RD bankgroup=0 bank=0\n"
               "earliest RD bankgroup=0 bank=0 row=6  # another row\nearliest RD bankgroup=1 bank=0 @3\n"
               "earliest PREA\nearliest REFab @100\nissue RD bankgroup=0 bank=0 @39\nearliest PREA\n"),
      ElementsAre("earliest RD 40", "needs PRE", "needs ACT", "earliest PREA 78", "needs PREA", "illegal RD tRCD 40"));
  EXPECT_THAT(lines_of("ddr5-4800-x8-16gb", "issue RD bankgroup=0 bank=0 @39"),
              ElementsAre("illegal RD state needs ACT"));
}

TEST(Probe, SpellingsOfCommandsAndFields) {
  EXPECT_THAT(lines_of("hbm3-6400-8h-16gb",
                       "ISSUE act PC=0 sid=0 bg=0 ba=0 @0\nearliest prepb pc=1 sid=0 bg=0 ba=0 @0.5\n"
                       "earliest ACT pc=1 sid=0 bg=0 ba=0 @0.5\nearliest refSB pc=0 sid=1 bg=0 ba=0\n"
                       "earliest sref\nearliest READ pc=0 sid=0 bg=0 ba=0 ap=1\n"),
              ElementsAre("earliest PRE 1.5", "earliest ACT 2", "earliest REFpb 5", "needs PREA", "earliest RDA 32"));
}

TEST(Probe, AnActivationOfTwoPartsIsOneActToo) {
  EXPECT_THAT(
      lines_of("lpddr5x-8533-x16-16gb",
               "earliest ACT bg=0 ba=0\nissue ACT bg=0 ba=0 @4\nearliest RD bg=0 ba=0\nissue cas-rd @24\n"
               "earliest RD bg=0 ba=0\nissue ACT-1 bg=1 ba=0 @30\nearliest PRE bg=0 ba=0\nearliest ACT2 bg=1 ba=0"),
      ElementsAre("earliest ACT 0", "needs CASRD", "earliest RD 25", "needs ACT2", "earliest ACT2 31"));
}

TEST(Probe, WhatCantBeReadIsNamedByLineAndColumn) {
  EXPECT_THAT(error_of("isue ACT @0"), AllOf(HasSubstr("t:1:1"), HasSubstr("did you mean \"issue\"")));
  EXPECT_THAT(error_of("\nissue ATC bg=0 ba=0 @0"), AllOf(HasSubstr("t:2:7"), HasSubstr("did you mean \"ACT\"")));
  EXPECT_THAT(error_of("issue ACT bg=8 ba=0 @0"), AllOf(HasSubstr("t:1:11"), HasSubstr("from 0 to 7")));
  EXPECT_THAT(error_of("issue ACT bg=0 @0"), AllOf(HasSubstr("t:1:7"), HasSubstr("bank")));
  EXPECT_THAT(error_of("issue ACT bg=0 ba=0"), HasSubstr("no clock"));
  EXPECT_THAT(error_of("issue ACT bg=0 ba=0 @0.5"), HasSubstr("whole clocks"));
  EXPECT_THAT(error_of("issue ACT bg=0 ba=0 @x"), HasSubstr("t:1:21"));
  EXPECT_THAT(error_of("issue ACT bg=0 ba=0 bnk=1 @0"), HasSubstr("did you mean \"bank\""));
  EXPECT_THAT(error_of("issue ACT bg=0 ba=0 @9\nissue ACT bg=1 ba=0 @8"), HasSubstr("never decrease"));
  EXPECT_THAT(error_of("earliest"), HasSubstr("no command"));
  EXPECT_EQ(error_of("earliest ACT rank=0 bg=0 ba=0"), "no error");  // a level of one node may be left out, or named
}

}  // namespace
}  // namespace wordline::dram
