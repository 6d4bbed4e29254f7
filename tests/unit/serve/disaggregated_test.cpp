// Replicas that compute prompts, and replicas that answer: the way of keys and values between them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "servers.h"
#include "wordline/chip/chip.h"
#include "wordline/core/error.h"
#include "wordline/serve/kv_link.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

constexpr Ticks second = static_cast<Ticks>(ticks_per_second);

// Half a second a token, after one second.
KvMove slow_link(std::size_t, std::size_t, std::int64_t tokens) { return {second, tokens * second / 2}; }

std::vector<Group> one_of_each(std::int64_t prefill_blocks, std::int64_t decode_blocks, bool caching = false) {
  Engine engine = small_engine(8, 1000, 4);
  engine.prefix_caching = caching;
  return {{one_second_server(with_null_block(prefill_blocks)), engine, 1, nullptr, Role::prefill},
          {one_second_server(with_null_block(decode_blocks)), engine, 1, nullptr, Role::decode}};
}

Result serve_all(std::vector<Group> groups, const Workload& workload) {
  RunOptions options;
  options.kv_link = slow_link;
  return run(std::move(groups), *source_of(workload), options);
}

TEST(Disaggregated, KeysAndValuesTakeTheirTimeOverTheLink) {
  const auto result = serve_all(one_of_each(100, 100), {"", {{core::Seconds(0), 8, 3}}});
  const Served& served = result.served.at(0);
  EXPECT_EQ(served.queue.value(), 0);
  // Its prompt, 8 tokens on their way, the latency, and the step that computes the last token once more.
  EXPECT_EQ(served.ttft.value(), 1 + 4 + 1 + 1);
  EXPECT_EQ(served.e2el.value(), 9);
  EXPECT_EQ(served.replica, 1u);
  EXPECT_EQ(result.kv_tokens_moved, 8);
  EXPECT_EQ(result.mean_concurrency, 1);
}

TEST(Disaggregated, BlocksArePrefillsUntilTheyAreFetched) {
  const Workload two{"", {{core::Seconds(0), 8, 3}, {core::Seconds(0), 8, 3}}};
  const auto result = serve_all(one_of_each(3, 100), two);
  EXPECT_EQ(result.served.at(0).ttft.value(), 7);
  EXPECT_EQ(result.served.at(1).queue.value(), 6);  // when the first one's have arrived
  EXPECT_EQ(result.served.at(1).ttft.value(), 6 + 7);
}

TEST(Disaggregated, TransfersOfAReplicaFollowOneAnother) {
  const Workload two{"", {{core::Seconds(0), 8, 3}, {core::Seconds(0), 8, 3}}};
  const auto result = serve_all(one_of_each(100, 100), two);
  EXPECT_EQ(result.served.at(0).ttft.value(), 1 + 4 + 1 + 1);
  EXPECT_EQ(result.served.at(1).ttft.value(), 1 + 8 + 1 + 1);
}

TEST(Disaggregated, WhatTheReceiverHasIsNotFetched) {
  Workload again{"", {{core::Seconds(0), 8, 1}, {core::Seconds(20), 8, 1}}};
  for (Request& request : again.requests) request.content = std::make_shared<const Content>(Content{{1, 8}});
  const auto result = serve_all(one_of_each(100, 100, true), again);
  EXPECT_EQ(result.served.at(1).ttft.value(), 1 + 2 + 1 + 1);
  EXPECT_EQ(result.kv_tokens_moved, 8 + 4);
  EXPECT_EQ(result.prefix_queries, 16);  // of prefill alone
  EXPECT_EQ(result.prefix_hits, 4);
  EXPECT_EQ(result.served.at(1).cached_tokens, 4);
}

TEST(Disaggregated, WhoFitsNowhereIsRefused) {
  const Workload two{"", {{core::Seconds(0), 8, 90}, {core::Seconds(0), 90, 1}, {core::Seconds(0), 8, 1}}};
  const auto result = serve_all(one_of_each(8, 8), two);
  EXPECT_EQ(result.rejected, 2u);
  EXPECT_EQ(result.completed, 1u);
}

TEST(Disaggregated, RolesMustFitTogether) {
  auto groups = one_of_each(8, 8);
  const Workload none{"", {}};
  EXPECT_THROW(run(groups, *source_of(none), {}), core::InputError);  // no link
  groups[1].role = Role::prefill;
  EXPECT_THROW(serve_all(groups, none), core::InputError);
  groups[1].role = Role::both;
  EXPECT_THROW(serve_all(groups, none), core::InputError);
  groups = one_of_each(8, 8);
  groups[1].server.host_link.blocks = 1;
  EXPECT_THROW(serve_all(groups, none), core::InputError);
}

// Keys and values of a token of Llama-3.1-8B are 128 KiB.
TEST(KvLinkOf, PortsInsideAMachineAndTheNetworkBetween) {
  const auto catalog = core::Catalog::open();
  const auto machine = cluster::load_machine(catalog, "hgx-h100");
  model::Deployment one, two;
  one.architecture = model::load(catalog, "llama-3.1-8b");
  one.chip = chip::load(catalog, "h100-sxm");
  two = one;
  one.tp = 4, two.tp = 2;
  const auto link = kv_link_of({{&one, &machine, core::bytes(32768), 1}, {&two, &machine, core::bytes(65536), 3}});
  const core::Bytes bytes = core::bytes(1000.0 * 131072);
  const auto near = link(0, 2, 1000), far = link(0, 3, 1000);
  EXPECT_EQ(near.time, to_ticks(bytes / (one.chip.port.bandwidth * one.chip.port.bandwidth_share * 2)));
  EXPECT_EQ(far.time, to_ticks(bytes / (machine.network.bandwidth * 2)));
  EXPECT_EQ(far.latency, to_ticks(machine.network.latency));
  two.kv = chip::Dtype::fp8;
  EXPECT_THROW(kv_link_of({{&one, &machine, {}, 1}, {&two, &machine, {}, 1}}), core::InputError);
}

}  // namespace
}  // namespace wordline::serve
