// Recorded wafers as a disturbance.
#include "wordline/fab/control/recorded.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "wordline/core/random.h"
#include "wordline/fab/capability.h"

namespace wordline::fab {
namespace {

using testing::HasSubstr;

class RecordFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  Record read(const std::string& text, const RecordSettings& settings = {}) {
    std::ofstream(file_, std::ios::binary) << text;
    return read_record(file_, settings);
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const core::InputError& error) {
      return std::string(error.what()).substr(file_.string().size());
    }
    return "none";
  }
  // 60 wafers of a wavy process with what is appended to each row's label.
  static std::string rows(const std::string& header, const std::string& after = "") {
    std::string text = header + "\n";
    for (int i = 0; i < 60; ++i) text += fmt::format("w{},{},{}{}\n", i, i, 10 + (i % 3) + i / 20, after);
    return text;
  }
  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("wordline_record_" + std::to_string(::getpid()) + ".csv");
};

TEST_F(RecordFile, IsDeviationsFromItsTarget) {
  const Record record = read(rows("wafer,time,label"), {.target = 11});
  ASSERT_EQ(record.wafers.size(), 60u);
  EXPECT_EQ(record.path.disturbance[4], 0);
  EXPECT_EQ(record.tuning, 20u);
  EXPECT_TRUE(record.path.prediction_error.empty());
  EXPECT_NEAR(read(rows("wafer,time,disturbance")).target, 10 + 19.0 / 20, 1e-12);  // 7, 7 and 6 of 0, 1, 2
  // successive differences of 1, 1 and -2: their mean square over the 19 of the first 20 wafers, halved
  EXPECT_NEAR(record.noise_sd, std::sqrt((13 * 1 + 6 * 4) / 19.0 / 2), 1e-12);
}

TEST_F(RecordFile, PredictionsComeWithASigmaOrAnInterval) {
  const Record sigma = read(rows("wafer,time,label,prediction,sigma", ",10,0.5"));
  EXPECT_EQ(sigma.predicted, 60u);
  EXPECT_EQ(sigma.path.prediction_error[1], -1);
  EXPECT_EQ(sigma.path.prediction_variance[1], 0.25);
  const Record interval = read(rows("wafer,time,label,prediction,low,high", ",10,8,12"));
  EXPECT_NEAR(std::sqrt(interval.path.prediction_variance[0]), 2 / normal_quantile(0.95), 1e-12);
  const Record some =
      read(rows("wafer,time,label,prediction,low,high", ",10,8,12") + "x,60,,10,8,12\ny,61,9,,,\nz,62,9,nan,,\n");
  EXPECT_EQ(some.left_out, 1u);
  EXPECT_EQ(some.wafers.size(), 62u);
  EXPECT_EQ(some.predicted, 60u);
  EXPECT_TRUE(std::isnan(some.path.prediction_error[61]));
}

TEST_F(RecordFile, RefusalsHaveAPlace) {
  EXPECT_THAT(refusal("wafer,time,lable\n"),
              HasSubstr(":1:1: found the columns wafer, time, lable; wanted a column \"label\"; did"));
  EXPECT_EQ(refusal("wafer,time,label\na,0,1\n"), ":1:12: found 1 wafers with a result; wanted at least 30");
  EXPECT_EQ(refusal("wafer,time,label\na,5,1\nb,4,1\n"),
            ":3:3: found the time 4; wanted 5 or later, as in the row before");
  EXPECT_EQ(refusal("wafer,chamber,label\na,A,1\nb,B,2\n"),
            ":3:3: found the chamber \"B\" beside \"A\"; wanted one chamber, or which");
  EXPECT_EQ(refusal("wafer,time,label\na,0,off\n"), ":2:5: found \"off\"; wanted a number for label");
  EXPECT_EQ(refusal("wafer,time,label\na,0\n"), ":2:1: found 2 fields; wanted 3 as in the header");
  EXPECT_EQ(refusal("wafer,time,label,prediction\n"),
            ":1:18: found predictions without their spread; wanted a column sigma, or low and high");
  EXPECT_EQ(refusal("wafer,time,label,prediction,low,high\na,0,1,1,2,1\n"),
            ":2:9: found the interval 2 to 1; wanted the lower end first");
  EXPECT_EQ(refusal("wafer,time,label,prediction,sigma\na,0,1,1,0\n"), ":2:9: found a sigma of 0; wanted one above 0");
}

TEST_F(RecordFile, HasOneChambersWafersAndPerhapsNoTimes) {
  std::string text = "wafer,label,chamber\n";
  for (int i = 0; i < 80; ++i) text += fmt::format("w{},{},{}\n", i, i % 2 == 0 ? i % 5 : 1000, i % 2 == 0 ? "A" : "B");
  const Record record = read(text, {.chamber = "A"});
  EXPECT_EQ(record.wafers.size(), 40u);
  EXPECT_LT(record.target, 5);
  EXPECT_THROW(read(text, {.chamber = "C"}), core::InputError);
  EXPECT_THROW(read(rows("wafer,time,label"), {.chamber = "A"}), core::InputError);
  EXPECT_EQ(read(rows("wafer,time,label") + "x,,3\ny,59,3\n").wafers.size(), 62u);
}

// A recorded random walk with noise is controlled as the same walk simulated is.
TEST_F(RecordFile, ControllersRunOnIt) {
  Process process;
  process.walk_sd = 0.15;
  process.noise_sd = 1;
  process.sampling = process.delay = 25;
  const auto path = simulate(process, 6000, 0.5, 1, 0);
  std::string text = "wafer,time,label,prediction,sigma\n";
  for (std::size_t i = 0; i < path.disturbance.size(); ++i)
    text += fmt::format("{},{},{},{},0.5\n", i, i, path.disturbance[i], path.disturbance[i] + path.prediction_error[i]);
  const Record record = read(text, {.target = 0});
  EXPECT_NEAR(record.noise_sd, std::sqrt(1 + 0.5 * 0.15 * 0.15), 0.05);
  ControlSettings settings;
  settings.controllers = {"kalman", "none"};
  const auto rows = compare(record, process, settings);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_FALSE(rows[0].vm_sd);
  EXPECT_NEAR(*rows[1].vm_sd, 0.5, 0.02);
  EXPECT_LT(rows[1].sigma.mean, 0.9 * rows[0].sigma.mean);
  EXPECT_NEAR(rows[1].change->mean, rows[1].sigma.mean / rows[0].sigma.mean - 1, 1e-12);
  const auto policy = make_controller_policy("kalman");
  LoopSettings loop = settings_of(record, process);
  loop.first = 2000;
  EXPECT_NEAR(rows[1].sigma.mean, run_loop(path, *policy->make(rows[1].values, loop.noise_variance), loop).sigma, 1e-9);
}

}  // namespace
}  // namespace wordline::fab
