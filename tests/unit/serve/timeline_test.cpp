// The timeline's file: what it names, what a window leaves out, and that nothing half-written stays.
#include "wordline/serve/timeline.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "../core/perfetto_decoder.h"
#include "servers.h"
#include "wordline/core/error.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

// Two requests on two replicas, the second one at ten seconds.
std::string drawn(const DrawnWindow& window, bool* cut = nullptr) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "serve_timeline.pftrace";
  Timeline timeline(file, 2, window);
  RunOptions options;
  options.watch = &timeline;
  options.replicas = 2;
  run(one_second_server(100), small_engine(4, 64, 16),
      {"by hand", {{core::Seconds(0), 10, 3}, {core::Seconds(10), 20, 2}}}, options);
  timeline.close();
  if (cut) *cut = timeline.cut();
  return text_of(file);
}

TEST(ServeTimeline, DrawsStepsCountersAndRequests) {
  const std::string text = drawn({});
  for (const char* name : {"replica 0", "replica 1", "steps", "running", "waiting", "KV cache", "request 0",
                           "request 1", "prefill 10", "prefill 20", "decode 1", "requests, lane 0"})
    EXPECT_THAT(text, HasSubstr(name));
  EXPECT_THAT(text, Not(HasSubstr("lane 1")));  // no replica has two requests at once
}

TEST(ServeTimeline, HasEveryStepAndEveryRequestInOrder) {  // the decoder refuses times that go back and open slices
  const auto file = std::filesystem::path(::testing::TempDir()) / "serve_timeline_random.pftrace";
  Timeline timeline(file, 3, {});
  RunOptions options;
  options.watch = &timeline;
  options.replicas = 3;
  const auto result =
      run(linear_server(with_null_block(20)), small_engine(8, 64, 8, true), random_workload(5, 300, 60, 0.05), options);
  timeline.close();
  ASSERT_GT(result.preemptions, 0u);
  const auto trace = wordline::testing::decode_perfetto(text_of(file));
  double steps = 0, requests = 0, longest_gap = 0;
  for (const auto& event : trace.events) {
    if (const auto it = event.notes.find("steps"); it != event.notes.end()) steps += it->second;
    if (const auto it = event.notes.find("longest gap ms"); it != event.notes.end()) {
      ++requests;
      longest_gap = std::max(longest_gap, it->second);
    }
  }
  EXPECT_EQ(steps, static_cast<double>(result.steps));
  EXPECT_EQ(requests, static_cast<double>(result.completed));
  EXPECT_NEAR(longest_gap, result.itl.max.value() * 1e3, 1e-6);
}

TEST(ServeTimeline, LeavesOutWhatIsNotInItsWindow) {
  const std::string text = drawn(DrawnWindow::parse("5:", "--timeline-window"));
  EXPECT_THAT(text, Not(HasSubstr("request 0")));
  EXPECT_THAT(text, Not(HasSubstr("prefill 10")));
  EXPECT_THAT(text, HasSubstr("request 1"));
}

TEST(ServeTimeline, SaysWhereThereWasMoreThanItDraws) {
  bool cut = true;
  drawn({}, &cut);
  EXPECT_FALSE(cut);
  DrawnWindow window;
  window.most_requests = 1;
  EXPECT_THAT(drawn(window, &cut), Not(HasSubstr("request 1")));
  EXPECT_TRUE(cut);
}

TEST(ServeTimeline, LeavesNothingBehindWithoutClose) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "serve_timeline_unfinished.pftrace";
  { Timeline timeline(file, 1, {}); }
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(ServeTimeline, RefusesWindowsThatAreNone) {
  for (const char* text : {"", "5", "7:3", "a:b", "-1:2", "1:2:3"})
    EXPECT_THROW(DrawnWindow::parse(text, "--timeline-window"), core::UsageError) << text;
  EXPECT_DOUBLE_EQ(DrawnWindow::parse(":7.5", "").end.value(), 7.5);
}

}  // namespace
}  // namespace wordline::serve
