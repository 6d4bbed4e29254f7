// Traces are read as other simulators write them, packed or not, line by line; messages name the place.
#include "wordline/memory/access_trace.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>

#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::memory {
namespace {

Pattern trace_of(const std::string& name, const std::string& text) {
  Pattern pattern;
  pattern.kind = "trace";
  pattern.accesses = 0;
  pattern.trace = std::filesystem::path(::testing::TempDir()) / ("wordline_" + name);
  std::ofstream(pattern.trace, std::ios::binary) << text;
  return pattern;
}

std::vector<BlockAccess> all(const Pattern& pattern) {
  const auto source = make_source(pattern, 1000);
  std::vector<BlockAccess> out;
  BlockAccess some[7];
  while (const std::size_t count = source->next(some, 7)) out.insert(out.end(), some, some + count);
  return out;
}

template <class Field>
auto each(const std::vector<BlockAccess>& accesses, Field BlockAccess::*field) {
  std::vector<Field> out;
  for (const auto& access : accesses) out.push_back(access.*field);
  return out;
}

std::string refusal_of(const std::string& text, bool timed = false) {
  Pattern pattern = trace_of("refused.trace", text);
  pattern.timed = timed;
  try {
    all(pattern);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(AccessTrace, ReadsTheFormsOfRamulatorAndDramsim) {
  const auto accesses = all(
      trace_of("forms.trace", "# comment\nLD 128\nST 0x40\n\n0x80 R\r\n192 W\n0x100 READ 17\n0x140 WRITE 20 # late"));
  EXPECT_EQ(each(accesses, &BlockAccess::block), (std::vector<std::uint64_t>{2, 1, 2, 3, 4, 5}));
  EXPECT_EQ(each(accesses, &BlockAccess::write), (std::vector<bool>{false, true, false, true, false, true}));
}

TEST(AccessTrace, ReadsBubblesAndWriteBacks) {
  Pattern pattern = trace_of("bubbles.trace", "3 20734016\n1 64 128\n# last\n7 0xC0\n");
  auto accesses = all(pattern);
  EXPECT_EQ(each(accesses, &BlockAccess::block), (std::vector<std::uint64_t>{20734016 / 64 % 1000, 1, 2, 3}));
  EXPECT_EQ(each(accesses, &BlockAccess::write), (std::vector<bool>{false, false, true, false}));
  EXPECT_EQ(each(accesses, &BlockAccess::gap_clocks), (std::vector<std::uint32_t>{0, 0, 0, 0}));
  pattern.timed = true;
  accesses = all(pattern);
  EXPECT_EQ(each(accesses, &BlockAccess::gap_clocks), (std::vector<std::uint32_t>{3, 1, 0, 7}));
}

TEST(AccessTrace, KeepsTheClocksOnDemand) {
  Pattern pattern = trace_of("timed.trace", "0x40 READ 100\n0x40 WRITE 100\n0x40 READ 4000000100\n");
  EXPECT_EQ(each(all(pattern), &BlockAccess::gap_clocks), (std::vector<std::uint32_t>{0, 0, 0}));
  pattern.timed = true;
  EXPECT_EQ(each(all(pattern), &BlockAccess::gap_clocks), (std::vector<std::uint32_t>{100, 0, 4'000'000'000u}));
}

TEST(AccessTrace, TakesBlocksOfOtherSizes) {
  Pattern pattern = trace_of("wide.trace", "LD 0x100\nLD 0x17f\nLD 0x180\n");
  pattern.block_bytes = 128;
  EXPECT_EQ(each(all(pattern), &BlockAccess::block), (std::vector<std::uint64_t>{2, 2, 3}));
}

TEST(AccessTrace, EndsWhereItIsTold) {
  Pattern pattern = trace_of("cut.trace", "1 64 128\n1 64 128\nbroken\n");
  pattern.accesses = 3;
  EXPECT_EQ(all(pattern).size(), 3u);
}

// Long enough for several pieces, with an end that falls anywhere in them.
TEST(AccessTrace, UnpacksOnTheWay) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "0x" + std::to_string(i % 10) + "00 READ " + std::to_string(i) + "\n";
  const auto plain = all(trace_of("long.trace", text));
  ASSERT_EQ(plain.size(), 50'000u);
  const auto same = [&](const Pattern& pattern) {
    EXPECT_EQ(each(all(pattern), &BlockAccess::block), each(plain, &BlockAccess::block)) << pattern.trace;
  };
  Pattern gzip = trace_of("long.trace.gz", "");
  for (const char* mode : {"wb", "ab"}) {  // a file of two members
    const gzFile file = gzopen(gzip.trace.c_str(), mode);
    const std::string half = *mode == 'w' ? text.substr(0, 300'001) : text.substr(300'001);
    ASSERT_EQ(gzwrite(file, half.data(), static_cast<unsigned>(half.size())), static_cast<int>(half.size()));
    gzclose(file);
  }
  same(gzip);
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  same(trace_of("long.trace.zst", packed));

  EXPECT_THROW(all(trace_of("short.zst", packed.substr(0, packed.size() - 5))), core::InputError);
  const std::string whole = [&] {
    std::ifstream in(gzip.trace, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  EXPECT_THROW(all(trace_of("short.gz", whole.substr(0, whole.size() - 5))), core::InputError);
  EXPECT_THROW(all(trace_of("bad.gz", whole.substr(0, 20) + "garbage" + whole.substr(27))), core::InputError);
}

TEST(AccessTrace, SaysWhereItCannotRead) {
  EXPECT_NE(refusal_of("LD 1\nLD x12\n").find(":2:4: found \"x12\""), std::string::npos);
  EXPECT_NE(refusal_of("LD 1\n64 FETCH\n").find(":2:4: found \"FETCH\""), std::string::npos);
  EXPECT_NE(refusal_of("64 R 1 2\n").find(":1:8: found \"2\""), std::string::npos);
  EXPECT_NE(refusal_of("LD 64 7\n").find(":1:7: found \"7\""), std::string::npos);
  EXPECT_NE(refusal_of("\n  64\n").find(":2:3: found \"64\""), std::string::npos);
  EXPECT_NE(refusal_of("64 R soon\n", true).find(":1:6: found \"soon\""), std::string::npos);
  EXPECT_NE(refusal_of("64 R 9\n64 R 8\n", true).find(":2:6: found \"8\"; wanted a clock of at least 9"),
            std::string::npos);
  EXPECT_NE(refusal_of("64 R 5000000000\n", true).find(":1:6"), std::string::npos);
  EXPECT_NE(refusal_of(std::string(3 << 20, 'x')).find(":1:1: found a line of more than 1 MiB"), std::string::npos);
  EXPECT_THROW(all(Pattern{.kind = "trace", .trace = "/nowhere"}), core::InputError);
}

}  // namespace
}  // namespace wordline::memory
