// How a checkpoint stores its matrices: quantization_config of config.json, or hf_quant_config.json.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/core/reader.h"

namespace wordline::model {

// Classes of a layer's matrices; checkpoints give each one format.
enum class Part { attention_in, attention_out, feed_forward, shared_experts, experts };
inline constexpr std::size_t parts = 5;
// "attention_in", ...: projections to queries, keys, values; of the heads' output; dense, shared, routed feed-forward.
std::string name_of(Part);

// A number format with its scales: one for each block of scale_rows x scale_columns numbers.
struct Storage {
  chip::Dtype dtype = chip::Dtype::bf16;
  int scale_rows = 0, scale_columns = 0;  // 0: all rows, all columns
  int scale_bytes = 0;                    // of each block's scale
  int matrix_bytes = 0;                   // further scales of a whole matrix: of weights and of inputs
  bool operator==(const Storage&) const = default;
};
// A matrix of outputs x inputs with its scales; exact.
core::Bytes bytes_of(const Storage&, std::int64_t rows, std::int64_t columns);

// One format for each class of matrices.
using Formats = std::array<Storage, parts>;

// Where the inputs of quantised matrices get their scales: not quantised; computed by a kernel of its own; fixed in the
// checkpoint, so that the kernel before writes them quantised.
enum class Activations { none, dynamic, fixed };
// "none", "dynamic", "static": the words of activation_scheme.
std::string name_of(Activations);

// What a checkpoint says of its formats.
struct Quantisation {
  std::string method = "none";  // quant_method, or "modelopt"
  Storage format;               // of what is converted
  Activations activations = Activations::none;
  chip::Dtype kv = chip::Dtype::bf16;  // keys and values, where the server is told nothing else
  std::vector<std::string> kept;       // patterns of modules that stay as they were
  bool experts_only = false, output_too = false;
  bool operator==(const Quantisation&) const = default;
};

// What a family calls its modules, below "model.layers.N.": all names of one class, for patterns to match.
struct ModuleNames {
  std::array<std::vector<std::string>, parts> of;
};

// Reads a quantization_config, or the "quantization" table of an hf_quant_config.json (the same keys under other
// names). What is not modelled exactly throws core::InputError at its key.
Quantisation read_quantisation(const core::Reader& table);
// The weights of a bf16 checkpoint quantised as they are loaded: fp8 with one scale a matrix, or blocks.
Quantisation online(chip::Dtype);

// Formats of layer `number`; a class that is converted in part throws core::InputError at `where`.
Formats formats_of(const Quantisation&, const ModuleNames&, int number, const core::Location& where);
// The output matrix.
Storage output_format(const Quantisation&);

// Whether a pattern of an ignore list names this module: equal, a parent of it, or one of its steps; `*` for anything;
// "re:" with literals, `.*`, `\.` and `(a|b)`. Other expressions throw core::InputError at `where`.
bool names_module(const std::string& pattern, const std::string& module, const core::Location& where = {});

}  // namespace wordline::model
