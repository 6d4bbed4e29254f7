// A model on a group of chips, and what it takes of each chip's memory.
#pragma once

#include <cstdint>
#include <utility>

#include "wordline/chip/chip.h"
#include "wordline/chip/expert_placement.h"
#include "wordline/core/units.h"
#include "wordline/model/architecture.h"
#include "wordline/model/matrices.h"

namespace wordline::model {

// One replica on tp x pp x dp chips. Tensor parallelism (Megatron-LM, Shoeybi et al. 2019) splits heads and
// feed-forward columns; pipeline parallelism gives each stage some of the layers; data-parallel ranks hold the
// attention's weights each and work on sequences of their own. The experts of a layer spread over all tp x dp chips of
// a stage: whole ones over `ep` of them, the columns of each over the rest.
struct Deployment {
  Architecture architecture;
  chip::Chip chip;
  int tp = 1;
  // The format the checkpoint states keeps its own scheme; any other is as if the weights were converted on loading.
  chip::Dtype weights = chip::Dtype::bf16;
  chip::Dtype kv = chip::Dtype::bf16;
  int kv_block_tokens = 16;  // tokens of one KV block: the piece in which decode attention reads (vLLM's default)
  int pp = 1, dp = 1, ep = 1;
  // How tokens fall on a layer's experts, and these on the ranks: chip::ExpertRouting. 0: all experts alike.
  double expert_skew = 0;
  bool eplb = false;          // experts balanced over the ranks by what they get, as vLLM's EPLB does
  int redundant_experts = 0;  // of each layer, with eplb
};

constexpr double most_expert_skew = 10;

// Throws core::InputError where the model cannot be split so, naming the numbers: more ranks than heads or columns,
// more stages than layers, experts over ranks that do not divide tp x dp or exceed their number, experts to balance
// where there is one rank, redundant ones that nobody balances or that ranks do not divide.
void check_split(const Deployment&);
// The same, and where the chip's port joins fewer than that.
void check(const Deployment&);

// How tokens choose among a layer's experts, and where these are.
chip::ExpertRouting routing_of(const Deployment&, const Experts&);
// Load of the rank with most choices over the mean rank's, in the layer where it is worst; 1 where all are alike.
double expert_imbalance(const Deployment&);

// All chips of the replica.
int chips_of(const Deployment&);
// How the weights of a layer are shared out.
Share share_of(const Deployment&);
// Rows of the embedding and columns of the output matrix that each rank holds: rounded up.
int vocabulary_per_rank(const Deployment&);
// First layer of a stage and the one after its last: as even as can be, what is left over going to the stages before
// the last, from the back (vLLM's get_pp_indices).
std::pair<int, int> layers_of_stage(const Deployment&, int stage);

// Formats of a kind's matrices as they are held and multiplied, of the output matrix, and the scales of their inputs.
Formats formats_of(const Deployment&, const Layer&);
Storage output_of(const Deployment&);
Activations activations_of(const Deployment&);

// What one rank holds in its memory.
struct MemoryUse {
  core::Bytes weights;
  core::Bytes kv_per_token;  // over the stage's layers, as if all looked at everything
  core::Bytes activations;   // the peak inside one step
};
// A rank of that stage. Weights are exact, scales included; with latent attention the parts of kv_b_proj are held a
// second time in 16 bits, as decoding multiplies them (vLLM). Activations, as vLLM's profile run has them (vllm/v1:
// gpu_model_runner.profile_run), the larger of two moments: in a layer, residual stream, norm's output, and the larger
// of attention's and feed-forward's inner ones for `max_num_batched_tokens` tokens; in sampling, the last hidden
// states, and for each of `max_num_seqs` sequences the logits in 16 and in 32 bits, their softmax and the noise that it
// is divided by, besides a row of 32 bits for each core, in which top-k and top-p are found.
MemoryUse memory_of_stage(const Deployment&, int stage, std::int64_t max_num_batched_tokens, std::int64_t max_num_seqs);
// A rank of the stage that leaves room for the fewest tokens.
MemoryUse memory_of(const Deployment&, std::int64_t max_num_batched_tokens, std::int64_t max_num_seqs = 256);

}  // namespace wordline::model
