// What a workload is like: by hand where it is small, by theory where it is drawn.
#include "wordline/serve/workload/describe.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <list>

#include <nlohmann/json.hpp>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/serve/workload/generator.h"
#include "workload.h"

namespace wordline::serve {
namespace {

Description described(const Workload& workload, int block_size = 16) {
  const auto source = source_of(workload);
  return describe(*source, block_size);
}

Request with(double arrival, Content content, std::int32_t prompt) {
  return {core::Seconds(arrival), prompt, 1, 0, core::Seconds(-1), std::make_shared<const Content>(std::move(content))};
}

TEST(Describe, AFewRequestsByHand) {
  Workload workload{"few", {}};
  const double arrivals[] = {10, 11, 13, 13, 30};
  const std::int32_t prompts[] = {1, 5, 3, 4, 2}, outputs[] = {10, 50, 30, 40, 20};
  for (int i = 0; i < 5; ++i)
    workload.requests.push_back({core::Seconds(arrivals[i]), prompts[i], outputs[i], i < 3 ? 1u : i < 4 ? 2u : 0u});
  const auto d = described(workload, 2);
  EXPECT_EQ(d.requests, 5u);
  EXPECT_EQ(d.span_s, 20);
  EXPECT_DOUBLE_EQ(d.rate, 0.2);
  EXPECT_NEAR(d.gap_cv, std::sqrt((16 + 9 + 25 + 144) / 4.0) / 5, 1e-12);
  EXPECT_EQ(d.prompt.mean, 3);
  EXPECT_EQ(d.prompt.p50, 3);
  EXPECT_DOUBLE_EQ(d.prompt.p90, 4.6);
  EXPECT_EQ(d.output.max, 50);
  EXPECT_DOUBLE_EQ(d.rank_correlation, 1);
  EXPECT_EQ(d.reuse.blocks, 1u + 3 + 2 + 2 + 1);
  EXPECT_EQ(d.reuse.found, 0);
  EXPECT_EQ(d.sessions, 2u);
  EXPECT_EQ(d.mean_turns, 2);
  EXPECT_EQ(d.most_turns, 3u);
  EXPECT_EQ(d.arrivals[0], 1u);
  EXPECT_EQ(d.arrivals[3], 2u);
  EXPECT_EQ(d.arrivals.size(), 21u);
  // Twenty whole windows of a second, of counts 1, 1, 0, 2, 0 ...
  ASSERT_EQ(d.dispersion.size(), 1u);
  EXPECT_NEAR(d.dispersion[0].index, (6.0 / 20 - 0.2 * 0.2) / 0.2, 1e-12);
  EXPECT_EQ(to_json(d)["num_prompts"], 5);
}

TEST(Describe, RefusesNothingAtAll) { EXPECT_THROW(described(Workload{}), core::InputError); }

TEST(Describe, APoissonProcessIsPoisson) {
  Generator g;
  g.lengths = lognormal_lengths({1000, 1}, {200, 1}, 0.5);
  g.rate = RateCurve::constant(5);
  g.requests = 100'000;
  const auto source = generated(g, 3);
  const auto d = describe(*source, 16);
  EXPECT_NEAR(d.rate, 5, 0.05);
  EXPECT_NEAR(d.gap_cv, 1, 0.02);
  ASSERT_EQ(d.dispersion.size(), 4u);
  EXPECT_NEAR(d.dispersion[0].index, 1, 0.05);
  EXPECT_NEAR(d.dispersion[1].index, 1, 0.1);
  EXPECT_NEAR(d.rank_correlation, 0.5, 0.01);
  EXPECT_GT(d.window_s, 1);
  std::uint64_t sum = 0;
  for (const auto count : d.arrivals) sum += count;
  EXPECT_EQ(sum, 100'000u);
}

TEST(Reuse, FindsPrefixesAndOnlyThose) {
  Workload workload{"prefixes", {}};
  workload.requests = {with(0, {{1, 40}}, 40),            // 3 blocks, the last of 8
                       with(1, {{1, 40}}, 40),            // all 3
                       with(2, {{2, 16}, {1, 40}}, 56),   // none: another beginning
                       with(3, {{1, 33}}, 33),            // 2; its last one is shorter than what was there
                       with(4, {{1, 20}, {3, 20}}, 40),   // 1
                       with(5, {{1, 20}, {3, 20}}, 40)};  // all 3
  const auto d = described(workload);
  EXPECT_EQ(d.reuse.blocks, 3u + 3 + 4 + 3 + 3 + 3);
  EXPECT_EQ(d.reuse.found, 3 + 2 + 1 + 3);
  EXPECT_EQ(d.reuse.found_tokens, 16 * (2 + 2 + 1 + 2));
  EXPECT_EQ(d.reuse.sampled, 1);
  ASSERT_FALSE(d.reuse.curve.empty());
  EXPECT_EQ(d.reuse.curve.back().found, d.reuse.found);
}

TEST(Reuse, FindsAnswersInTheNextTurn) {
  Workload workload{"turns", {}};
  Request first = with(0, {{1, 20}, {2, 28}}, 20);  // the answer has 28 tokens
  first.output_tokens = 28;
  workload.requests = {first, with(1, {{1, 20}, {2, 28}, {3, 10}}, 58)};
  const auto d = described(workload);
  EXPECT_EQ(d.reuse.blocks, 2u + 4);
  EXPECT_EQ(d.reuse.found, 3);  // 48 tokens
  EXPECT_EQ(d.reuse.found_tokens, 48);
}

// A least-recently-used cache of `size` blocks, as plain as can be: names of one-block prompts.
std::uint64_t found_in_lru(const std::vector<std::uint64_t>& names, std::size_t size) {
  std::list<std::uint64_t> cache;
  std::uint64_t found = 0;
  for (const auto name : names) {
    if (const auto at = std::find(cache.begin(), cache.end(), name); at != cache.end()) {
      ++found;
      cache.erase(at);
    } else if (cache.size() == size) {
      cache.pop_back();
    }
    cache.push_front(name);
  }
  return found;
}

TEST(Reuse, ByCacheSizeIsWhatAPlainLruCacheFinds) {
  core::Random random(11);
  std::vector<std::uint64_t> names;
  for (int i = 0; i < 5000; ++i) {
    const double u = random.uniform();
    names.push_back(static_cast<std::uint64_t>(300 * u * u * u));
  }
  ReuseMeter meter(16);
  for (const auto name : names) meter.add(with(0, {{name, 16}}, 16));
  const auto reuse = meter.result();
  ASSERT_GT(reuse.curve.size(), 30u);
  for (const auto& point : reuse.curve)
    EXPECT_EQ(point.found, static_cast<double>(found_in_lru(names, static_cast<std::size_t>(point.cache_blocks))))
        << point.cache_blocks;
}

TEST(Reuse, FollowsASampleWhereThereAreTooManyBlocks) {
  core::Random random(12);
  ReuseMeter exact(16), sampled(16, 1000);
  for (int i = 0; i < 60000; ++i) {
    const double u = random.uniform();
    const auto request = with(0, {{static_cast<std::uint64_t>(20000 * u * u), 16}}, 16);
    exact.add(request);
    sampled.add(request);
  }
  const auto all = exact.result(), some = sampled.result();
  EXPECT_EQ(all.sampled, 1);
  EXPECT_LT(some.sampled, 0.1);
  EXPECT_EQ(some.blocks, all.blocks);
  EXPECT_NEAR(some.found, all.found, 0.1 * all.found);
  EXPECT_NEAR(some.distinct_blocks, all.distinct_blocks, 0.15 * all.distinct_blocks);
}

}  // namespace
}  // namespace wordline::serve
