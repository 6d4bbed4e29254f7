// The shape of a language model, read from a Hugging Face config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/core/catalog.h"
#include "wordline/core/reader.h"

namespace wordline::model {

// Grouped-query attention: `heads` query heads share `kv_heads` key and value heads of `head_dim` numbers.
struct Attention {
  int heads = 0, kv_heads = 0, head_dim = 0;
  bool qkv_bias = false, output_bias = false;
};

// A gated feed-forward block: down(act(gate(x)) * up(x)).
struct FeedForward {
  int width = 0;  // config key intermediate_size
  bool bias = false;
};

// A decoder-only transformer of equal layers.
struct Architecture {
  std::string name;        // folder or file stem: "llama-3.1-8b"
  std::string model_type;  // config key
  int layers = 0, hidden = 0, vocabulary = 0;
  int max_positions = 0;  // config key max_position_embeddings
  Attention attention;
  FeedForward feed_forward;
  bool tied_embeddings = false;            // the output matrix is the embedding matrix
  chip::Dtype stated = chip::Dtype::bf16;  // the checkpoint's weights: torch_dtype, quantization_config
};

// Exact number of parameters, tied matrices counted once.
std::int64_t parameters(const Architecture&);
// Of these, the ones in the layers' matrix products: what an fp8 checkpoint stores as fp8 (embedding, output matrix,
// norms and biases stay bf16).
std::int64_t layer_matrix_parameters(const Architecture&);
// Keys and values of one token over all layers.
core::Bytes kv_bytes_per_token(const Architecture&, chip::Dtype kv);

// One family of configs: a file of policy/architecture, whose name is the model_type.
struct Family {
  std::string model_type;
  Architecture (*read)(const core::Reader& config);
};
// Every family, in alphabetical order.
const std::vector<Family>& families();

// Reads a config.json; a model_type or value that is not modelled exactly throws core::InputError naming it.
Architecture read_config(const std::filesystem::path& file);
// A path to a config.json, a folder with one in it, or a name in catalog/models.
Architecture load(const core::Catalog&, const std::string& path_or_name, const core::Location& asked_at = {});

}  // namespace wordline::model
