// wordline model show: a model's shape and the ops of a step; `step` has a source of its own.


#include "args.h"
#include "model_options.h"
#include "output.h"
#include "wordline/core/result.h"

namespace wordline::cli {

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
