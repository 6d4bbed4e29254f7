#include "wordline/core/files.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>

#include "wordline/core/catalog.h"
#include "wordline/core/clock.h"
#include "wordline/core/csv.h"
#include "wordline/core/parallel.h"

namespace wordline::core {
namespace {

namespace fs = std::filesystem;

// A folder of its own that goes away with the test.
class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("wordline-") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(Files, GzipIsUnpackedAndTruncationRefused) {
  const fs::path file = folder_ / "x.csv.gz";
  const std::string text = "a,b\n" + std::string(100000, '1') + ",2\n";
  gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  EXPECT_EQ(read_text(file), text);
  fs::resize_file(file, fs::file_size(file) - 9);
  EXPECT_THROW(read_text(file), InputError);
}

TEST_F(Files, WritingLeavesNothingHalfDone) {
  write_text(folder_ / "deep" / "x", "hello");
  EXPECT_EQ(read_text(folder_ / "deep" / "x"), "hello");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "deep"), {}), 1);
}

TEST_F(Files, ACorruptCacheEntryReadsAsAbsent) {
  const Cache cache(folder_);
  EXPECT_FALSE(cache.get("k", "1"));
  cache.put("k", "1", "value\nof two lines");
  EXPECT_EQ(cache.get("k", "1"), "value\nof two lines");
  std::ofstream(folder_ / "k" / "1", std::ios::app) << "x";
  EXPECT_FALSE(cache.get("k", "1"));
}

TEST_F(Files, ALaterCatalogueFolderHidesAndExtends) {
  write_text(folder_ / "one/chips/a.toml", "x = 1\ny = 2\n");
  write_text(folder_ / "two/chips/b.toml", "extends = \"a\"\ny = 3\n");
  const Catalog catalog = Catalog::open({folder_ / "one", folder_ / "two"});
  const Value& b = catalog.load("chips", "b");
  EXPECT_EQ(std::get<std::int64_t>(b.find("x")->data), 1);
  EXPECT_EQ(std::get<std::int64_t>(b.find("y")->data), 3);
  EXPECT_THROW(catalog.load("chips", "../b"), InputError);
  EXPECT_THROW(catalog.load("chips", "c"), InputError);
}

TEST(Csv, AcceptsWhatUsersHave) {
  const Csv csv = Csv::parse(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"x, \"\"y\"\"\"\r\n\r\n2.5,z",
      "f.csv");
  ASSERT_EQ(csv.rows(), 2u);
  EXPECT_EQ(csv.integer(0, 0), 1);
  EXPECT_EQ(csv.text(0, 1), "x, \"y\"");
  EXPECT_DOUBLE_EQ(csv.number(1, csv.column("a")), 2.5);
  EXPECT_EQ(to_string(csv.where(1, 1)), "f.csv:4:5");
  EXPECT_THROW(csv.number(1, 1), InputError);
  EXPECT_THROW(csv.column("bb"), InputError);
  EXPECT_THROW(Csv::parse("a,b\n1\n", "f"), InputError);
  EXPECT_THROW(Csv::parse("a\n\"1\n", "f"), InputError);
  EXPECT_EQ(csv_field("a,\"b"), "\"a,\"\"b\"");
}

TEST(Clock, EdgesOfRationalPeriodsNeverDrift) {
  const Clock hbm3e = Clock::of_frequency(Hertz(2.3e9));
  EXPECT_EQ(hbm3e.numerator_ps(), 10000);
  EXPECT_EQ(hbm3e.denominator(), 23);
  EXPECT_EQ(hbm3e.picoseconds_of(23'000'000'000), 10'000'000'000'000);
  EXPECT_EQ(hbm3e.edge_at_or_after(10000), 23);
  EXPECT_EQ(hbm3e.edge_at_or_after(10001), 24);
  EXPECT_THROW(hbm3e.picoseconds_of(INT64_MAX), std::overflow_error);
  EXPECT_DOUBLE_EQ(Clock::of_frequency(Hertz(1.6e9)).period().value(), 625e-12);
}

TEST(ParallelFor, RethrowsTheFirstFailureWhateverTheThreads) {
  for (const unsigned threads : {1u, 4u}) {
    std::vector<int> out(100);
    parallel_for(100, threads, [&](std::size_t i) { out[i] = static_cast<int>(i * i); });
    EXPECT_EQ(out[99], 9801);
    try {
      parallel_for(100, threads, [](std::size_t i) {
        if (i % 40 == 30) throw std::runtime_error(std::to_string(i));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "30");
    }
  }
}

}  // namespace
}  // namespace wordline::core
