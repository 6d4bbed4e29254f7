// Kernels that were measured layer by layer in a step of one model: tables that name a layer and its tokens, not
// shapes.
#pragma once

#include <vector>

#include "wordline/chip/measured.h"
#include "wordline/core/csv.h"
#include "wordline/model/deployment.h"

namespace wordline::model {

// Whether a table is one of these, by its columns (in any order, `time_us` in microseconds, one layer, one rank):
//   layer, tokens, time_us                                  embedding, layernorm, qkv_proj, qk_norm, rotary_emb,
//   o_proj,
//                                                           gate_up_proj, act_fn, down_proj, final_layernorm
//   layer, sequences, time_us                               lm_head, sampler
//   prefill_chunk, kv_prefill, n_decode, kv_decode, time_us attention of a chunk of so many tokens after so many cached
//                                                           ones beside so many sequences that decode, each after so
//                                                           many cached tokens; the write of new keys and values
//                                                           included
bool is_layer_table(const core::Csv&);

// Every row as the kernels that the deployment runs in such a layer. A layer that stands for norms in two places gives
// a row for each. Throws core::InputError with file, line and column for layers that the model does not have, for
// columns that lack, and for sizes out of range.
std::vector<chip::MeasuredRow> layer_rows(const core::Csv&, const Deployment&);

}  // namespace wordline::model
