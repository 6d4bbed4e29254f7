// The shape of a language model, read from a Hugging Face config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/core/catalog.h"
#include "wordline/core/reader.h"
#include "wordline/model/quantisation.h"

namespace wordline::model {

// Multi-head latent attention (DeepSeek-AI 2024, DeepSeek-V2, section 2.1): keys and values of all heads come from one
// cached vector of kv_rank numbers, beside rope_dim numbers of a key that carries the position.
struct LatentAttention {
  int q_rank = 0;  // config key q_lora_rank; 0: queries are projected without going through a smaller vector
  int kv_rank = 0, nope_dim = 0, rope_dim = 0, value_dim = 0;
  bool operator==(const LatentAttention&) const = default;
};

// `heads` query heads share `kv_heads` key and value heads of `head_dim` numbers (grouped queries), or latent
// attention.
struct Attention {
  int heads = 0;
  int kv_heads = 0, head_dim = 0;  // latent: heads, and nope_dim + rope_dim
  bool qkv_bias = false, output_bias = false;
  bool qk_norm = false;  // RMSNorm over each head of queries and of keys
  bool sinks = false;    // one learnt logit a head that takes part in the softmax (gpt-oss)
  int window = 0;        // tokens that a query sees, its own included; 0: all before it
  std::optional<LatentAttention> latent;
  bool operator==(const Attention&) const = default;
};

// A router sends each token to `top_k` of `count` gated feed-forward blocks of `width`; all pass through the shared
// one.
struct Experts {
  int count = 0, top_k = 0, width = 0;
  int shared_width = 0;                    // of all shared experts together; 0: none
  bool bias = false, router_bias = false;  // of the experts' matrices, of the router's
  bool correction_bias = false;            // added to the scores that choose (DeepSeek-V3), 32-bit
  bool operator==(const Experts&) const = default;
};

// Gated feed-forward: down(act(gate(x)) * up(x)), one block of `width` or experts.
struct FeedForward {
  int width = 0;  // config key intermediate_size; 0 where there are experts
  bool bias = false;
  std::optional<Experts> experts;
  bool operator==(const FeedForward&) const = default;
};

// One layer: norm, attention, norm, feed-forward.
struct Layer {
  Attention attention;
  FeedForward feed_forward;
  bool post_norm = false;  // one more norm on the feed-forward's output (A.X K1)
  Formats formats;         // how the checkpoint stores its matrices
  bool operator==(const Layer&) const = default;
};

// A decoder-only transformer.
struct Architecture {
  std::string name;        // folder or file stem: "llama-3.1-8b"
  std::string model_type;  // config key
  int hidden = 0, vocabulary = 0;
  int max_positions = 0;                   // config key max_position_embeddings
  std::vector<Layer> kinds;                // layers that differ, in the order in which they first occur
  std::vector<std::size_t> order;          // kind of each layer, from the first to the last
  bool tied_embeddings = false;            // the output matrix is the embedding matrix
  int draft_layers = 0;                    // multi-token prediction (num_nextn_predict_layers): not counted, not run
  Quantisation quantisation;               // how the checkpoint is stored
  Storage output;                          // the output matrix
  chip::Dtype stated = chip::Dtype::bf16;  // of the matrices that are quantised; bf16 where none is

  int layers() const { return static_cast<int>(order.size()); }
  // Layers of that kind among [first, last).
  int count(std::size_t kind, int first, int last) const;
  int count(std::size_t kind) const { return count(kind, 0, layers()); }
};

// Puts equal layers together: fills `kinds` and `order`.
void set_layers(Architecture&, const std::vector<Layer>& layers);

// Exact number of parameters, tied matrices counted once, without the layers that draft further tokens.
std::int64_t parameters(const Architecture&);
// Of these, the ones that one token goes through: all but the experts that the router does not choose.
std::int64_t active_parameters(const Architecture&);
// Of all, the ones in the layers' matrices, router left out: what an fp8 checkpoint stores as fp8.
std::int64_t layer_matrix_parameters(const Architecture&);
// Numbers that one layer caches of one token: keys and values, or the latent vector and the rotated key.
std::int64_t cached_numbers(const Attention&);
// Cache of one token over all layers.
core::Bytes kv_bytes_per_token(const Architecture&, chip::Dtype kv);
// Cache of a sequence of so many tokens: layers with a window hold no more than the window.
core::Bytes kv_bytes(const Architecture&, chip::Dtype kv, std::int64_t tokens);

// One family of configs: a file of policy/architecture, whose name is the model_type.
struct Family {
  std::string model_type;
  // The layers and what else the family's keys say; names and quantisation are added by read_config().
  Architecture (*read)(const core::Reader& config);
  ModuleNames (*modules)();  // what the checkpoint calls its matrices: ignore lists name them
};
// Every family, in alphabetical order.
const std::vector<Family>& families();

// Reads a config.json; quantisation from its quantization_config, or from hf_quant_config.json beside it
// (x_config.json: x_hf_quant_config.json). A model_type or value that is not modelled exactly throws core::InputError
// naming it, missing keys one naming all of them.
Architecture read_config(const std::filesystem::path& file);
// The same from a document at hand; `beside`: what hf_quant_config.json says, where there is one.
Architecture read_config(const core::Value& config, const std::string& name, const core::Value* beside = nullptr);
// A path to a config.json, a folder with one in it, or a name in catalog/models.
Architecture load(const core::Catalog&, const std::string& path_or_name, const core::Location& asked_at = {});

}  // namespace wordline::model
