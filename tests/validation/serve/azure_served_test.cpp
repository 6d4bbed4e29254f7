// The public Azure conversation trace served whole on two deployments of Llama-3.1-70B.
#include <gmock/gmock.h>

#include "azure.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/engine_memory.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

class AzureOn : public Azure, public testing::WithParamInterface<std::pair<const char*, int>> {};

TEST_P(AzureOn, IsServedToTheLastToken) {
  const auto catalog = core::Catalog::open();
  model::Deployment deployment;
  deployment.architecture = model::load(catalog, "llama-3.1-70b");
  deployment.chip = chip::load(catalog, GetParam().first);
  deployment.tp = GetParam().second;
  Engine engine;
  engine.outside_torch = outside_torch_of(catalog, engine.policy);
  const auto result = run(deployment, engine, trace_);  // conservation is checked inside
  EXPECT_EQ(result.completed, 19366u);
  EXPECT_EQ(result.rejected, 0u);
  EXPECT_EQ(result.total_output_tokens, 4088665);
  EXPECT_EQ(result.total_input_tokens, 22361870);
  EXPECT_GE(result.duration, trace_.span());
  EXPECT_LE(result.kv_peak, 1);
  double memory = 0;
  for (const char* bound : {"dram", "l2", "in_flight"}) memory += result.time_share_by_bound.at(bound);
  EXPECT_GT(memory, 0.2);
  for (const auto& served : result.served) {
    ASSERT_GT(served.ttft.value(), 0);
    ASSERT_GE(served.e2el, served.ttft);
  }
}

INSTANTIATE_TEST_SUITE_P(Llama70B, AzureOn, testing::Values(std::pair{"h100-sxm", 4}, std::pair{"h200-sxm", 2}),
                         [](const auto& test) { return test.index == 0 ? "FourH100" : "TwoH200"; });

}  // namespace
}  // namespace wordline::serve
