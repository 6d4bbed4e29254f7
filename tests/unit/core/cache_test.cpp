// The cache under what users do to it: two processes that write one entry at once, entries cut short or overwritten.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "wordline/core/files.h"

namespace wordline::core {
namespace {

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("wordline_cache_" + name);
  std::filesystem::remove_all(folder);
  return folder;
}

int wait_for(pid_t child) {
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(Cache, IsWholeWhileTwoProcessesWriteOneEntry) {
  const Cache cache(fresh_folder("two_writers"));
  const std::string texts[] = {std::string(100'000, 'a'), std::string(70'000, 'b')};
  pid_t writers[2];
  for (int w = 0; w < 2; ++w) {
    writers[w] = ::fork();
    ASSERT_GE(writers[w], 0);
    if (writers[w] == 0) {
      for (int i = 0; i < 300; ++i) cache.put("kind", "key", texts[w]);
      ::_exit(0);
    }
  }
  int read = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto text = cache.get("kind", "key");
    if (!text) {
      ASSERT_EQ(read, 0) << "an entry that was there is gone, or half of one was seen";
      continue;
    }
    ++read;
    ASSERT_TRUE(*text == texts[0] || *text == texts[1]) << "an entry that nobody wrote";
  }
  for (const pid_t writer : writers) EXPECT_EQ(wait_for(writer), 0);
  EXPECT_TRUE(cache.get("kind", "key"));
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(::testing::TempDir() + "/wordline_cache_two_writers"))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1) << "temporary files are left";
}

TEST(Cache, ReadsAsAbsentWhereverAnEntryIsCutOrChanged) {
  const auto folder = fresh_folder("damaged");
  const Cache cache(folder);
  const std::string text = "0x1p+3 0x1.8p+1";
  cache.put("kind", "key", text);
  const auto file = folder / "kind" / "key";
  std::ostringstream whole;
  whole << std::ifstream(file).rdbuf();
  const std::string bytes = whole.str();
  const auto after_writing = [&](const std::string& damaged) {
    std::ofstream(file, std::ios::trunc | std::ios::binary) << damaged;
    return cache.get("kind", "key");
  };
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(after_writing(bytes.substr(0, length))) << "cut to " << length << " bytes";
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(after_writing(damaged)) << "byte " << at << " changed";
  }
  EXPECT_FALSE(after_writing(bytes + "x"));
  EXPECT_EQ(after_writing(bytes), text);
}

}  // namespace
}  // namespace wordline::core
