// Rows of measurements as kernels, and refusals that say where.
#include "wordline/chip/measured.h"

#include "wordline/core/error.h"

namespace wordline::chip {
namespace {

using core::Csv;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<MeasuredRow> rows(const std::string& text) {
  const Csv table = Csv::parse(text, "t.csv");
  return measured_rows(table, measured_op_of(table));
}

template <class Work>
const Work& work(const MeasuredRow& row, std::size_t kernel = 0) {
  return std::get<Work>(row.kernels.at(kernel).work);
}

TEST(Measured, AProductInBf16IsOneKernel) {
  const auto all = rows("us,k,n,m,dtype\n12.5,512,1024,16,bfloat16\n3,256,1024,1,float16\n");
  ASSERT_EQ(all.size(), 2u);
  ASSERT_EQ(all[0].kernels.size(), 1u);
  EXPECT_EQ(work<Gemm>(all[0]), (Gemm{.m = 16, .n = 1024, .k = 512}));
  EXPECT_EQ(all[0].us, 12.5);
  EXPECT_EQ(all[0].region, "bf16 n, k >= 512");
  EXPECT_EQ(all[1].region, "fp16 smaller n or k");
  EXPECT_EQ(work<Gemm>(all[1]).operands, Dtype::fp16);
}

TEST(Measured, AProductInFp8QuantisesItsActivationsFirst) {
  const auto fp8 = rows("dtype,m,n,k\nfp8,16,1024,512\n").at(0);
  ASSERT_EQ(fp8.kernels.size(), 3u);
  EXPECT_EQ(fp8.us, 0);
  const auto& scale = work<Movement>(fp8, 0);
  EXPECT_EQ(scale.read.value(), 16 * 512 * 2);
  EXPECT_EQ(scale.written.value(), 0);
  EXPECT_EQ(work<Movement>(fp8, 1).written.value(), 16 * 512);
  EXPECT_EQ(work<Gemm>(fp8, 2).weights, Dtype::fp8);
  EXPECT_EQ(work<Gemm>(fp8, 2).operands, Dtype::fp8);
  EXPECT_EQ(rows("dtype,m,n,k\nfp8_block,16,1024,512\n").at(0).kernels.size(), 2u);
  // Weights alone in fewer bits: nothing is quantised as it comes.
  const auto wide = rows("dtype,m,n,k\nw4a16_mxfp4,16,1024,512\n").at(0);
  ASSERT_EQ(wide.kernels.size(), 1u);
  EXPECT_EQ(work<Gemm>(wide).weights, Dtype::mxfp4);
  EXPECT_EQ(work<Gemm>(wide).operands, Dtype::bf16);
}

TEST(Measured, AProductOfGivenFp8IsOneKernelJudgedApart) {
  const auto given = rows(
                         "dtype,m,n,k,us,library,repeats,spread,residency\n"
                         "fp8_static,16,1024,512,3.5,torch._scaled_mm,7,0.01,cold\n")
                         .at(0);
  ASSERT_EQ(given.kernels.size(), 1u);
  EXPECT_EQ(work<Gemm>(given), work<Gemm>(rows("dtype,m,n,k\nfp8,16,1024,512\n").at(0), 2));
  EXPECT_EQ(given.region, "fp8_static n, k >= 512");
  // Only products come so.
  EXPECT_THAT([] { rows("dtype,dist,h,i,topk,e,tp,ep,tok\nfp8_static,balanced,64,64,2,8,1,1,16\n"); },
              ThrowsMessage<core::InputError>(HasSubstr("t.csv:2:1")));
}

TEST(Measured, AttentionCountsPairsAndTheTokenOfTheStep) {
  const auto prompt = rows("attn_dtype,kv_dtype,hd,nh,nkv,b,isl,us\nbfloat16,fp8,128,32,8,4,100,9\n").at(0);
  const auto& prefill = work<PrefillAttention>(prompt);
  EXPECT_EQ(prefill.sequences, 4);
  EXPECT_EQ(prefill.tokens, 400);
  EXPECT_EQ(prefill.context, 0);
  EXPECT_EQ(prefill.pairs, 4 * (100 * 101 / 2));
  EXPECT_EQ(prefill.kv, Dtype::fp8);
  const auto step = rows("attn_dtype,kv_dtype,hd,nh,nkv,b,kv_len,us\nbfloat16,bfloat16,64,8,1,3,1023,9\n").at(0);
  const auto& decode = work<DecodeAttention>(step);
  EXPECT_EQ(decode.sequences, 3);
  EXPECT_EQ(decode.context, 3 * 1024);
  EXPECT_EQ(decode.value_dim, 64);
  EXPECT_EQ(step.region, "bf16 kv bf16 hd 64");
}

TEST(Measured, ExpertsAreSplitByWidthAndByNumber) {
  const auto row =
      rows("dtype,kernel,dist,h,i,topk,e,tp,ep,tok,us\nfp8_block,cutlass,power_law_1.2,4096,1536,8,128,2,4,64,80\n")
          .at(0);
  const auto& experts = work<Experts>(row);
  EXPECT_EQ(experts.width, 768);
  EXPECT_EQ(experts.experts, 128);
  EXPECT_EQ(experts.ranks, 4);
  EXPECT_EQ(experts.tokens, 64);
  EXPECT_EQ(experts.skew, 1.2);
  EXPECT_TRUE(experts.dealt);
  EXPECT_TRUE(experts.bench);
  EXPECT_EQ(experts.weights, Dtype::fp8_block);
  EXPECT_EQ(row.region, "fp8_block power_law_1.2");
  const auto ours =
      rows("dtype,dist,h,i,topk,e,tp,ep,tok,us,library\nbfloat16,balanced,4096,1536,8,128,1,1,64,80,torch\n").at(0);
  EXPECT_TRUE(work<Experts>(ours).dealt);
  EXPECT_FALSE(work<Experts>(ours).bench) << "tools/measure's start after the router";
}

TEST(Measured, QuantisationByItsOp) {
  const auto all = rows("op,quant_dtype,m,k,us\ncompute_scale,fp8,2,512,7\nscale_matrix,fp8,2,512,2\n");
  EXPECT_EQ(all[0].kernels[0].name, "compute_scale");
  EXPECT_EQ(work<Movement>(all[1]).written.value(), 1024);
}

// The row's shape alone decides: neither the time nor what was predicted before.
TEST(Measured, TheSubsetDependsOnTheShape) {
  std::string plain = "dtype,m,n,k,us\n", predicted = "dtype,m,n,k,us,predicted_us,bound,low_us,high_us\n";
  for (int m = 1; m <= 500; ++m) {
    plain += "bf16," + std::to_string(m) + ",512,512,1\n";
    predicted += "bf16," + std::to_string(m) + ",512,512,2,3,dram,1,4\n";
  }
  const auto a = rows(plain), b = rows(predicted);
  int chosen = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].fitted_on, b[i].fitted_on);
    chosen += a[i].fitted_on;
  }
  EXPECT_NEAR(chosen, 100, 40);
}

TEST(Measured, SeveralKernelsAddUp) {
  Chip chip;
  chip.engines[Dtype::bf16].peak = core::teraflops(1);
  chip.launch = core::microseconds(2);
  chip.tdp = core::watts(2);
  chip.idle = core::watts(1);
  KernelTimer timer(chip, [](const Memory&, double, core::Bytes, double) {
    return Streamed{core::gigabytes_per_second(1), {}, core::nanoseconds(100)};
  });
  // 64 bytes read by the scale, 64 and 32 by the quantisation of which 32 are read beside what is written, and a
  // product: all at 1 GB/s, after 2 us each.
  const auto row = rows("dtype,m,n,k\nfp8,1,16,32\n").at(0);
  const double product = 32 + 16 * 32 + 32;  // operands, weights, results in bf16
  const auto p = predicted(row, timer);
  EXPECT_NEAR(p.us, 3 * 2 + (64 + 96 + product) * 1e-3, 1e-5);
  EXPECT_EQ(p.bound, "launch");
  EXPECT_EQ(p.low, p.us);
}

// As tools/measure writes them.
TEST(Measured, WhatIsSaidBesideAResult) {
  const auto a = rows("dtype,m,n,k,us,library,repeats,spread,residency\nbf16,1,512,512,3,cublas,100,0.01,cold\n").at(0);
  const auto b = rows("dtype,m,n,k,us,library,repeats,spread,residency\nbf16,1,512,512,4,cublas,90,0.02,cold\n").at(0);
  EXPECT_EQ(a.residency, Residency::cold);
  EXPECT_EQ(a.fitted_on, b.fitted_on);
  EXPECT_FALSE(rows("dtype,m,n,k\nbf16,1,512,512\n").at(0).residency);
}

void refused(const std::string& text, const std::string& where, const std::string& what) {
  EXPECT_THAT([&] { rows(text); }, ThrowsMessage<core::InputError>(AllOf(HasSubstr(where), HasSubstr(what)))) << text;
}

TEST(Measured, MistakesAreNamedWithTheirPlace) {
  refused("dtype,m,n,kk,us\n", "t.csv:1:11", "did you mean \"k\"?");
  refused("dtype,m,n\nbf16,1,1\n", "t.csv:1:1", "\"k\"");
  refused("dtype,m,n,k\nbf61,1,1,1\n", "t.csv:2:1", "did you mean \"bf16\"?");
  refused("dtype,m,n,k\nbf16,1,0,1\n", "t.csv:2:8", "n = 0");
  refused("dtype,m,n,k\nbf16,1,one,1\n", "t.csv:2:8", "\"one\"");
  refused("dtype,m,n,k,us\nbf16,1,1,1,0\n", "t.csv:2:12", "above 0");
  refused("attn_dtype,kv_dtype,hd,nh,nkv,b,isl\nbf16,bf16,128,8,3,1,1\n", "t.csv:2:17", "a divisor of the 8 heads");
  refused("dtype,dist,h,i,topk,e,tp,ep,tok\nbf16,balnced,1,2,1,2,1,1,1\n", "t.csv:2:6", "did you mean \"balanced\"?");
  refused("dtype,dist,h,i,topk,e,tp,ep,tok\nbf16,balanced,1,3,1,2,2,1,1\n", "t.csv:2:23", "a divisor of the width 3");
  refused("op,quant_dtype,m,k\nscale_matrx,fp8,1,1\n", "t.csv:2:1", "did you mean \"scale_matrix\"?");
  refused("a,b\n1,2\n", "t.csv:1:1", "gemm");
  refused("dtype,m,n,k,residency\nbf16,1,1,1,hot\n", "t.csv:2:12", "warm or cold");
  EXPECT_THAT([] { measured_op("gem"); }, ThrowsMessage<core::UsageError>(HasSubstr("did you mean \"gemm\"?")));
}

}  // namespace
}  // namespace wordline::chip
