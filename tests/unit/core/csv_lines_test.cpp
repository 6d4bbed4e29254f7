// CSV a line at a time gives what the whole table gives.
#include "wordline/core/csv_lines.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "wordline/core/csv.h"

namespace wordline::core {
namespace {

using testing::ElementsAre;

class CsvLinesTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  CsvLines lines(const std::string& text) {
    std::ofstream(file_, std::ios::binary) << text;
    return CsvLines(file_);
  }
  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("wordline_csv_lines_" + std::to_string(::getpid()) + ".csv");
};

TEST_F(CsvLinesTest, GivesWhatTheWholeTableGives) {
  const std::string text = "\xEF\xBB\xBF\r\na,\"b \"\"x\"\"\",c\r\n\n1,\"2,5\",\n\"\",\"q\"\"\",z";
  auto lines = this->lines(text);
  const Csv whole = Csv::parse(text, "t");
  EXPECT_EQ(lines.header(), whole.header());
  for (std::size_t row = 0; row < whole.rows(); ++row) {
    ASSERT_TRUE(lines.next());
    ASSERT_EQ(lines.fields().size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(lines.fields()[i], whole.text(row, i));
      EXPECT_EQ(lines.where(i).line, whole.where(row, i).line);
      EXPECT_EQ(lines.where(i).column, whole.where(row, i).column);
    }
  }
  EXPECT_FALSE(lines.ended());
  EXPECT_FALSE(lines.next());
}

TEST_F(CsvLinesTest, LinesMayBeLongerOrShorterThanTheHeader) {
  auto lines = this->lines("a,b\n1\n1,2,3\n");
  ASSERT_TRUE(lines.next());
  EXPECT_THAT(lines.fields(), ElementsAre("1"));
  ASSERT_TRUE(lines.next());
  EXPECT_THAT(lines.fields(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(lines.where(2).column, 5);
  EXPECT_EQ(lines.where(9).column, 1);
  EXPECT_TRUE(lines.ended());
  EXPECT_EQ(lines.column("b"), 1u);
  EXPECT_THROW(lines.column("c"), InputError);
}

TEST_F(CsvLinesTest, RefusesWhatIsNoTable) {
  EXPECT_THROW(lines(""), InputError);
  EXPECT_THROW(lines("\n\n"), InputError);
  EXPECT_THROW(lines("a,a\n"), InputError);
  EXPECT_THROW(lines("a,\n"), InputError);
  EXPECT_THROW(lines("a,\"b\n"), InputError);
  EXPECT_THROW(lines("a,\"b\"c\n"), InputError);
  auto open = lines("a\n\"x\n");
  EXPECT_THROW(open.next(), InputError);
}

}  // namespace
}  // namespace wordline::core
