// wordline model show: a model's shape, its size, what a rank holds, and the ops of a step.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "chip_options.h"
#include "model_options.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t batched_tokens = 8192, sequences = 256;  // for which activations are stated

ordered_json attention_json(const model::Attention& a) {
  ordered_json out{{"heads", a.heads}, {"kv_heads", a.kv_heads}, {"head_dim", a.head_dim}};
  if (a.latent)
    out["latent"] = {{"q_lora_rank", a.latent->q_rank},
                     {"kv_lora_rank", a.latent->kv_rank},
                     {"qk_nope_head_dim", a.latent->nope_dim},
                     {"qk_rope_head_dim", a.latent->rope_dim},
                     {"v_head_dim", a.latent->value_dim}};
  out["window"] = a.window;
  out["qkv_bias"] = a.qkv_bias;
  out["output_bias"] = a.output_bias;
  out["qk_norm"] = a.qk_norm;
  out["sinks"] = a.sinks;
  return out;
}

ordered_json feed_forward_json(const model::FeedForward& ffn) {
  if (!ffn.experts) return {{"width", ffn.width}, {"bias", ffn.bias}};
  const model::Experts& e = *ffn.experts;
  return {
      {"experts", e.count}, {"top_k", e.top_k}, {"width", e.width}, {"shared_width", e.shared_width}, {"bias", e.bias}};
}

ordered_json formats_json(const model::Layer& layer) {
  ordered_json out;
  for (std::size_t part = 0; part < model::parts; ++part)
    out[model::name_of(static_cast<model::Part>(part))] = chip::name_of(layer.formats[part].dtype);
  return out;
}

ordered_json shape_json(const model::Architecture& a) {
  ordered_json out{{"name", a.name},
                   {"model_type", a.model_type},
                   {"layers", a.layers()},
                   {"hidden", a.hidden},
                   {"vocabulary", a.vocabulary},
                   {"max_positions", a.max_positions},
                   {"tied_embeddings", a.tied_embeddings},
                   {"draft_layers", a.draft_layers},
                   {"parameters", model::parameters(a)},
                   {"active_parameters", model::active_parameters(a)}};
  for (std::size_t kind = 0; kind < a.kinds.size(); ++kind) {
    const model::Layer& layer = a.kinds[kind];
    out["kinds"].push_back({{"layers", a.count(kind)},
                            {"attention", attention_json(layer.attention)},
                            {"feed_forward", feed_forward_json(layer.feed_forward)},
                            {"formats", formats_json(layer)}});
  }
  out["quantisation"] = {{"method", a.quantisation.method},
                         {"weights", chip::name_of(a.stated)},
                         {"activations", model::name_of(a.quantisation.activations)},
                         {"kv", chip::name_of(a.quantisation.kv)},
                         {"output", chip::name_of(a.output.dtype)}};
  return out;
}

std::string attention_words(const model::Attention& a) {
  if (a.latent)
    return fmt::format("{} heads over a latent vector of {} + {}", a.heads, a.latent->kv_rank, a.latent->rope_dim);
  return fmt::format("{} heads, {} KV heads of {}{}", a.heads, a.kv_heads, a.head_dim,
                     a.window > 0 ? fmt::format(", window {}", a.window) : "");
}

std::string feed_forward_words(const model::FeedForward& ffn) {
  if (!ffn.experts) return fmt::format("feed-forward {}", ffn.width);
  const model::Experts& e = *ffn.experts;
  return fmt::format("{} of {} experts of {}{}", e.top_k, e.count, e.width,
                     e.shared_width > 0 ? fmt::format(", {} shared", e.shared_width) : "");
}

std::string shape_words(const model::Architecture& a) {
  std::string out = fmt::format("{} ({}): {} layers, hidden {}, vocabulary {}, up to {} tokens\n", a.name, a.model_type,
                                a.layers(), a.hidden, a.vocabulary, a.max_positions);
  for (std::size_t kind = 0; kind < a.kinds.size(); ++kind)
    out += fmt::format("  {} layers: {}; {}\n", a.count(kind), attention_words(a.kinds[kind].attention),
                       feed_forward_words(a.kinds[kind].feed_forward));
  if (a.draft_layers > 0)
    out += fmt::format("  {} more that draft further tokens: not counted, not run\n", a.draft_layers);
  return out;
}

}  // namespace

int show_model(const ModelOptions& o, const Common& common) {
  const auto catalog = open_catalog(common, o.chip);
  const auto deployment = o.deployment(catalog);
  model::check_split(deployment);
  const auto& a = deployment.architecture;
  const auto kv = model::kv_bytes_per_token(a, deployment.kv).value();
  const auto use = model::memory_of(deployment, batched_tokens, sequences);
  auto document = core::result_document("model.show", catalog);
  document["architecture"] = shape_json(a);
  document["kv_bytes_per_token"] = static_cast<std::int64_t>(kv);
  document["rank"] = {{"weight_bytes", use.weights.value()},
                      {"kv_bytes_per_token", use.kv_per_token.value()},
                      {"activation_bytes", use.activations.value()},
                      {"max_num_batched_tokens", batched_tokens},
                      {"max_num_seqs", sequences}};
  std::string text = shape_words(a);
  text += fmt::format("parameters {} ({} active)  KV bytes per token {}\n", model::parameters(a),
                      model::active_parameters(a), kv);
  text +=
      fmt::format("weights {}, inputs {}, keys and values {}, output matrix {}\n", chip::name_of(deployment.weights),
                  model::activations_of(deployment) == model::Activations::none
                      ? "as they are"
                      : "quantised, " + model::name_of(model::activations_of(deployment)),
                  chip::name_of(deployment.kv), chip::name_of(model::output_of(deployment).dtype));
  text +=
      fmt::format("a rank of {}: {:.4g} GB of weights, {} bytes of KV a token, {:.3g} GB for {} tokens in a step\n\n",
                  model::chips_of(deployment), use.weights.in(core::gigabytes(1)), use.kv_per_token.value(),
                  use.activations.in(core::gigabytes(1)), batched_tokens);
  text += fmt::format("{:<22}{:>6}{:>14}{:>14}\n", "op", "count", "flops", "bytes");
  for (const auto& op : model::ops(deployment, o.step())) {
    document["ops"].push_back(op_json(op));
    text += op_line(op) + "\n";
  }
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace wordline::cli
