// KV blocks in the host's memory: what a fetch takes, who waits for it, and the link of real machines.
#include <gtest/gtest.h>

#include "servers.h"
#include "wordline/chip/chip.h"
#include "wordline/cluster/machine.h"
#include "wordline/core/error.h"
#include "wordline/serve/host_link.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

constexpr Ticks second = static_cast<Ticks>(ticks_per_second);
constexpr Energy joule = static_cast<Energy>(energies_per_joule);

Request asking(double arrival_s, std::uint64_t text, std::int32_t prompt) {
  Request out{core::Seconds(arrival_s), prompt, 1};
  out.content = std::make_shared<const Content>(Content{{text, prompt}});
  return out;
}

// Blocks of four tokens, six of them; a block comes from the host in 3 s after 1 s.
Server offloading_server(std::int64_t host_blocks, Ticks store_block) {
  Server server = one_second_server(with_null_block(6));
  server.host_link = {host_blocks, second, 3 * second, store_block, 5 * joule, 7 * joule};
  return server;
}

Engine caching_engine(std::int32_t seats) {
  Engine engine = small_engine(seats, 1000, 4);
  engine.prefix_caching = true;
  return engine;
}

// The second text takes the place of all but the first block of the first one, which then comes again.
Workload thrice(bool fourth) {
  Workload out{"", {asking(0, 1, 16), asking(10, 2, 20), asking(20, 1, 16)}};
  if (fourth) out.requests.push_back(asking(21, 3, 4));
  return out;
}

TEST(Offload, AFetchTakesItsBlocksOverTheLink) {
  const auto result = run(offloading_server(100, second), caching_engine(1), thrice(false));
  ASSERT_EQ(result.served.size(), 3u);
  EXPECT_EQ(result.served[2].ttft.value(), 2 * 3 + 1 + 1);  // two blocks, the latency, and the step of what is left
  EXPECT_EQ(result.served[2].queue.value(), 7);
  EXPECT_EQ(result.served[2].cached_tokens, 12);
  EXPECT_EQ(result.prefix_hits, 4);
  EXPECT_EQ(result.host_hits, 8);
  EXPECT_EQ(result.host_blocks_fetched, 2);
  EXPECT_EQ(result.host_blocks_stored, 4 + 5);
  EXPECT_EQ(result.energy.value(), 3 * 10 + (result.duration.value() - 3) + 2 * 5 + 9 * 7);
}

TEST(Offload, WithoutItThePromptIsComputed) {
  const auto result = run(offloading_server(0, second), caching_engine(1), thrice(false));
  EXPECT_EQ(result.served[2].ttft.value(), 1);
  EXPECT_EQ(result.served[2].cached_tokens, 4);
  EXPECT_EQ(result.host_blocks_fetched, 0);
}

TEST(Offload, AFetchWaitsForWhatIsBeingStored) {
  const auto result = run(offloading_server(100, 10 * second), caching_engine(1), thrice(false));
  EXPECT_EQ(result.served[2].ttft.value(), 91 - 20 + 2 * 3 + 1 + 1);  // nine blocks of ten seconds from t = 1
}

TEST(Offload, WhoWaitsForAFetchTakesNoSeat) {
  const auto result = run(offloading_server(100, second), caching_engine(1), thrice(true));
  EXPECT_EQ(result.served[3].ttft.value(), 1);
  EXPECT_EQ(result.served[2].ttft.value(), 8);
}

// The host's memory holds the four blocks used last: those of the second text's first ones.
TEST(Offload, TheHostsMemoryIsFinite) {
  const auto result = run(offloading_server(4, second), caching_engine(1), thrice(false));
  EXPECT_EQ(result.served[2].ttft.value(), 1);
  EXPECT_EQ(result.host_hits, 0);
}

model::Deployment deployment_on(const core::Catalog& catalog, const std::string& chip, int tp) {
  model::Deployment out;
  out.architecture = model::load(catalog, "llama-3.1-8b");
  out.chip = chip::load(catalog, chip);
  out.tp = tp;
  return out;
}

// A block of 16 tokens of Llama-3.1-8B is 2 MiB.
TEST(HostLink, IsTheSlowerOfLinkAndMemory) {
  const auto catalog = core::Catalog::open();
  const auto machine = cluster::load_machine(catalog, "hgx-h100");
  const auto deployment = deployment_on(catalog, "h100-sxm", 1);
  const core::Bytes rank_block = core::bytes(0x1p21);
  const auto link = host_link_of(deployment, rank_block, machine, core::bytes(0x1p30));
  EXPECT_EQ(link.blocks, 512);
  EXPECT_EQ(link.fetch_block, to_ticks(core::bytes(0x1p21) / machine.host_link.bandwidth));
  EXPECT_GT(link.fetch_energy, 0);

  cluster::Machine narrow = machine;
  narrow.sockets = 1;  // eight chips behind one socket: its memory is what is short
  const auto behind = host_link_of(deployment, rank_block, narrow, core::bytes(0x1p30));
  const auto memory = cluster::host_memory(narrow, 1, core::bytes(0x1p21 / 32 / 2));
  EXPECT_EQ(behind.fetch_block, to_ticks(core::bytes(0x1p21) / (memory.bandwidth * 0.125)));
  EXPECT_GT(behind.fetch_block, link.fetch_block);

  const auto mcr = cluster::with_memory(narrow, catalog, "xeon-6980p-mcr-8800");
  EXPECT_LT(host_link_of(deployment, rank_block, mcr, core::bytes(0x1p30)).fetch_block, behind.fetch_block);
}

TEST(HostLink, RanksMoveTheirSharesSideBySide) {
  const auto catalog = core::Catalog::open();
  const auto machine = cluster::load_machine(catalog, "hgx-h100");
  const auto one =
      host_link_of(deployment_on(catalog, "h100-sxm", 1), core::bytes(0x1p21), machine, core::bytes(0x1p30));
  const auto two =
      host_link_of(deployment_on(catalog, "h100-sxm", 2), core::bytes(0x1p20), machine, core::bytes(0x1p30));
  EXPECT_EQ(two.blocks, one.blocks);
  EXPECT_NEAR(static_cast<double>(two.fetch_block), static_cast<double>(one.fetch_block) / 2, 1);
}

TEST(HostLink, WantsRoom) {
  const auto catalog = core::Catalog::open();
  const auto machine = cluster::load_machine(catalog, "hgx-h100");
  const auto deployment = deployment_on(catalog, "h100-sxm", 1);
  const core::Bytes rank_block = core::bytes(0x1p21);
  EXPECT_THROW(host_link_of(deployment, rank_block, machine, core::bytes(0x1p20)), core::InputError);
  EXPECT_THROW(host_link_of(deployment, rank_block, machine, core::bytes(0x1p40)), core::InputError);
}

}  // namespace
}  // namespace wordline::serve
