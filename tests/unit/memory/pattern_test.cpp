// Patterns give the accesses that they say, the same on every machine; traces are read with places in messages.
#include "wordline/memory/pattern.h"

#include <gtest/gtest.h>

#include <set>

#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::memory {
namespace {

std::vector<BlockAccess> all(const Pattern& pattern, std::uint64_t blocks) {
  const auto source = make_source(pattern, blocks);
  std::vector<BlockAccess> out;
  BlockAccess some[7];
  while (const std::size_t count = source->next(some, 7)) out.insert(out.end(), some, some + count);
  return out;
}

std::vector<std::uint64_t> blocks_of(const std::vector<BlockAccess>& accesses) {
  std::vector<std::uint64_t> out;
  for (const auto& access : accesses) out.push_back(access.block);
  return out;
}

TEST(Pattern, StreamsTakeTurnsAndWrap) {
  Pattern pattern;
  pattern.accesses = 6;
  EXPECT_EQ(blocks_of(all(pattern, 4)), (std::vector<std::uint64_t>{0, 1, 2, 3, 0, 1}));
  pattern.streams = 2;
  EXPECT_EQ(blocks_of(all(pattern, 100)), (std::vector<std::uint64_t>{0, 50, 1, 51, 2, 52}));
}

// SplitMix64 with state 1, the first draws (reference values of its authors' program), modulo 2^27 blocks (8 GiB).
TEST(Pattern, RandomIsTheKnownSequence) {
  Pattern pattern;
  pattern.kind = "random";
  pattern.accesses = 2;
  EXPECT_EQ(blocks_of(all(pattern, std::uint64_t{1} << 27)),
            (std::vector<std::uint64_t>{0x910a2dec89025cc1u % (1u << 27), 0xbeeb8da1658eec67u % (1u << 27)}));
}

TEST(Pattern, StrideWraps) {
  Pattern pattern;
  pattern.kind = "stride";
  pattern.stride = 3;
  pattern.accesses = 5;
  EXPECT_EQ(blocks_of(all(pattern, 7)), (std::vector<std::uint64_t>{0, 3, 6, 2, 5}));
}

TEST(Pattern, GatherReadsWholePieces) {
  Pattern pattern;
  pattern.kind = "gather";
  pattern.piece_blocks = 8;
  pattern.accesses = 8 * 50;
  const auto accesses = all(pattern, 8 * 1000 + 5);
  std::set<std::uint64_t> places;
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    ASSERT_EQ(accesses[i].block % 8, i % 8);
    if (i % 8) {
      ASSERT_EQ(accesses[i].block, accesses[i - 1].block + 1);
    }
    places.insert(accesses[i].block / 8);
  }
  EXPECT_GT(places.size(), 40u);
}

TEST(Pattern, ReadShareIsKept) {
  Pattern pattern;
  pattern.kind = "random";
  pattern.accesses = 100'000;
  for (const double reads : {0.0, 0.3, 0.5, 1.0}) {
    pattern.reads = reads;
    int writes = 0;
    for (const auto& access : all(pattern, 1000)) writes += access.write;
    EXPECT_NEAR(writes / 100'000.0, 1 - reads, 0.005);
  }
}

TEST(Pattern, RefusesWhatItCannotDo) {
  Pattern pattern;
  pattern.kind = "strem";
  EXPECT_THROW(make_source(pattern, 100), core::UsageError);
  pattern.kind = "random";
  pattern.reads = 1.5;
  EXPECT_THROW(make_source(pattern, 100), core::UsageError);
}

std::string refusal_of(const std::string& text) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "wordline_access_trace.txt";
  core::write_text(file, text);
  Pattern pattern;
  pattern.kind = "trace";
  pattern.trace = file;
  try {
    make_source(pattern, 1000);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(AccessTrace, ReadsTheFormsOfRamulatorAndDramsim) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "wordline_good_trace.txt";
  core::write_text(file, "# comment\nLD 128\nST 0x40\n\n0x80 R\r\n192 W\n0x100 READ 17\n0x140 WRITE 20 # late\n");
  Pattern pattern;
  pattern.kind = "trace";
  pattern.trace = file;
  const auto accesses = all(pattern, 1000);
  EXPECT_EQ(blocks_of(accesses), (std::vector<std::uint64_t>{2, 1, 2, 3, 4, 5}));
  std::vector<bool> writes;
  for (const auto& access : accesses) writes.push_back(access.write);
  EXPECT_EQ(writes, (std::vector<bool>{false, true, false, true, false, true}));
}

TEST(AccessTrace, SaysWhereItCannotRead) {
  EXPECT_NE(refusal_of("LD 1\nLD x12\n").find(":2:4"), std::string::npos);
  EXPECT_NE(refusal_of("LD 1\n64 FETCH\n").find(":2:4"), std::string::npos);
  EXPECT_NE(refusal_of("64 R 1 2\n").find(":1:1"), std::string::npos);
}

}  // namespace
}  // namespace wordline::memory
