// Runs of decode steps in closed form against the same run step by step: every number alike, to the last bit.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "servers.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

// A step's time has kinks and jumps in the context, so that the table has pieces.
Server crooked_server(std::int64_t kv_blocks, const HostTimes& host) {
  const StepTime time = [](const model::StepShape& shape) {
    const auto context = static_cast<double>(shape.decode_context_tokens);
    const double jump = shape.decode_context_tokens / std::max<std::int64_t>(1, shape.decode_sequences) > 37 ? 3e-3 : 0;
    return lasting(0.01 + jump + 1e-5 * static_cast<double>(shape.tokens()) + 3.1e-6 * std::sqrt(context) +
                   1e-6 * context);
  };
  return {[time] { return time; }, kv_blocks, 0, core::Watts(1.7), host};
}

// Prompts of few texts in common, and their answers.
Workload shared_workload(std::uint64_t seed, std::size_t count, std::uint64_t longest, double mean_gap_s) {
  Workload workload = random_workload(seed, count, longest, mean_gap_s);
  core::Random random(seed, 5);
  for (Request& request : workload.requests) {
    if (random.below(3) == 0) continue;
    const auto common = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(request.prompt_tokens)) + 1);
    Content content{{random.below(4), common}};
    if (request.prompt_tokens > common) content.push_back({100 + random.below(9), request.prompt_tokens - common});
    if (random.below(2) == 0) content.push_back({200 + random.below(3), request.output_tokens});
    request.content = std::make_shared<const Content>(content);
  }
  return workload;
}

// Turns of sessions that wait for the answers before them.
void make_sessions(Workload& workload, std::uint64_t seed) {
  core::Random random(seed, 6);
  for (Request& request : workload.requests) {
    request.session = static_cast<std::uint32_t>(random.below(6));
    if (request.session != 0 && random.below(2) == 0) request.think = core::Seconds(random.uniform());
  }
}

HostTimes some_host(core::Random& random) {
  const auto some = [&](std::uint64_t most) { return static_cast<Ticks>(random.below(most << 30)); };
  HostTimes host;
  if (random.below(2) == 0) return host;
  host.request = some(20);
  host.front = some(3);
  host.front_token = some(1) >> 4;
  host.step = some(2);
  host.step_sequence = some(1) >> 4;
  host.least_step = some(25);
  host.least_step_sequence = some(1) >> 3;
  host.answer = some(4);
  host.answer_sequence = some(1) >> 5;
  return host;
}

// Some drafts a step, of which some are accepted.
void draft(Engine& engine, Server& server, core::Random& random) {
  Speculation& speculation = engine.speculation;
  speculation.method = "ngram";
  speculation.num_speculative_tokens = static_cast<std::int32_t>(1 + random.below(4));
  speculation.acceptance = {random.uniform()};
  if (random.below(2) == 0) speculation.spread = 4;
  server.decode_queries = speculation.queries();
}

// Blocks in the host's memory, now and then.
HostLink some_host_link(core::Random& random) {
  if (random.below(2) == 0) return {};
  const auto some = [&](std::uint64_t most) { return static_cast<Ticks>(random.below(most << 30)); };
  return {static_cast<std::int64_t>(1 + random.below(60)), some(10), some(5), some(5), some(2) >> 10, some(2) >> 10};
}

class Skip : public testing::TestWithParam<std::string> {};

TEST_P(Skip, ChangesNothing) {
  std::uint64_t preemptions = 0, hits = 0, host_hits = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 4);
    const auto block_size = static_cast<std::int32_t>(1 + random.below(8));
    const auto seats = static_cast<std::int32_t>(1 + random.below(12));
    Engine engine =
        small_engine(seats, seats + static_cast<std::int32_t>(random.below(60)), block_size, random.below(2) == 0);
    engine.policy = GetParam();
    engine.prefix_caching = random.below(2) == 0;
    vary(engine, random);
    const auto usable = static_cast<std::int64_t>(120 / block_size + 1 + random.below(100));
    Server server = crooked_server(with_null_block(usable), some_host(random));
    if (engine.policy == "vllm-v1" && engine.prefix_caching) server.host_link = some_host_link(random);
    if (engine.policy == "vllm-v1" && seed % 2 == 0) draft(engine, server, random);
    Workload workload = shared_workload(seed, 120, 60, 0.4 * random.uniform());
    if (random.below(3) == 0) make_sessions(workload, seed);
    RunOptions options;
    options.replicas = static_cast<std::int32_t>(1 + random.below(3));
    const auto routers = router_policies();
    options.router = routers[random.below(routers.size())];
    if (random.below(3) == 0) options.max_concurrency = static_cast<std::int64_t>(1 + random.below(20));
    const auto fast = run(server, engine, workload, options);
    options.skip = false;
    const auto plain = run(server, engine, workload, options);
    options.threads = 2;
    const auto threaded = run(server, engine, workload, options);
    EXPECT_EQ(to_json(fast).dump(), to_json(plain).dump());
    EXPECT_EQ(requests_csv(fast), requests_csv(plain));
    EXPECT_EQ(requests_csv(fast), requests_csv(threaded));
    ASSERT_FALSE(HasFailure());
    preemptions += fast.preemptions;
    hits += static_cast<std::uint64_t>(fast.prefix_hits);
    host_hits += static_cast<std::uint64_t>(fast.host_hits);
  }
  if (GetParam() == "static-batching") return;  // has neither
  EXPECT_GT(preemptions, 100u);
  EXPECT_GT(hits, 1000u);
  if (GetParam() == "vllm-v1") {
    EXPECT_GT(host_hits, 1000u);
  }
}

// Two kinds of replicas for prompts, two for answers.
TEST(SkipDisaggregated, ChangesNothing) {
  std::uint64_t preemptions = 0, moved = 0, host_hits = 0, accepted = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 7);
    std::vector<Group> groups;
    const auto block_size = static_cast<std::int32_t>(1 + random.below(8));
    for (const Role role : {Role::prefill, Role::decode, Role::prefill, Role::decode}) {
      const auto seats = static_cast<std::int32_t>(1 + random.below(12));
      Engine engine =
          small_engine(seats, seats + static_cast<std::int32_t>(random.below(60)), block_size, random.below(2) == 0);
      engine.prefix_caching = random.below(2) == 0 || role == Role::prefill;
      const auto usable = static_cast<std::int64_t>(120 / block_size + 1 + random.below(100));
      Server server = crooked_server(with_null_block(usable), some_host(random));
      if (role == Role::prefill) server.host_link = some_host_link(random);
      if (seed % 2 == 0) draft(engine, server, random);
      groups.push_back({server, engine, static_cast<std::int32_t>(1 + random.below(2)), nullptr, role});
    }
    Workload workload = shared_workload(seed, 120, 60, 0.4 * random.uniform());
    if (random.below(3) == 0) make_sessions(workload, seed);
    RunOptions options;
    const auto routers = router_policies();
    options.router = routers[random.below(routers.size())];
    if (random.below(3) == 0) options.max_concurrency = static_cast<std::int64_t>(1 + random.below(20));
    const auto latency = static_cast<Ticks>(random.below(20ULL << 30)),
               token = static_cast<Ticks>(random.below(1 << 29));
    options.kv_link = [=](std::size_t, std::size_t, std::int64_t tokens) { return KvMove{latency, tokens * token}; };
    const auto fast = run(groups, *source_of(workload), options);
    options.skip = false;
    const auto plain = run(groups, *source_of(workload), options);
    EXPECT_EQ(to_json(fast).dump(), to_json(plain).dump());
    EXPECT_EQ(requests_csv(fast), requests_csv(plain));
    ASSERT_FALSE(HasFailure());
    EXPECT_EQ(fast.completed + fast.rejected, workload.requests.size());
    preemptions += fast.preemptions;
    moved += static_cast<std::uint64_t>(fast.kv_tokens_moved);
    host_hits += static_cast<std::uint64_t>(fast.host_hits);
    if (fast.speculation) accepted += fast.speculation->num_accepted_tokens;
  }
  EXPECT_GT(preemptions, 100u);
  EXPECT_GT(moved, 100000u);
  EXPECT_GT(host_hits, 500u);
  EXPECT_GT(accepted, 10000u);
}

INSTANTIATE_TEST_SUITE_P(All, Skip, testing::ValuesIn(engine_policies()), [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace wordline::serve
