#include "wordline/model/layer_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "wordline/core/error.h"
#include "wordline/model/parts.h"

namespace wordline::model {

namespace {

constexpr std::int64_t most = 100'000'000;

// A layer of the tables, and the ops of a step that it is: those of one entry run one after the other in one row; each
// entry is a row.
struct NamedLayer {
  const char* name;
  std::vector<std::vector<std::string>> ops;
};

const std::vector<NamedLayer>& token_layers() {
  static const std::vector<NamedLayer> all = {
      {"embedding", {{"embedding"}}},       {"layernorm", {{"input_norm"}, {"post_attention_norm"}}},
      {"qkv_proj", {{"qkv_proj"}}},         {"qk_norm", {{"q_norm", "k_norm"}}},
      {"rotary_emb", {{"rope"}}},           {"o_proj", {{"o_proj"}}},
      {"gate_up_proj", {{"gate_up_proj"}}}, {"act_fn", {{"activation"}}},
      {"down_proj", {{"down_proj"}}},       {"final_layernorm", {{"final_norm"}}}};
  return all;
}

const std::vector<NamedLayer>& sequence_layers() {
  static const std::vector<NamedLayer> all = {{"lm_head", {{"lm_head"}}}, {"sampler", {{"sampling"}}}};
  return all;
}

bool has(const core::Csv& table, std::string_view column) {
  return std::find(table.header().begin(), table.header().end(), column) != table.header().end();
}

std::int64_t size(const core::Csv& table, std::size_t row, std::string_view column, std::int64_t least) {
  return table.integer(row, table.column(column), least, most);
}

double microseconds(const core::Csv& table, std::size_t row) {
  const std::size_t at = table.column("time_us");
  const double out = table.number(row, at);
  if (!(out > 0)) throw core::InputError(table.where(row, at), fmt::format("time_us = {}", out), "a time above 0");
  return out;
}

// The kernels of those names among the ops, each once.
std::vector<chip::Kernel> chosen(const std::vector<Op>& ops, const std::vector<std::string>& names) {
  std::vector<chip::Kernel> out;
  for (const Op& op : ops)
    if (const auto* kernel = std::get_if<chip::Kernel>(&op.work))
      if (std::find(names.begin(), names.end(), kernel->name) != names.end()) out.push_back(*kernel);
  return out;
}

void read_layer(const core::Csv& table, std::size_t row, const std::vector<NamedLayer>& layers,
                const std::vector<Op>& ops, const chip::MeasuredRow& as, std::vector<chip::MeasuredRow>& out) {
  const std::size_t at = table.column("layer");
  const std::string_view name = table.text(row, at);
  const auto layer = std::find_if(layers.begin(), layers.end(), [&](const auto& l) { return l.name == name; });
  std::vector<std::string> known;
  for (const auto& l : layers) known.emplace_back(l.name);
  if (layer == layers.end())
    throw core::InputError(table.where(row, at), fmt::format("the layer \"{}\"", name),
                           fmt::format("one of {}", fmt::join(known, ", ")), core::nearest_name(name, known));
  for (const auto& together : layer->ops) {
    chip::MeasuredRow one = as;
    one.kernels = chosen(ops, together);
    if (one.kernels.empty())
      throw core::InputError(table.where(row, at), fmt::format("the layer \"{}\"", name), "a layer that the model has");
    one.region = name;
    out.push_back(std::move(one));
  }
}

// Of a model whose layers all look at everything, or of its first kind of layer.
void read_attention(const core::Csv& table, std::size_t row, const Deployment& d, chip::MeasuredRow as,
                    std::vector<chip::MeasuredRow>& out) {
  const std::int64_t chunk = size(table, row, "prefill_chunk", 0), cached = size(table, row, "kv_prefill", 0);
  const std::int64_t sequences = size(table, row, "n_decode", 0), each = size(table, row, "kv_decode", 0);
  if (chunk + sequences == 0)
    throw core::InputError(table.where(row, table.column("n_decode")), "n_decode = 0 beside prefill_chunk = 0",
                           "a chunk or sequences that decode");
  StepShape step{sequences, sequences * each, {}};
  if (chunk > 0) step.prefill.push_back({chunk, cached});
  for (const Op& op : ops(d, step))
    if (const auto* kernel = std::get_if<chip::Kernel>(&op.work))
      if (kernel->name == "kv_cache_write" || kernel->name == "attn_prefill" || kernel->name == "attn_decode")
        as.kernels.push_back(*kernel);
  as.region = chunk == 0 ? "attention, decoding" : sequences == 0 ? "attention, chunks" : "attention, both";
  out.push_back(std::move(as));
}

}  // namespace

bool is_layer_table(const core::Csv& table) {
  return has(table, "time_us") && (has(table, "layer") || has(table, "prefill_chunk"));
}

std::vector<chip::MeasuredRow> layer_rows(const core::Csv& table, const Deployment& d) {
  const bool attention = has(table, "prefill_chunk"), by_tokens = has(table, "tokens");
  const char* const count = by_tokens ? "tokens" : "sequences";
  std::map<std::int64_t, std::vector<Op>> known;
  std::vector<chip::MeasuredRow> out;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    chip::MeasuredRow as;
    as.op = chip::MeasuredOp::layer;
    as.row = row;
    as.us = microseconds(table, row);
    as.fitted_on = core::for_fitting(table, row, "time_us");
    if (attention) {
      read_attention(table, row, d, std::move(as), out);
      continue;
    }
    const std::int64_t n = size(table, row, count, 1);
    if (!known.contains(n)) known[n] = by_tokens ? token_ops(d, n) : logits_ops(d, n);
    read_layer(table, row, by_tokens ? token_layers() : sequence_layers(), known[n], as, out);
  }
  return out;
}

}  // namespace wordline::model
