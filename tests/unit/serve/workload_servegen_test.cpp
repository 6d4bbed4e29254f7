// ServeGen's pools: folders and archives, what is drawn from them, and what is wrong with others.
#include "wordline/serve/workload/servegen.h"

#include <gmock/gmock.h>

#include <cmath>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/tar.h"
#include "workload.h"

namespace wordline::serve {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A header of 512 bytes and the file after it, filled up to 512.
std::string tar_entry(const std::string& path, const std::string& text, char type = '0') {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& field) { header.replace(at, field.size(), field); };
  put(0, path);
  put(100, "0000644");
  put(124, fmt::format("{:011o}", text.size()));
  put(148, "        ");
  header[156] = type;
  put(257, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return header + text + std::string((512 - text.size() % 512) % 512, '\0');
}
const std::string tar_end(1024, '\0');

// Two clients: 0 sends 2 a second for 600 s, then nothing; 3 sends 1 a second from 600 s on.
const std::string trace0 = "0,2.0,1.0,Gamma,1.0,0.5\n600,0,0,,0,0\n";
const std::string trace3 = "0,0,0,,0,0\r\n600,1.0,2.0,Weibull,0.5,0.5";
const std::string lengths0 = R"({"0": {"input_tokens": "{10: 0.25, 20: 0.75}", "output_tokens": "{7: 1.0}"}})";
const std::string lengths3 = R"({
  "0": {"input_tokens": "{}", "output_tokens": "{}"},
  "600": {"input_tokens": "{100: 1.0}", "output_tokens": "{5: 0.5, 6: 0.5}", "reason_ratio": "[0.1, 0.2]"}
})";

class Servegen : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  fs::path write(const std::string& name, const std::string& text) {
    core::write_text(folder_ / name, text);
    return folder_ / name;
  }
  fs::path pool_folder() {
    write("pool/chunk-0-trace.csv", trace0);
    write("pool/chunk-3-trace.csv", trace3);
    write("pool/chunk-0-dataset.json", lengths0);
    write("pool/chunk-3-dataset.json", lengths3);
    write("pool/README.md", "no part of it");
    return folder_ / "pool";
  }
  std::string message(const std::vector<fs::path>& files, const std::string& pool = "") {
    try {
      read_servegen(files, pool);
    } catch (const core::InputError& error) {
      return error.what();
    }
    return "read without a word";
  }
  fs::path folder_;
};

TEST_F(Servegen, DrawsEachClientsRateAndLengths) {
  const auto folder = pool_folder();
  EXPECT_TRUE(is_servegen(folder));
  const auto pool = std::make_shared<const ServegenPool>(read_servegen({folder}));
  ASSERT_EQ(pool->clients.size(), 2u);
  EXPECT_EQ(pool->end_s, 1200);
  EXPECT_EQ(pool->expected(0, 1200), 1800);
  EXPECT_EQ(pool->expected(300, 700), 700);
  EXPECT_THAT(pool->warnings, testing::IsEmpty());
  double early = 0, late = 0, tens = 0, before = 0;
  for (const auto& request : all_of(source_of(pool, {.rate_factor = 10}, 1))) {
    EXPECT_GE(request.arrival.value(), before);
    before = request.arrival.value();
    if (before < 600) {
      ++early;
      tens += request.prompt_tokens == 10;
      EXPECT_TRUE(request.prompt_tokens == 10 || request.prompt_tokens == 20);
      EXPECT_EQ(request.output_tokens, 7);
    } else {
      ++late;
      EXPECT_EQ(request.prompt_tokens, 100);
    }
  }
  EXPECT_NEAR(early, 12000, 4 * std::sqrt(12000.0));
  EXPECT_NEAR(tens / early, 0.25, 0.02);
  EXPECT_NEAR(late, 6000, 4 * std::sqrt(5.0 * 6000));  // CV of a Weibull of shape 1/2: sqrt(5)
}

TEST_F(Servegen, APartCountsFromItsBeginning) {
  const auto pool = std::make_shared<const ServegenPool>(read_servegen({pool_folder()}));
  const auto all = all_of(source_of(pool, {core::Seconds(500), core::Seconds(50), 1}, 1));
  EXPECT_NEAR(static_cast<double>(all.size()), 100, 40);
  EXPECT_LT(all.back().arrival.value(), 50);
  EXPECT_LT(all.front().arrival.value(), 10);
  EXPECT_THROW(source_of(pool, {core::Seconds(1200), core::Seconds(50), 1}, 1), core::InputError);
}

TEST_F(Servegen, ArchivesSayTheSameAsFolders) {
  const std::string long_path = std::string(120, 'x') + "/chunk-3-dataset.json";
  const auto traces = write("traces.tar", tar_entry("m/", "", '5') + tar_entry("m/chunk-0-trace.csv", trace0) +
                                              tar_entry("m/chunk-3-trace.csv", trace3) + tar_end);
  const auto lengths = write("lengths.tar", tar_entry("chunk-0-dataset.json", lengths0) +
                                                tar_entry("././@LongLink", long_path + std::string(1, '\0'), 'L') +
                                                tar_entry(long_path.substr(0, 100), lengths3) + tar_end);
  EXPECT_TRUE(is_servegen(traces));
  const auto pool = std::make_shared<const ServegenPool>(read_servegen({traces, lengths}));
  EXPECT_EQ(pool->name, "m");
  const auto folder = std::make_shared<const ServegenPool>(read_servegen({pool_folder()}));
  EXPECT_TRUE(same(all_of(source_of(pool, {}, 3)), all_of(source_of(folder, {}, 3))));
}

TEST_F(Servegen, SeveralPoolsWantAName) {
  const auto archive =
      write("two.tar", tar_entry("a/chunk-0-trace.csv", trace0) + tar_entry("b/chunk-0-trace.csv", trace3) +
                           tar_entry("a/chunk-0-dataset.json", lengths0) +
                           tar_entry("b/chunk-0-dataset.json", lengths3) + tar_end);
  EXPECT_THAT(message({archive}), HasSubstr("found 2 pools; wanted one of a, b"));
  EXPECT_THAT(message({archive}, "c"), HasSubstr("no pool \"c\""));
  EXPECT_EQ(read_servegen({archive}, "b").expected(0, 1200), 600);
}

TEST_F(Servegen, ClientsWithoutLengthsAreLeftOutAndCounted) {
  write("chunk-0-trace.csv", trace0);
  write("chunk-3-trace.csv", trace3);
  write("chunk-0-dataset.json", lengths0);
  const auto pool = read_servegen({folder_});
  EXPECT_EQ(pool.clients.size(), 1u);
  EXPECT_THAT(pool.warnings,
              testing::ElementsAre("1 of 2 clients without lengths: left out, and with them 33.3 % of the requests"));
}

TEST_F(Servegen, AnswersOfNoTokensAreLeftOutAndCounted) {
  write("chunk-0-trace.csv", trace0);
  write("chunk-0-dataset.json",
        R"({"0": {"input_tokens": "{10: 1.0}", "output_tokens": "{0: 0.5, 7: 0.25, 9: 0.25}"}})");
  const auto pool = std::make_shared<const ServegenPool>(read_servegen({folder_}));
  EXPECT_THAT(pool->warnings, testing::ElementsAre(HasSubstr("1 distribution with")));
  double sevens = 0, all = 0;
  for (const auto& request : all_of(source_of(pool, {.rate_factor = 5}, 1))) {
    sevens += request.output_tokens == 7;
    ++all;
  }
  EXPECT_NEAR(sevens / all, 0.5, 0.03);
}

TEST_F(Servegen, NamesThePlaceOfWhatIsWrong) {
  const auto with_trace = [&](const std::string& text) {
    write("p/chunk-0-dataset.json", lengths0);
    write("p/chunk-0-trace.csv", text);
    return message({folder_ / "p"});
  };
  EXPECT_THAT(with_trace("0,2,1,Gamma,1,1\n0,2,1,Gamma,1,1\n"),
              HasSubstr("chunk-0-trace.csv:2:1: found a window from 0"));
  EXPECT_THAT(with_trace("0,-2,1,Gamma,1,1\n"), HasSubstr(":1:3: found -2 requests/s"));
  EXPECT_THAT(with_trace("0,two,1,Gamma,1,1\n"), HasSubstr(":1:3: found \"two\""));
  EXPECT_THAT(with_trace("0,2,1,Gama,1,1\n"), HasSubstr("did you mean \"Gamma\""));
  EXPECT_THAT(with_trace("0,2,0,Gamma,1,1\n"), HasSubstr(":1:5: found a CV of 0"));
  EXPECT_THAT(with_trace("0,2,1,Weibull,0,1\n"), HasSubstr(":1:15: found a shape of 0"));
  const auto with_lengths = [&](const std::string& window) {
    write("p/chunk-0-trace.csv", trace0);
    write("p/chunk-0-dataset.json", "{\"0\": " + window + "}");
    return message({folder_ / "p"});
  };
  EXPECT_THAT(with_lengths("{\"input_tokens\": \"{}\"}"),
              HasSubstr("dataset.json:1:7: found a window of input_tokens"));
  EXPECT_THAT(with_lengths("{\"input_tokens\": \"{5: 1\", \"output_tokens\": \"{}\"}"), HasSubstr(":1:24: found"));
  EXPECT_THAT(with_lengths("{\"input_tokens\": \"{-5: 1}\", \"output_tokens\": \"{}\"}"), HasSubstr("-5 tokens"));
  EXPECT_THAT(with_lengths("{\"input_tokens\": \"{5: 2}\", \"output_tokens\": \"{}\"}"),
              HasSubstr("a probability of 2"));
  EXPECT_THAT(with_lengths("{\"input_tokens\": 3, \"output_tokens\": \"{}\"}"), HasSubstr("the number 3"));
  EXPECT_THAT(with_lengths("{\"input_tokens\": \"{}\", \"output_tokens\": \"{}\"}"), HasSubstr("no client"));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(message({folder_ / "empty"}), HasSubstr("no chunk-N-trace.csv"));
}

TEST_F(Servegen, SaysThatAnArchiveIsDamaged) {
  const std::string whole = tar_entry("chunk-0-trace.csv", trace0) + tar_end;
  EXPECT_EQ(core::files_of_tar(whole, "a.tar").size(), 1u);
  EXPECT_THROW(core::files_of_tar(whole.substr(0, 1024), "a.tar"), core::InputError);
  EXPECT_THROW(core::files_of_tar(whole.substr(0, 700), "a.tar"), core::InputError);
  std::string damaged = whole;
  damaged[3] = 'X';
  EXPECT_THROW(core::files_of_tar(damaged, "a.tar"), core::InputError);
}

TEST_F(Servegen, ReadsPaxNames) {
  const std::string archive = tar_entry("pax", "20 path=a/long-name\n", 'x') + tar_entry("short", "text") + tar_end;
  const auto files = core::files_of_tar(archive, "a.tar");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].path, "a/long-name");
  EXPECT_EQ(files[0].text, "text");
}

}  // namespace
}  // namespace wordline::serve
