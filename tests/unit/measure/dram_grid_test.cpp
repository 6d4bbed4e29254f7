// What tools/measure/dram.cu measures, and which bytes its kernels touch, without a GPU.
#include "dram_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dram_addresses.h"

namespace wordline::measure {
namespace {

Machine small() { return {8, 4ull << 20, 64ull << 20}; }

TEST(MeasureAddresses, ScatterIsABijectionOfEachWidth) {
  for (unsigned bits = 0; bits <= 16; ++bits) {
    std::vector<bool> seen(1ull << bits);
    for (std::uint32_t i = 0; i < seen.size(); ++i) {
      const std::uint32_t place = scatter(i, bits);
      ASSERT_LT(place, seen.size());
      ASSERT_FALSE(seen[place]) << i << " of 2^" << bits;
      seen[place] = true;
    }
  }
}

TEST(MeasureAddresses, NeighboursOfAScatteredOrderAreFarApart) {
  constexpr unsigned bits = 16;
  int near = 0;
  for (std::uint32_t i = 0; i + 1 < 1u << bits; ++i) {
    const auto a = static_cast<int>(scatter(i, bits)), b = static_cast<int>(scatter(i + 1, bits));
    if (std::abs(a - b) <= 64) ++near;
  }
  EXPECT_LT(near, 4 * 128);  // a random order has 128 of 65536
}

// Every 16 bytes of a footprint once, whatever the layout; pieces are contiguous, and start where the stride says.
TEST(MeasureAddresses, ALayoutTouchesEveryVectorOnceInPieces) {
  constexpr unsigned footprint = 16;
  for (const bool random : {false, true})
    for (unsigned piece = 4; piece <= footprint; ++piece)
      for (unsigned stride = piece; stride <= (random ? piece : footprint); ++stride) {
        const Layout layout{piece, stride, footprint, random};
        std::set<std::uint64_t> seen;
        for (std::uint64_t v = 0; v < 1u << (footprint - vector_shift); ++v) {
          const std::uint64_t byte = layout.byte_of(v);
          ASSERT_LT(byte, 1u << footprint);
          ASSERT_EQ(byte % 16, 0u);
          ASSERT_TRUE(seen.insert(byte).second) << "twice: " << byte;
          if (v * 16 % (1u << piece) != 0) {
            ASSERT_EQ(byte, layout.byte_of(v - 1) + 16);
          }
        }
        ASSERT_EQ(seen.size(), 1u << (footprint - vector_shift));
      }
}

TEST(MeasureAddresses, StridedPiecesLieAStrideApartAndWrapOnePieceFurtherIn) {
  const Layout layout{6, 8, 10, false};  // 64 of every 256 bytes, of 1024
  std::vector<std::uint64_t> starts;
  for (std::uint64_t piece = 0; piece < 6; ++piece) starts.push_back(layout.byte_of(piece * 4));
  EXPECT_THAT(starts, testing::ElementsAre(0, 256, 512, 768, 64, 320));
  EXPECT_EQ(layout.byte_of(64), layout.byte_of(0));  // round
}

TEST(MeasureAddresses, ARingIsOneCycleThroughAllItsLines) {
  const Ring ring{17};
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < ring.cells(); ++i) {
    const std::uint64_t byte = ring.byte_of(i);
    EXPECT_EQ(byte % 128, 0u);
    EXPECT_LT(byte, 1u << 17);
    seen.insert(byte);
  }
  EXPECT_EQ(seen.size(), ring.cells());
  EXPECT_EQ(ring.byte_of(ring.cells()), ring.byte_of(0));
}

TEST(MeasureGrid, IsTheSameEachTimeAndHasNoPointTwice) {
  for (const Machine& machine : {Machine{}, small(), Machine{1, 1 << 20, 16 << 20}, Machine{128, 40 << 20, 1 << 30}}) {
    const Grid once(machine), again(machine);
    std::set<std::string> rows;
    for (std::size_t i = 0; i < once.points().size(); ++i) {
      const std::string row = csv_row("x", once.points()[i], nullptr);
      EXPECT_EQ(row, csv_row("x", again.points()[i], nullptr));
      EXPECT_TRUE(rows.insert(row).second) << row;
    }
  }
}

TEST(MeasureGrid, ItsPointsCanBeMeasured) {
  for (const Machine& machine : {Machine{}, small()})
    for (const Point& p : Grid(machine).points()) {
      const std::string row = csv_row("x", p, nullptr);
      EXPECT_GE(p.ctas, 1) << row;
      EXPECT_LE(p.threads, 1024) << row;
      if (p.pattern.rfind("launch", 0) == 0) continue;
      EXPECT_EQ(p.footprint_bytes & (p.footprint_bytes - 1), 0u) << row;
      EXPECT_LE(p.footprint_bytes, machine.footprint) << row;
      if (p.pattern == "chase") continue;
      EXPECT_EQ(p.bytes_in_flight, 16ull * static_cast<unsigned>(p.ctas * p.threads * p.loads)) << row;
      EXPECT_THAT(p.loads, testing::AnyOf(1, 2, 4, 8)) << row;  // what dram.cu has kernels for
      if (p.direction == "half_reads") {
        EXPECT_EQ(p.loads % 2, 0) << row;
      }
      if (p.pattern == "loaded") {
        EXPECT_LT(p.ctas, machine.sms) << "one SM chases: " << row;
        EXPECT_THAT(p.loads, testing::AnyOf(2, 8)) << row;
      } else {
        EXPECT_LE(p.ctas * p.threads, machine.sms * 1024) << "as many threads as run at once: " << row;
      }
      EXPECT_LE(p.piece_bytes, p.stride) << row;
      EXPECT_LE(p.stride, p.footprint_bytes) << row;
    }
}

// Each question that a chip's file asks of a measurement has points: pieces from 32 bytes to 16 KiB, load from little
// to more than the memory can take, footprints on both sides of L2, all directions.
TEST(MeasureGrid, CoversPiecesLoadsFootprintsAndDirections) {
  const Machine machine;
  const Grid grid(machine);
  std::set<std::uint64_t> random, strided, sequential, chased, loads;
  std::set<std::string> directions, launches;
  for (const Point& p : grid.points()) {
    directions.insert(p.direction);
    if (p.pattern == "random") random.insert(p.piece_bytes);
    if (p.pattern == "strided") strided.insert(p.piece_bytes);
    if (p.pattern == "sequential") sequential.insert(p.footprint_bytes);
    if (p.pattern == "chase") chased.insert(p.footprint_bytes);
    if (p.pattern == "loaded" && p.direction == "read") loads.insert(p.bytes_in_flight);
    if (p.pattern.rfind("launch", 0) == 0) launches.insert(p.pattern);
  }
  std::set<std::uint64_t> pieces;
  for (std::uint64_t piece = 32; piece <= 16384; piece *= 2) pieces.insert(piece);
  EXPECT_EQ(random, pieces);
  EXPECT_EQ(strided, pieces);
  EXPECT_LT(*sequential.begin(), machine.l2_bytes / 4);
  EXPECT_EQ(*sequential.rbegin(), machine.footprint);
  EXPECT_LT(*chased.begin(), 16384u);  // within L1
  EXPECT_EQ(*chased.rbegin(), machine.footprint);
  EXPECT_LT(*loads.begin(), 16384u);
  EXPECT_GT(*loads.rbegin(), 8ull << 20);  // over twice what 3.35 TB/s and 1 us hold in flight
  EXPECT_GE(loads.size(), 15u);
  EXPECT_THAT(directions, testing::ElementsAre("copy", "half_reads", "none", "read", "write"));
  EXPECT_THAT(launches, testing::ElementsAre("launch_graph", "launch_stream", "launch_sync"));
}

TEST(MeasureGrid, RowsHaveAsManyValuesAsTheHeaderHasColumns) {
  const Point p{"loaded", "read", 512, 512, 131, 32, 2, 134144, 1 << 30};
  const auto commas = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  Measured measured;
  measured.load_gbps = 1234.56;
  measured.latency_ns = 700.25;
  measured.repeats = 5;
  measured.spread = 0.01234;
  EXPECT_EQ(csv_row("H100", p, &measured), "H100,loaded,read,512,512,131,32,134144,1073741824,1234.6,,700.25,5,0.0123");
  EXPECT_EQ(csv_row("H100", p, nullptr), "H100,loaded,read,512,512,131,32,134144,1073741824,,,,,");
  EXPECT_EQ(commas(csv_row("H100", p, &measured)), commas(csv_header()));
  EXPECT_EQ(commas(csv_row("H100", p, nullptr)), commas(csv_header()));
}

}  // namespace
}  // namespace wordline::measure
