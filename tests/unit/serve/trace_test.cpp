// Recorded workloads: the forms that users have, and what is wrong with others.
#include <gmock/gmock.h>

#include <filesystem>

#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/serve/timestamp.h"
#include "wordline/serve/trace.h"

namespace wordline::serve {
namespace {

using testing::HasSubstr;

class Trace : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const auto path = std::filesystem::path(testing::TempDir()) / (std::string("trace_") + test->name() + ".csv");
    core::write_text(path, text);
    return path;
  }
  void expect_error(const std::string& text, const std::string& place, const std::string& what) {
    try {
      read_trace(file(text));
      FAIL() << "read: " << text;
    } catch (const core::InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(place));
      EXPECT_THAT(error.what(), HasSubstr(what));
    }
  }
};

TEST_F(Trace, ReadsAzureFilesWithBomCrlfAndNoLastNewline) {
  const auto workload =
      read_trace(file("\xEF\xBB\xBFTIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.6805900,374,44\r\n"
                      "2023-11-17 00:00:01.1805901,396,109"));
  ASSERT_EQ(workload.requests.size(), 2u);
  EXPECT_EQ(workload.requests[0], (Request{core::Seconds(0), 374, 44}));
  EXPECT_DOUBLE_EQ(workload.requests[1].arrival.value(), 1.5000001);
  EXPECT_EQ(workload.prompt_tokens(), 770);
  EXPECT_EQ(workload.output_tokens(), 153);
  EXPECT_DOUBLE_EQ(workload.span().value(), 1.5000001);
}

TEST_F(Trace, ReadsPlainFilesInAnyOrderOfColumns) {
  const auto workload = read_trace(file("output_tokens,arrival_s,prompt_tokens\n5,2.5,7\n"));
  ASSERT_EQ(workload.requests.size(), 1u);
  EXPECT_EQ(workload.requests[0], (Request{core::Seconds(2.5), 7, 5}));
}

TEST_F(Trace, NamesThePlaceOfWhatIsWrong) {
  const std::string header = "arrival_s,prompt_tokens,output_tokens\n";
  expect_error("arrival_s,prompt_token,output_tokens\n0,1,1\n", ".csv:1", "prompt_tokens");
  expect_error(header + "0,1,1\n0.5,-4,1\n", ".csv:3:5", "-4 tokens");
  expect_error(header + "0,1,0\n", ".csv:2:5", "0 tokens");
  expect_error(header + "0,1000000000,1\n", ".csv:2:3", "1000000000 tokens");
  expect_error(header + "2,1,1\n1,1,1\n", ".csv:3:1", "order of arrival");
  expect_error(header + "-1,1,1\n", ".csv:2:1", "-1 s");
  expect_error(header + "1e9,1,1\n", ".csv:2:1", "an arrival at");
  expect_error(header + "nan,1,1\n", ".csv:2:1", "nan");
  expect_error(header + "0,ten,1\n", ".csv:2:3", "ten");
  expect_error(header, ".csv:2:1", "a request");
  expect_error("TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,1\n", ".csv:2:1", "yesterday");
}

TEST(Timestamp, ReadsDatesToTheNanosecond) {
  EXPECT_EQ(timestamp_ns("1970-01-01 00:00:00"), 0);
  EXPECT_EQ(timestamp_ns("1970-01-02T00:00:01.5Z"), 86'401'500'000'000);
  EXPECT_EQ(timestamp_ns("2023-11-16 18:15:46.6805900"), 1'700'158'546'680'590'000);
  EXPECT_EQ(timestamp_ns("2024-02-29 00:00:00.123456789"), 1'709'164'800'123'456'789);
}

TEST(Timestamp, RefusesWhatIsNoDate) {
  for (const auto* text :
       {"", "2023-11-16", "2023-02-29 00:00:00", "2023-11-16 24:00:00", "2023-11-16 1:00:00", "2023-11-16 01:00:00.",
        "2023-11-16 01:00:00.1234567890", "2023-11-16 01:00:00 PM", "-123-11-16 01:00:00"})
    EXPECT_EQ(timestamp_ns(text), std::nullopt) << text;
}

}  // namespace
}  // namespace wordline::serve
