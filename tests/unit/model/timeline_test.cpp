// A step in the order of execution, and as it is drawn.
#include "wordline/model/timeline.h"

#include <algorithm>
#include <filesystem>

#include "../core/perfetto_decoder.h"
#include "fixture.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::model {
namespace {

StepTimer::Line line(const std::string& name, int count, double us) {
  StepTimer::Line out{{chip::Kernel{name, chip::Movement{}}, count}, {}};
  out.cost.time = core::microseconds(us * count);
  out.cost.by_bound[static_cast<std::size_t>(chip::Bound::dram)] = out.cost.time;
  return out;
}

std::string order(const std::vector<StepTimer::Line>& lines) {
  std::string out;
  for (const auto& run : runs(lines)) out += lines[run.line].op.name();
  return out;
}

TEST(Timeline, NeighboursThatRepeatTakeTurns) {
  EXPECT_EQ(order({line("e", 1, 1), line("a", 3, 1), line("b", 3, 1), line("f", 1, 1)}), "eabababf");
  EXPECT_EQ(order({line("a", 4, 1), line("w", 2, 1), line("w", 2, 2), line("b", 4, 1)}), "awbawbawbawb");
  EXPECT_EQ(order({line("n", 3, 1), line("d", 1, 1), line("a", 4, 1)}), "dananana") << "no norm before the first";
  EXPECT_EQ(order({line("a", 8, 1), line("d", 2, 1), line("m", 6, 1)}), "adadamamamamamam");
}

TEST(Timeline, EachRunStartsWhereTheLastEnded) {
  StepTimer timer(deployment("llama-3.1-8b", 2), round_streams());
  const StepShape shape{8, 8 * 1000, {{100, 0}}};
  const auto lines = timer.breakdown(shape);
  const auto all = runs(lines);
  std::vector<int> count(lines.size());
  core::Seconds end;
  for (const auto& run : all) {
    EXPECT_EQ(run.start, end);
    end = run.start + run.duration;
    ++count[run.line];
  }
  EXPECT_NEAR(end.value(), timer(shape).time.value(), 1e-12);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(count[i], lines[i].op.count);
  EXPECT_EQ(std::max_element(all.begin(), all.end(), [](auto& a, auto& b) { return a.layer < b.layer; })->layer, 31);
}

TEST(Timeline, DrawsLayersKernelsAndTransfers) {
  StepTimer timer(deployment("llama-3.1-8b", 2), round_streams());
  const StepShape shape{8, 8 * 1000, {}};
  const auto file = std::filesystem::path(::testing::TempDir()) / "step.pftrace";
  write_timeline(file, timer.breakdown(shape), "a step");
  const auto trace = wordline::testing::decode_perfetto(core::read_text(file));
  std::map<std::string, std::uint64_t> tracks;
  for (const auto& [uuid, track] : trace.tracks) tracks[trace.path(uuid)] = uuid;
  EXPECT_THAT(tracks, ::testing::UnorderedElementsAre(
                          ::testing::Key("a step"), ::testing::Key("a step/layers"), ::testing::Key("a step/kernels"),
                          ::testing::Key("a step/transfers"), ::testing::Key("a step/power of all chips")));
  std::map<std::uint64_t, int> depth, begun;
  std::uint64_t last = 0;
  for (const auto& event : trace.events) {
    EXPECT_GE(event.ns, last);
    last = event.ns;
    if (event.type == 1) {
      ++depth[event.track];
      ++begun[event.track];
    }
    if (event.type == 2) {
      EXPECT_GT(depth[event.track]--, 0);
    }
  }
  for (const auto& [track, open] : depth) EXPECT_EQ(open, 0) << trace.path(track);
  EXPECT_EQ(begun[tracks["a step/layers"]], 32);
  EXPECT_NEAR(static_cast<double>(last), timer(shape).time.value() * 1e9, 1);
  EXPECT_THROW(write_timeline("/dev/null/step.pftrace", timer.breakdown(shape), "a step"), core::InputError);
}

}  // namespace
}  // namespace wordline::model
