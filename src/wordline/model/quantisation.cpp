#include "wordline/model/quantisation.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/model/config.h"

namespace wordline::model {

namespace {

using chip::Dtype;

constexpr int wide_scale = 4;  // 32-bit float

// What the schemes store: fp8 and int8 with one scale a matrix, a row, or a block; the two 4-bit floats in short
// blocks.
Storage by_matrix(Dtype dtype, bool fixed_inputs) { return {dtype, 0, 0, wide_scale, fixed_inputs ? wide_scale : 0}; }
Storage by_row(Dtype dtype, bool fixed_inputs) { return {dtype, 1, 0, wide_scale, fixed_inputs ? wide_scale : 0}; }
Storage by_block(int rows, int columns) { return {Dtype::fp8_block, rows, columns, wide_scale, 0}; }
// NVFP4: 8-bit scales over 16 numbers, 32-bit ones for the matrix and for its inputs (NVIDIA modelopt).
Storage nvfp4() { return {Dtype::fp4, 1, 16, 1, 2 * wide_scale}; }
// OCP Microscaling Formats 1.0: 8-bit exponents over 32 numbers.
Storage mxfp4() { return {Dtype::mxfp4, 1, 32, 1, 0}; }

// One number without its share of scales.
double number_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::fp32:
      return 4;
    case Dtype::bf16:
    case Dtype::fp16:
      return 2;
    case Dtype::fp8:
    case Dtype::fp8_block:
    case Dtype::int8:
      return 1;
    case Dtype::fp4:
    case Dtype::mxfp4:
      break;
  }
  return 0.5;
}

std::vector<std::string> patterns(const core::Reader& table, std::initializer_list<const char*> keys) {
  std::vector<std::string> out;
  for (const char* key : keys) {
    if (!is_given(table, key)) continue;
    const auto more = table.texts(key);
    out.insert(out.end(), more.begin(), more.end());
  }
  for (const auto& pattern : out) names_module(pattern, "", table.where(*keys.begin()));  // refuses what it cannot read
  return out;
}

// {"num_bits": 8, "type": "float"} or "FP8": the cache's format.
Dtype kv_of(const core::Reader& table, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!is_given(table, key)) continue;
    if (table.value(key).text()) {
      table.choice(key, {"FP8"});
    } else {
      const core::Reader scheme = table.table(key);
      scheme.integer("num_bits", 8, 8);
      scheme.choice("type", {"float"});
    }
    return Dtype::fp8;
  }
  return Dtype::bf16;
}

// vLLM's and Hugging Face's own fp8 (DeepSeek-V3, Qwen3-FP8).
Quantisation read_fp8(const core::Reader& table) {
  Quantisation out;
  out.activations =
      table.has("activation_scheme") && table.choice("activation_scheme", {"dynamic", "static"}) == "static"
          ? Activations::fixed
          : Activations::dynamic;
  if (table.has("fmt")) table.choice("fmt", {"e4m3", "float8_e4m3fn"});
  out.format = by_matrix(Dtype::fp8, out.activations == Activations::fixed);
  if (is_given(table, "weight_block_size")) {
    const auto block = table.integers("weight_block_size");
    if (block.size() != 2 || block[0] < 1 || block[1] < 1 || block[0] > 1 << 20 || block[1] > 1 << 20)
      table.fail("weight_block_size", "rows and columns of a block, such as [128, 128]");
    if (out.activations == Activations::fixed)
      table.fail("activation_scheme", "\"dynamic\": weights in blocks take inputs that are quantised as they come");
    out.format = by_block(static_cast<int>(block[0]), static_cast<int>(block[1]));
  }
  out.kept = patterns(table, {"modules_to_not_convert", "ignored_layers"});
  return out;
}

Quantisation read_modelopt(const core::Reader& table) {
  Quantisation out;
  out.method = "modelopt";
  out.activations = Activations::fixed;
  out.output_too = true;
  out.format = by_matrix(Dtype::fp8, true);
  if (table.choice("quant_algo", {"FP8", "NVFP4"}) == "NVFP4") {
    out.format = nvfp4();
    out.activations = Activations::dynamic;  // the scales of each 16 inputs; the matrix's own is fixed
    if (is_given(table, "group_size")) table.integer("group_size", 16, 16);
  }
  out.kv = kv_of(table, {"kv_cache_quant_algo", "kv_cache_scheme"});
  out.kept = patterns(table, {"exclude_modules", "ignore"});
  return out;
}

// The one group of a compressed-tensors config.
Storage read_compressed_weights(const core::Reader& weights, bool fixed_inputs) {
  const auto bits = weights.integer("num_bits");
  const std::string type = weights.choice("type", {"float", "int"});
  if (bits == 4 && type == "float") return weights.integer("group_size", 16, 32) == 16 ? nvfp4() : mxfp4();
  if (bits != 8)
    weights.fail("num_bits", type == "int" ? "8: integers of other widths are not modelled" : "8 or 4 for floats");
  const Dtype dtype = type == "int" ? Dtype::int8 : Dtype::fp8;
  const std::string strategy = weights.choice("strategy", {"tensor", "channel", "block"});
  if (strategy == "tensor") return by_matrix(dtype, fixed_inputs);
  if (strategy == "channel") return by_row(dtype, fixed_inputs);
  if (type == "int") weights.fail("strategy", "tensor or channel for integers");
  const auto block = weights.integers("block_structure");
  if (block.size() != 2 || block[0] < 1 || block[1] < 1 || block[0] > 1 << 20 || block[1] > 1 << 20)
    weights.fail("block_structure", "rows and columns of a block, such as [128, 128]");
  return by_block(static_cast<int>(block[0]), static_cast<int>(block[1]));
}

Quantisation read_compressed_tensors(const core::Reader& table) {
  Quantisation out;
  const core::Reader groups = table.table("config_groups");
  const auto names = groups.keys();
  if (names.size() != 1) table.fail("config_groups", "one group: formats that differ by module are not modelled");
  const core::Reader group = groups.table(names.front());
  if (is_given(group, "targets") && group.texts("targets") != std::vector<std::string>{"Linear"})
    group.fail("targets", "[\"Linear\"]");
  if (is_given(group, "input_activations")) {
    const core::Reader inputs = group.table("input_activations");
    inputs.integer("num_bits", 4, 8);
    out.activations = inputs.flag_or("dynamic", false) ? Activations::dynamic : Activations::fixed;
  }
  out.format = read_compressed_weights(group.table("weights"), out.activations == Activations::fixed);
  if (out.format.dtype == Dtype::fp4 && out.activations == Activations::fixed) out.activations = Activations::dynamic;
  out.kv = kv_of(table, {"kv_cache_scheme"});
  out.output_too = true;
  out.kept = patterns(table, {"ignore"});
  return out;
}

}  // namespace

std::string name_of(Part part) {
  static const std::array<const char*, parts> names = {"attention_in", "attention_out", "feed_forward",
                                                       "shared_experts", "experts"};
  return names[static_cast<std::size_t>(part)];
}

std::string name_of(Activations activations) {
  return activations == Activations::none ? "none" : activations == Activations::dynamic ? "dynamic" : "static";
}

core::Bytes bytes_of(const Storage& storage, std::int64_t rows, std::int64_t columns) {
  const auto blocks = [](std::int64_t n, std::int64_t size) { return size == 0 ? 1 : (n + size - 1) / size; };
  const std::int64_t scales = blocks(rows, storage.scale_rows) * blocks(columns, storage.scale_columns);
  return core::bytes(number_bytes(storage.dtype) * static_cast<double>(rows * columns) +
                     static_cast<double>(scales * storage.scale_bytes + storage.matrix_bytes));
}

Quantisation read_quantisation(const core::Reader& table) {
  if (table.has("quant_algo")) {
    if (table.has("quant_method")) table.choice("quant_method", {"modelopt", "modelopt_fp4"});
    return read_modelopt(table);
  }
  const std::string method = table.choice("quant_method", {"fp8", "fbgemm_fp8", "mxfp4", "compressed-tensors"});
  Quantisation out;
  if (method == "fp8") out = read_fp8(table);
  if (method == "compressed-tensors") out = read_compressed_tensors(table);
  if (method == "fbgemm_fp8") {
    out.format = by_row(Dtype::fp8, false);
    out.activations = Activations::dynamic;
    out.kept = patterns(table, {"modules_to_not_convert"});
  }
  if (method == "mxfp4") {
    out.format = mxfp4();
    out.experts_only = true;
    out.kept = patterns(table, {"modules_to_not_convert"});
  }
  out.method = method;
  return out;
}

Quantisation online(Dtype dtype) {
  Quantisation out;
  out.method = "online";
  out.activations = Activations::dynamic;
  switch (dtype) {
    case Dtype::fp8:
      out.format = by_matrix(dtype, false);
      break;
    case Dtype::int8:
      out.format = by_row(dtype, false);
      break;
    case Dtype::fp8_block:
      out.format = by_block(128, 128);
      break;
    case Dtype::fp4:
      out.format = nvfp4();
      break;
    case Dtype::mxfp4:
      out.format = mxfp4();
      break;
    case Dtype::fp32:
    case Dtype::bf16:
    case Dtype::fp16:
      out.method = "none";
      out.activations = Activations::none;
      out.format.dtype = dtype;
  }
  return out;
}

Formats formats_of(const Quantisation& q, const ModuleNames& names, int number, const core::Location& where) {
  Formats out;
  for (std::size_t part = 0; part < parts; ++part) {
    if (q.experts_only && static_cast<Part>(part) != Part::experts) continue;
    std::string kept, converted;
    for (const auto& name : names.of[part]) {
      const std::string module = fmt::format("model.layers.{}.{}", number, name);
      const auto names_it = [&](const std::string& pattern) { return names_module(pattern, module, where); };
      (std::any_of(q.kept.begin(), q.kept.end(), names_it) ? kept : converted) = module;
    }
    if (!kept.empty() && !converted.empty())
      throw core::InputError(where, fmt::format("a quantisation that leaves out {} but not {}", kept, converted),
                             fmt::format("one format for all of {}", name_of(static_cast<Part>(part))));
    if (!converted.empty()) out[part] = q.format;
  }
  return out;
}

Storage output_format(const Quantisation& q) {
  const auto names_it = [](const std::string& pattern) { return names_module(pattern, "lm_head"); };
  const bool kept = !q.output_too || std::any_of(q.kept.begin(), q.kept.end(), names_it);
  return kept ? Storage{} : q.format;
}

}  // namespace wordline::model
