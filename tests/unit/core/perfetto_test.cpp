#include "wordline/core/perfetto.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "perfetto_decoder.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::core {
namespace {

namespace fs = std::filesystem;
using wordline::testing::decode_perfetto;

class Written : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_ = fs::temp_directory_path() / ("wordline-perfetto-" + std::to_string(::getpid()));
  fs::path file_ = folder_ / "a.pftrace";
};

TEST_F(Written, ComesBackAsItWas) {
  Perfetto out(file_);
  const auto channel = out.track("channel 0"), bank = out.track("bank 3", channel),
             depth = out.counter("depth", "accesses", channel);
  out.begin(bank, "row 7", 10);
  out.begin(bank, "RD", 12, {{"clock", 20.5}, {"column", 300}, {"less", -4}});
  out.end(bank, 13);
  out.instant(bank, "row 7", 1'234'567'890'123, {{"column", 1}});
  out.end(bank, 1'234'567'890'124);
  out.count(depth, -2, 11);
  out.close();

  const auto trace = decode_perfetto(read_text(file_));
  ASSERT_EQ(trace.tracks.size(), 3u);
  EXPECT_EQ(trace.path(bank), "channel 0/bank 3");
  EXPECT_EQ(trace.tracks.at(depth).rank, 1u);
  ASSERT_EQ(trace.events.size(), 6u);
  EXPECT_EQ(trace.events[0].name, "row 7");
  EXPECT_EQ(trace.events[1].ns, 12u);
  EXPECT_EQ(trace.events[1].notes, (std::map<std::string, double>{{"clock", 20.5}, {"column", 300}, {"less", -4}}));
  EXPECT_EQ(trace.events[3].type, 3u);
  EXPECT_EQ(trace.events[3].name, "row 7");
  EXPECT_EQ(trace.events[4].ns, 1'234'567'890'124u);
  EXPECT_EQ(trace.events[5].count, -2);
}

TEST_F(Written, MoreNamesThanAreInterned) {
  Perfetto out(file_);
  const auto track = out.track("t");
  for (int i = 0; i < 5000; ++i) out.instant(track, "row " + std::to_string(i), i);
  out.close();
  const auto trace = decode_perfetto(read_text(file_));
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(trace.events[static_cast<std::size_t>(i)].name, "row " + std::to_string(i));
}

TEST_F(Written, NothingIsSeenBeforeItIsWhole) {
  {
    Perfetto out(file_);
    out.track("t");
    EXPECT_FALSE(fs::exists(file_));
  }
  EXPECT_TRUE(fs::is_empty(folder_));  // not closed: nothing stays
}

TEST_F(Written, APlaceThatCannotBeWritten) {
  std::ofstream(folder_ / "plain") << "x";
  EXPECT_THROW(Perfetto(folder_ / "plain" / "a.pftrace"), InputError);
}

}  // namespace
}  // namespace wordline::core
