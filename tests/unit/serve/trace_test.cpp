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
  expect_error(header + "-1,1,1\n", ".csv:2:1", "-1 s");
  expect_error(header + "1e9,1,1\n", ".csv:2:1", "an arrival at");
  expect_error(header + "nan,1,1\n", ".csv:2:1", "nan");
  expect_error(header + "0,ten,1\n", ".csv:2:3", "ten");
  expect_error(header, ".csv:2:1", "a request");
  expect_error("TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,1\n", ".csv:2:1", "yesterday");
}

TEST_F(Trace, SortsRowsThatAreOutOfOrderAndCountsThem) {
  const auto read = read_recorded(file("arrival_s,prompt_tokens,output_tokens\n2,1,1\n1,2,2\n3,3,3\n2.5,4,4\n"));
  EXPECT_THAT(read.warnings, testing::ElementsAre("2 rows earlier than the one above: sorted by arrival"));
  std::vector<int> order;
  for (const auto& request : read.workload.requests) order.push_back(request.prompt_tokens);
  EXPECT_THAT(order, testing::ElementsAre(2, 1, 4, 3));
}

TEST_F(Trace, TakesTheEarliestDateAsZero) {
  const auto workload =
      read_trace(file("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:02.5+00:00,1,1\n"
                      "2024-05-10 00:00:01.0+00:00,2,1\n"));
  EXPECT_DOUBLE_EQ(workload.requests[0].arrival.value(), 0);
  EXPECT_DOUBLE_EQ(workload.requests[1].arrival.value(), 1.5);
}

TEST_F(Trace, TakesTheSecondsAskedFor) {
  TraceOptions part;
  part.from = core::Seconds(2);
  part.duration = core::Seconds(2);
  const auto text = std::string("arrival_s,prompt_tokens,output_tokens\n1,1,1\n2,2,2\n3.5,3,3\n4,4,4\n9e6,5,5\n");
  const auto read = parse_recorded(text, "t.csv", part).workload.requests;
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0], (Request{core::Seconds(0), 2, 2}));
  EXPECT_EQ(read[1], (Request{core::Seconds(1.5), 3, 3}));
  expect_error(text, ".csv:6:1", "an arrival at");
}

TEST_F(Trace, ReadsSessionsAndThinkTimes) {
  const auto read = read_trace(file("arrival_s,prompt_tokens,output_tokens,session,think_s\n0,1,1,alice,\n1,2,2,bob,\n"
                                    "2,3,3,alice,1.5\n3,4,4,,\n"))
                        .requests;
  ASSERT_EQ(read.size(), 4u);
  EXPECT_THAT((std::vector{read[0].session, read[1].session, read[2].session, read[3].session}),
              testing::ElementsAre(1, 2, 1, 0));
  EXPECT_EQ(read[2].think.value(), 1.5);
  EXPECT_LT(read[0].think.value(), 0);
  expect_error("arrival_s,prompt_tokens,output_tokens,session,think_s\n0,1,1,,2\n", ".csv:2:8", "without a session");
}

TEST_F(Trace, ReadsBurstGptWithoutItsFailures) {
  const auto read = read_recorded(file(
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n"
      "45,ChatGPT,1087,0,1087,API log\n118,GPT-4,417,276,693,Conversation log\n"));
  EXPECT_EQ(read.form, "BurstGPT");
  ASSERT_EQ(read.workload.requests.size(), 2u);
  EXPECT_EQ(read.workload.requests[1], (Request{core::Seconds(113), 417, 276}));
  EXPECT_THAT(read.warnings, testing::ElementsAre("1 row without response tokens, failed requests: skipped"));
}

TEST_F(Trace, ReadsMooncakeBlocksAsPieces) {
  const auto read = read_recorded(
      file("\xEF\xBB\xBF{\"timestamp\": 0, \"input_length\": 1030, \"output_length\": 5, \"hash_ids\": [0, 7, 9]}\r\n"
           "{\"timestamp\": 1500, \"input_length\": 512, \"output_length\": 6, \"hash_ids\": [0]}"));
  EXPECT_EQ(read.form, "Mooncake");
  const auto& requests = read.workload.requests;
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].arrival.value(), 1.5);
  EXPECT_THAT(*requests[0].content, testing::ElementsAre(Piece{0, 512}, Piece{7, 512}, Piece{9, 6}));
  EXPECT_THAT(*requests[1].content, testing::ElementsAre(Piece{0, 512}));
}

TEST_F(Trace, NamesPiecesByTheirTokensAlone) {
  std::string ids, later = "99, ";
  for (int i = 0; i < 16; ++i) ids += std::to_string(100 + i) + (i < 15 ? ", " : "");
  for (int i = 0; i < 15; ++i) later += std::to_string(i) + ", ";
  const auto read = read_trace(
      file("{\"input_toks\": 18, \"output_toks\": 2, \"arrival_time_ns\": 2000000000, \"input_tok_ids\": [" + ids +
           ", 5, 6]}\n{\"input_toks\": 32, \"output_toks\": 2, \"arrival_time_ns\": 3000000000, \"input_tok_ids\": [" +
           later + ids + "]}\n"));
  const auto &first = *read.requests[0].content, &second = *read.requests[1].content;
  EXPECT_EQ(read.requests[0].arrival.value(), 2);
  ASSERT_EQ(first.size(), 2u);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(first[0], second[1]);  // the same 16 tokens at another place
  EXPECT_EQ(first[1].tokens, 2);
  EXPECT_NE(first[0].text, second[0].text);
}

TEST_F(Trace, ReadsLogsOfMeasuredRuns) {
  const auto read = read_recorded(
      file("{\"request_id\": \"bench-0\", \"input_toks\": 10, \"output_toks\": 2, \"arrival_time\": 1787267980.25}\n"
           "{\"request_id\": \"bench-1\", \"input_toks\": 11, \"output_toks\": 3, \"arrival_time\": 1787267981.75}\n"));
  EXPECT_EQ(read.workload.requests[1], (Request{core::Seconds(1.5), 11, 3}));
}

TEST_F(Trace, ReadsResultsOfVllmsBench) {
  const auto read =
      read_recorded(file("{\n \"date\": \"x\", \"input_lens\": [10, 20, 30], \"output_lens\": [1, 0, 3],\n"
                         " \"start_times\": [100.5, 101, 102.5]\n}\n"));
  EXPECT_EQ(read.form, "vLLM bench result");
  EXPECT_TRUE(read.timed);
  ASSERT_EQ(read.workload.requests.size(), 2u);
  EXPECT_EQ(read.workload.requests[1], (Request{core::Seconds(2), 30, 3}));
  EXPECT_THAT(read.warnings, testing::ElementsAre("1 request without output tokens, failed: skipped"));
  EXPECT_FALSE(read_recorded(file("{\"input_lens\": [10], \"output_lens\": [1]}")).timed);
}

TEST_F(Trace, CountsTextsByCharactersOnlyWhenAsked) {
  const std::string custom = "{\"prompt\": \"0123456789\", \"output_tokens\": 7}\n{\"prompt\": \"01234\xC3\xA9\"}\n";
  expect_error(custom, ":1:12", "--characters-per-token");
  TraceOptions four;
  four.characters_per_token = 4;
  const auto read = parse_recorded(custom, "p.jsonl", four);
  EXPECT_FALSE(read.timed);
  ASSERT_EQ(read.workload.requests.size(), 2u);
  EXPECT_EQ(read.workload.requests[0].prompt_tokens, 3);
  EXPECT_EQ(read.workload.requests[0].output_tokens, 7);
  EXPECT_EQ(read.workload.requests[1].prompt_tokens, 2);  // 6 characters
  EXPECT_EQ(read.workload.requests[1].output_tokens, 256);
  EXPECT_THAT(read.warnings, testing::ElementsAre(HasSubstr("4 characters"), HasSubstr("256")));
  const auto shared = parse_recorded(
      "[{\"id\": \"a\", \"conversations\": [{\"from\": \"human\", \"value\": \"12345678\"},\n"
      "{\"from\": \"gpt\", \"value\": \"1234\"}]},\n{\"id\": \"b\", \"conversations\": []}]",
      "s.json", four);
  EXPECT_EQ(shared.form, "ShareGPT");
  ASSERT_EQ(shared.workload.requests.size(), 1u);
  EXPECT_EQ(shared.workload.requests[0].prompt_tokens, 2);
  EXPECT_EQ(shared.workload.requests[0].output_tokens, 1);
}

TEST_F(Trace, NamesThePlaceOfWhatIsWrongInJson) {
  const std::string good = "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1}\n";
  expect_error(good + "{\"timestamp\": 0, \"input_length\": -1, \"output_length\": 1}\n", ":2:34", "-1 tokens");
  expect_error(good + "{\"timestamp\": 0, \"input_length\": 1000000000, \"output_length\": 1}\n", ":2:34",
               "1000000000 tokens");
  expect_error(good + "{\"timestamp\": -1, \"input_length\": 1, \"output_length\": 1}\n", ":2:15", "a time of -1");
  expect_error(good + "{\"timestamp\": 0, \"input_length\": \"1\", \"output_length\": 1}\n", ":2:34", "whole number");
  expect_error(good + "{\"timestamp\": 0, \"input_length\": 1, \"output_lenght\": 1}\n", ":2:1",
               "did you mean \"output_lenght\"");
  expect_error(good + "[1]\n", ":2:1", "an object, one a request");
  expect_error(good + "{\"timestamp\": 0,\n", ":2:", "not JSON");
  expect_error("{\"timestamp\": 0, \"input_length\": 513, \"output_length\": 1, \"hash_ids\": [1]}\n",
               ":1:", "1 hash ids");
  expect_error("{\"when\": 0, \"input_lengths\": 1}\n", ":1:1", "did you mean \"input_length\"");
  expect_error("{\"input_toks\": 2, \"output_toks\": 1, \"arrival_time_ns\": 1, \"input_tok_ids\": [1]}\n",
               ":1:", "1 token ids");
  expect_error("{\"input_lens\": [1, 2], \"output_lens\": [1]}\n", ":1:", "2, as in input_lens");
  expect_error("[]", ":2:1", "a request");
  expect_error("prompt,answer\n1,2\n", ".csv:1:1", "did you mean \"prompt_tokens\"");
}

TEST_F(Trace, SaysThatAPackedFileIsTruncated) {
  // The first bytes of a gzip file, and no more.
  expect_error(std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10), "trace_", "truncated gzip");
}

TEST(Timestamp, ReadsDatesToTheNanosecond) {
  EXPECT_EQ(timestamp_ns("1970-01-01 00:00:00"), 0);
  EXPECT_EQ(timestamp_ns("1970-01-02T00:00:01.5Z"), 86'401'500'000'000);
  EXPECT_EQ(timestamp_ns("2023-11-16 18:15:46.6805900"), 1'700'158'546'680'590'000);
  EXPECT_EQ(timestamp_ns("1970-01-01 00:00:01+00:00"), 1'000'000'000);
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
