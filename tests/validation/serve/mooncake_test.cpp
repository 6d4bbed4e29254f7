// The conversation trace of Mooncake (FAST'25), through a cache that never evicts: what it reuses is what the trace's
// block names say, 105,710 of 288,500 blocks (36.64 %).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "azure.h"
#include "wordline/core/files.h"
#include "wordline/serve/kv_cache.h"

namespace wordline::serve {
namespace {

constexpr std::int32_t trace_block_tokens = 512;

struct Reuse {
  std::int64_t blocks = 0, reused = 0;
  double share() const { return static_cast<double>(reused) / static_cast<double>(blocks); }
};

class Mooncake : public testing::Test {
 protected:
  void SetUp() override {
    const auto file = reference() / "traces/mooncake_conversation_trace.jsonl.gz";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
    std::istringstream lines(core::read_text(file));
    // A block's name stands for all up to its end, so each block is a text of its own. One token more, since the last
    // token of a prompt is never a hit; a last block that is short is taken for a full one, as the trace names it.
    for (std::string line; std::getline(lines, line);) {
      const auto row = nlohmann::json::parse(line);
      Content content;
      for (const auto& id : row.at("hash_ids")) content.push_back({id.get<std::uint64_t>(), trace_block_tokens});
      Request request;
      request.prompt_tokens = static_cast<std::int32_t>(content.size()) * trace_block_tokens + 1;
      request.content = std::make_shared<const Content>(std::move(content));
      requests_.push_back(request);
    }
  }

  // One request after the other.
  Reuse serve(const KvCacheSpec& spec) const {
    KvCache cache(spec);
    Reuse reuse;
    for (const Request& request : requests_) {
      cache.open(0, request);
      const auto hit = cache.admit(0, request.prompt_tokens, request.prompt_tokens);
      EXPECT_TRUE(hit);
      reuse.reused += hit ? hit->blocks() : 0;
      reuse.blocks += request.prompt_tokens / spec.block_tokens;
      cache.release(0, request.prompt_tokens);
      cache.close(0);
    }
    EXPECT_EQ(cache.used(), 0);
    return reuse;
  }

  std::vector<Request> requests_;
};

TEST_F(Mooncake, AnInfiniteCacheReusesWhatTheTraceSays) {
  const Reuse reuse = serve({.blocks = 400'000, .block_tokens = trace_block_tokens});
  EXPECT_EQ(reuse.blocks, 288'500);
  EXPECT_EQ(reuse.reused, 105'710);
}

TEST_F(Mooncake, SmallerBlocksReuseTheSameTokens) {
  const Reuse reuse = serve({.blocks = 4 * 400'000, .block_tokens = trace_block_tokens / 4});
  EXPECT_EQ(reuse.reused, 4 * 105'710);
}

// 1 chip's worth of blocks and the host's memory behind it find together what one cache as large as the host's finds:
// both keep the blocks that were used last.
TEST_F(Mooncake, AHostTierFindsWhatALargerCacheFinds) {
  const KvCacheSpec small{.blocks = 1'000, .block_tokens = trace_block_tokens};
  KvCacheSpec tiered = small;
  tiered.host_blocks = 30'000;
  const double on_chip = serve(small).share(), with_host = serve(tiered).share();
  const double large = serve({.blocks = 30'000, .block_tokens = trace_block_tokens}).share();
  EXPECT_LT(on_chip, 0.5 * large);
  EXPECT_NEAR(with_host, large, 0.01);
}

}  // namespace
}  // namespace wordline::serve
