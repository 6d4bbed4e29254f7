// wordline model show: a model's shape and the ops of a step; `step` has a source of its own.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "model_options.h"
#include "output.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

nlohmann::ordered_json shape_json(const model::Architecture& a) {
  return {{"name", a.name},
          {"model_type", a.model_type},
          {"layers", a.layers},
          {"hidden", a.hidden},
          {"heads", a.attention.heads},
          {"kv_heads", a.attention.kv_heads},
          {"head_dim", a.attention.head_dim},
          {"feed_forward", a.feed_forward.width},
          {"vocabulary", a.vocabulary},
          {"max_positions", a.max_positions},
          {"tied_embeddings", a.tied_embeddings},
          {"parameters", model::parameters(a)}};
}

}  // namespace

int show_model(const ModelOptions& o, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto deployment = o.deployment(catalog);
  model::check_split(deployment);
  const auto& a = deployment.architecture;
  const auto kv = static_cast<std::int64_t>(model::kv_bytes_per_token(a, deployment.kv).value());
  auto document = core::result_document("model.show", catalog);
  document["architecture"] = shape_json(a);
  document["kv_bytes_per_token"] = kv;
  std::string text = fmt::format(
      "{} ({}): {} layers, hidden {}, {} heads, {} KV heads of {}, feed-forward {}, vocabulary {}\n"
      "parameters {}  KV bytes per token {}\n\n{:<22}{:>6}{:>14}{:>14}\n",
      a.name, a.model_type, a.layers, a.hidden, a.attention.heads, a.attention.kv_heads, a.attention.head_dim,
      a.feed_forward.width, a.vocabulary, model::parameters(a), kv, "op", "count", "flops", "bytes");
  for (const auto& op : model::ops(deployment, o.step())) {
    document["ops"].push_back(op_json(op));
    text += op_line(op) + "\n";
  }
  write_result(common, document, text);
  return core::exit_done;
}

void add_model(Args& program) {
  auto& args = program.command("model", "a language model: its shape, and one step of it");
  auto& show_args = args.command("show", "shape, parameters, KV bytes and op table of a config.json");
  auto shown = std::make_shared<ModelOptions>();
  show_args.positional("config", shown->model, "a config.json, its folder, or a name in catalog/models").required();
  shown->add_to(show_args);
  show_args.footer("Example: wordline model show llama-3.1-8b --batch 16 --context 2000");
  show_args.action([shown, &common = show_args.common()] { return show_model(*shown, common); });
  add_model_step(args);
}

}  // namespace wordline::cli
