// Kernels that somebody measured: the rows of a CSV of shapes and times, each as the kernels that ran in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wordline/chip/kernel_timer.h"
#include "wordline/core/csv.h"
#include "wordline/core/scoring.h"

namespace wordline::chip {

// What a file holds, one kind a file, by its columns (in any order; `us`, microseconds, may be absent, and so may what
// tools/measure writes beside it: `library`, `repeats`, `spread`, `residency`):
//   gemm      dtype, m, n, k                            activations (m x k) times weights (k x n)
//   ctx_attn  attn_dtype, kv_dtype, hd, nh, nkv, b, isl           b whole prompts of isl tokens, nothing cached before
//   gen_attn  attn_dtype, kv_dtype, hd, nh, nkv, b, kv_len        one new token for each of b sequences
//   moe       dtype, dist, h, i, topk, e, tp, ep, tok             a gated expert block; `kernel` may be there besides
//   quant     op, quant_dtype, m, k                               compute_scale or scale_matrix over m x k
// Heads are those of one rank. kv_len counts the cached tokens before the step, which reads kv_len + 1. i is the width
// of an expert over all tp ranks, e counts the experts of all ep ranks, tok the tokens that all of them route; dist is
// balanced or power_law_<exponent>. Without a column `library` a table of experts is taken for aiconfigurator's, whose
// blocks choose their experts and quantise their tokens themselves.
// layer: the kernels of a layer in a model's step; those tables are the model room's (model/layer_tables.h).
enum class MeasuredOp { gemm, ctx_attn, gen_attn, moe, quant, layer };
// "gemm", "ctx_attn", "gen_attn", "moe", "quant", in this order: the tables that are read here.
const std::vector<std::string>& measured_ops();
// The same, and "layer".
std::string name_of(MeasuredOp);
// Throws core::UsageError with the nearest for another name.
MeasuredOp measured_op(const std::string& name);
// What a table holds, by the column that only such files have; throws core::InputError where there is none.
MeasuredOp measured_op_of(const core::Csv&);

// One row.
struct MeasuredRow {
  MeasuredOp op = MeasuredOp::gemm;
  std::size_t row = 0;                 // of the table, from 0
  std::vector<Kernel> kernels;         // one after the other: `us` covers them all
  double us = 0;                       // measured; 0 where the table has no such column
  std::optional<Residency> residency;  // in which it was measured, where the table says so
  bool fitted_on = false;              // constants may be fitted on it: core::for_fitting
  std::string region;                  // rows that are judged together: "bf16 n, k >= 512", "fp8 power_law_1.2"
};

// Every row of a table. A gemm row in a format whose activations are quantised as they come (fp8, fp8_block, int8, fp4,
// mxfp4) is those kernels and the product; w4a16_mxfp4 and int8_wo keep bf16 activations, and in fp8_static rows of
// tools/measure both operands are fp8 already. Throws core::InputError with
// file, line and column for unknown columns and formats, sizes below 1, and splits that do not come out even.
std::vector<MeasuredRow> measured_rows(const core::Csv&, MeasuredOp);

// What kernels of such a table found in the caches when they were replayed: all of theirs, but products ran over
// several sets of weights in turn, of which only small ones stay; those of a model's step nothing of their own.
Residency replayed(MeasuredOp);

// The sum over the row's kernels; the bound is the longest kernel's.
core::Prediction predicted(const MeasuredRow&, KernelTimer&);

}  // namespace wordline::chip
