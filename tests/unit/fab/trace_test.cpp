// Reading sensor traces: what is taken, what is left out and counted, what is refused.
#include "wordline/fab/metrology/trace.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "wordline/core/random.h"
#include "wordline/fab/metrology/summarise.h"

namespace wordline::fab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TraceFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  std::vector<Trace> read(const std::string& text, const TraceColumns& columns = {}) {
    std::ofstream(file_, std::ios::binary) << text;
    TraceReader reader(file_, columns);
    signals_ = reader.signals();
    std::vector<Trace> all(1);
    while (reader.next(all.back())) all.emplace_back();
    all.pop_back();
    return all;
  }
  std::string refusal(const std::string& text, const TraceColumns& columns = {}) {
    try {
      read(text, columns);
    } catch (const core::InputError& error) {
      return std::string(error.what()).substr(file_.string().size());
    }
    return "none";
  }
  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("wordline_trace_" + std::to_string(::getpid()) + ".csv");
  std::vector<std::string> signals_;
};

TEST_F(TraceFile, WafersStepsAndSignals) {
  const auto all = read(
      "\xEF\xBB\xBFwafer,time,p,step,chamber,flow\r\n"
      "\"w,1\",0,1.5,etch,A,+10\r\nw2,7,1,,A,1\r\nw2,8,2,\"etch\",A,NaN\r\nw2,9,3,strip,,5\r\n",
      {.keep = {"chamber"}});
  EXPECT_THAT(signals_, ElementsAre("p", "flow"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].wafer, "w,1");
  EXPECT_THAT(all[0].values, ElementsAre(1.5, 10));
  EXPECT_THAT(all[1].kept, ElementsAre("A"));
  EXPECT_THAT(all[1].times, ElementsAre(8, 9));
  EXPECT_THAT(all[1].steps, ElementsAre("etch", "strip"));
  EXPECT_EQ(all[1].start, 8);
  EXPECT_EQ(all[1].faults.rows_without_step, 1u);
  EXPECT_EQ(all[1].faults.missing_values, 1u);
}

TEST_F(TraceFile, WithoutColumnsOfWafersAndStepsItIsOneOfEach) {
  const auto all = read("time,x\n3,1\n4,2\n");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].wafer, file_.stem().string());
  EXPECT_THAT(all[0].steps, ElementsAre(""));
}

TEST_F(TraceFile, WhatIsMissingIsLeftOutAndCounted) {
  const auto all = read("time,x\n0,\n1,nan\n2,NULL\n3,-inf\n4,1e999\n5,1e101\n6, 7 \n,8\nNaN,9\n1e16,10\n");
  const Trace& t = all.at(0);
  EXPECT_EQ(t.faults.missing_values, 6u);
  EXPECT_EQ(t.faults.rows_without_time, 3u);
  EXPECT_EQ(t.times.size(), 7u);
  EXPECT_EQ(t.values.back(), 7);
  EXPECT_TRUE(std::all_of(t.values.begin(), t.values.end() - 1, [](double x) { return std::isnan(x); }));
}

TEST_F(TraceFile, RepeatedLinesAndHeadersAreLeftOut) {
  const auto all = read("time,x\n0,1\n1,2\n1,2\n1,2\n\ntime,x\n1,3\n2,4\n");
  EXPECT_THAT(all.at(0).values, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(all[0].faults.rows_repeated, 2u);
  EXPECT_EQ(all[0].faults.headers_repeated, 1u);
}

// Any order of the rows gives the summary of the right one.
TEST_F(TraceFile, RowsAreSortedByTime) {
  std::vector<std::string> rows;
  core::Random random(1);
  for (int i = 0; i < 40; ++i)
    rows.push_back(std::to_string(i) + (i < 20 ? ",a," : ",b,") + std::to_string(random.normal()) + "\n");
  const auto summary = [&] {
    std::string text = "time,step,x\n";
    for (const auto& row : rows) text += row;
    const auto all = read(text);
    EXPECT_EQ(all.size(), 1u);
    return summarise(all.at(0), 1);
  };
  const auto right = summary();
  EXPECT_EQ(right.faults.rows_out_of_order, 0u);
  for (std::size_t i = rows.size() - 1; i > 0; --i) std::swap(rows[i], rows[random.below(i + 1)]);
  const auto shuffled = summary();
  EXPECT_GT(shuffled.faults.rows_out_of_order, 5u);
  for (std::size_t step = 0; step < 2; ++step) {
    const auto found = std::find_if(shuffled.steps.begin(), shuffled.steps.end(),
                                    [&](const auto& s) { return s.step == right.steps[step].step; });
    ASSERT_NE(found, shuffled.steps.end());
    EXPECT_EQ(found->visits, 1u);
    EXPECT_EQ(found->duration, right.steps[step].duration);
    EXPECT_EQ(found->signals[0].mean, right.steps[step].signals[0].mean);
    EXPECT_EQ(found->signals[0].slope, right.steps[step].signals[0].slope);
    EXPECT_EQ(found->signals[0].area, right.steps[step].signals[0].area);
  }
}

// Cut off at any byte: what is read is what the whole file has, up to a last value that may be shorter; or a refusal
// with a place; and a line that was cut off is told.
TEST_F(TraceFile, CutOffAnywhere) {
  const std::string text = "wafer,time,x\nw1,0,1.25\nw1,1,2.5\nw2,0,3.75\nw2,1,4.5\n";
  const auto whole = read(text);
  for (std::size_t size = 0; size < text.size(); ++size) {
    SCOPED_TRACE(size);
    std::vector<Trace> all;
    try {
      all = read(text.substr(0, size));
    } catch (const core::InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(": found "));
      EXPECT_LT(size, 18u);  // only where the header is not whole, or the first row is a number cut off
      continue;
    }
    TraceFaults faults;
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i].wafer, whole[i].wafer);
      faults.add(all[i].faults);
      for (std::size_t row = 0; row < all[i].times.size(); ++row) {
        EXPECT_EQ(all[i].times[row], whole[i].times[row]);
        if (i + 1 < all.size() || row + 1 < all[i].times.size()) {
          EXPECT_EQ(all[i].values[row], whole[i].values[row]);
        }
      }
    }
    const bool ends = text[size - 1] == '\n';
    if (!all.empty()) {
      EXPECT_EQ(faults.rows_cut_off + faults.rows_without_end, ends ? 0u : 1u);
    }
  }
}

TEST_F(TraceFile, AStartColumnIsTheWafersTime) {
  const auto all = read("wafer,time,began,x\na,0,1000,1\na,1,1000,1.5\nb,0,,2\nb,1,2000,3\n", {.start = "began"});
  EXPECT_EQ(all.at(0).start, 1000);
  EXPECT_EQ(all.at(1).start, 2000);
  EXPECT_THAT(signals_, ElementsAre("x"));
  EXPECT_EQ(refusal("time,began,x\n0,1,1\n1,2,1\n", {.start = "began"}),
            ":3:3: found began 2; wanted 1 as in the wafer's rows before");
  EXPECT_EQ(refusal("time,began,x\n0,,1\n", {.start = "began"}),
            ":2:1: found no began of the wafer \"" + file_.stem().string() + "\"; wanted a time in seconds");
}

TEST_F(TraceFile, RefusalsHaveAPlace) {
  EXPECT_THAT(refusal(""), HasSubstr(":1:1: found an empty file"));
  EXPECT_EQ(refusal("tme,x\n0,1\n"), ":1:1: found the columns tme, x; wanted a column \"time\"; did you mean \"tme\"?");
  EXPECT_EQ(refusal("time,x,x\n0,1,2\n"), ":1:8: found a second column \"x\"; wanted each name once");
  EXPECT_EQ(refusal("time,,x\n"), ":1:6: found a column without a name; wanted a name");
  EXPECT_EQ(refusal("time,x\n0,1\n1,on\n"), ":3:3: found \"on\"; wanted a number for x");
  EXPECT_EQ(refusal("time,x\nnoon,1\n"), ":2:1: found \"noon\"; wanted a number for time");
  EXPECT_EQ(refusal("time,x\n0,1,2\n"), ":2:5: found 3 fields; wanted 2 as in the header");
  EXPECT_EQ(refusal("time,x\n0\n1,2\n"), ":2:1: found 1 fields; wanted 2 as in the header");
  EXPECT_EQ(refusal("time,x\n0,\"1\n1,2\n"), ":2:3: found a quote that does not end on its line; wanted a closing \"");
  EXPECT_EQ(refusal("wafer,time,x\na,0,1\nb,0,1\na,1,1\n"),
            ":4:1: found further rows of the wafer \"a\", which begins on line 2; wanted the rows of a wafer together");
  EXPECT_EQ(refusal("wafer,time,x\n,0,1\n"), ":2:1: found no wafer; wanted its name");
  EXPECT_EQ(refusal("time,x,c\n0,1,A\n1,2,B\n", {.keep = {"c"}}),
            ":3:5: found c \"B\"; wanted \"A\" as in the wafer's rows before");
  EXPECT_EQ(refusal("time,x\n0,1\n", {.keep = {"time"}}), ":1:1: found two uses of the column \"time\"; wanted one");
}

}  // namespace
}  // namespace wordline::fab
