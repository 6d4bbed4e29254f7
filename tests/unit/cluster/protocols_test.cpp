// Algorithms on a port whose library is known: which is taken when, and its closed form.
#include <array>

#include "ports.h"
#include "wordline/cluster/measured.h"

namespace wordline::cluster {
namespace {

using namespace core;

constexpr double tick = 1e-12, rate = 0.75 * 450e9, hop = 0.8e-6, start = 5e-6;

TEST(Protocols, SmallMessagesTakeLL) {
  const auto cost = cost_of(nvlink(8, false), transfer(Collective::all_reduce, 1024), "ring");
  EXPECT_NEAR(cost.launch.value(), start, tick);
  EXPECT_NEAR(cost.link.value(), 14 * hop + 2 * 1024 / (rate / 2), tick);
}

TEST(Protocols, MiddleOnesTakeLL128) {
  const auto cost = cost_of(nvlink(8, false), transfer(Collective::all_reduce, 1 << 20), "ring");
  EXPECT_NEAR(cost.time.value(), start + hop + 14 * 1.25 * hop + 2.0 * (1 << 20) / (rate * 120 / 128), tick);
}

TEST(Protocols, LargeOnesTakeSimple) {
  const auto cost = cost_of(nvlink(8, false), transfer(Collective::all_reduce, 1e9), "ring");
  EXPECT_NEAR(cost.time.value(), 3 * start + 14 * hop + (2 * 7.0 / 8 * 1e9 + 2 * 32 * 65536) / rate, tick);
}

TEST(Protocols, SwitchesThatAddUpBeatTheRingForManyBytes) {
  const auto cost = cost_of(nvlink(8, true), transfer(Collective::all_reduce, 1e9));
  EXPECT_EQ(cost.algorithm, "nvls");
  EXPECT_NEAR(cost.time.value(), 3 * start + 12 * hop + (9.0 / 8 / 0.85 * 1e9 + 2 * 32 * 65536) / rate, tick);
  auto whole = transfer(Collective::all_reduce, 1e9);
  whole.dtype = chip::Dtype::int8;
  EXPECT_EQ(cost_of(nvlink(8, true), whole).algorithm, "ring");
  EXPECT_EQ(cost_of(nvlink(2, true), transfer(Collective::all_reduce, 1e9)).algorithm, "ring");
}

TEST(Protocols, TheSoftwareDecidesWhatIsOffered) {
  const auto name = [](Software software, double amount) {
    Group g = nvlink(8, false);
    g.software = software;
    return cost_of(g, transfer(Collective::all_reduce, amount)).algorithm;
  };
  EXPECT_EQ(name(Software::nccl, 16384), "ring");
  EXPECT_EQ(name(Software::tensorrt_llm, 16384), "one_shot");
  EXPECT_EQ(name(Software::vllm, 16384), "one_shot");
  EXPECT_EQ(name(Software::vllm, 1 << 20), "two_shot");
  EXPECT_NE(name(Software::tensorrt_llm, 1 << 20), "two_shot");
}

TEST(Protocols, WithoutPeerAccessNcclGoesThroughTheHost) {
  Group g = nvlink(2, false);
  g.port.peer_access = false;
  const auto large = cost_of(g, transfer(Collective::all_reduce, 1 << 20));
  EXPECT_EQ(large.algorithm, "ring");
  EXPECT_NEAR(large.time.value(), start + 2 * hop + (1 << 20) / rate, tick);
  // LL has a lighter start and hops of 1 us, but a quarter of the bandwidth.
  g.port.latency = microseconds(5.7);
  const auto small = cost_of(g, transfer(Collective::all_reduce, 1024));
  EXPECT_NEAR(small.time.value(), start - 1.8e-6 + 2e-6 + 4 * 1024 / rate, tick);
}

TEST(Protocols, BandsBySize) {
  Group g = nvlink(8, false);
  g.port.bands = {{bytes(1000), 0.9, 1.2}, {bytes(1e6), 0.5, 2}};
  const auto ratios = [&](double amount) {
    const auto cost = cost_of(g, transfer(Collective::all_reduce, amount));
    return std::array{cost.low / cost.time, cost.high / cost.time};
  };
  EXPECT_NEAR(ratios(999)[0], 0.9, 1e-6);
  EXPECT_NEAR(ratios(1000)[1], 2, 1e-6);
  EXPECT_EQ(ratios(1e6)[0], 1);
}

TEST(MeasuredTransfers, RowsAreReadByTheirColumns) {
  const Csv table = Csv::parse(
      "us,sys,op,dtype,gpus,elems,impl\n"
      "5,a100_sxm,alltoall,half,4,100,nccl2.27.3\n"
      "5,h100_sxm,all_reduce,int8,8,100,trtllm1\n"
      "5,h100_sxm,all_redvce,int8,8,100,trtllm1\n"
      "5,h100_sxm,all_reduce,int8,0,100,trtllm1\n"
      "0,h100_sxm,all_reduce,int8,8,100,trtllm1\n",
      "rows.csv");
  const MeasuredTransfers rows(table);
  EXPECT_TRUE(rows.is_of(0, "a100-sxm-80gb"));
  EXPECT_FALSE(rows.is_of(0, "h100-sxm"));
  EXPECT_EQ(rows.row(0).transfer.collective, Collective::all_to_all);
  EXPECT_EQ(rows.row(0).transfer.bytes, bytes(200));
  EXPECT_EQ(rows.row(0).software, Software::nccl);
  EXPECT_EQ(rows.row(1).transfer.bytes, bytes(100));
  EXPECT_EQ(rows.row(1).software, Software::tensorrt_llm);
  const auto message = [&](std::size_t row) {
    try {
      rows.row(row);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message(2), testing::AllOf(testing::HasSubstr("rows.csv:4:12"), testing::HasSubstr("all_reduce")));
  EXPECT_THAT(message(3), testing::HasSubstr("rows.csv:5:28"));
  EXPECT_THAT(message(4), testing::HasSubstr("rows.csv:6:1"));
}

}  // namespace
}  // namespace wordline::cluster
