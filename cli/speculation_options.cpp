#include "speculation_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "wordline/core/error.h"
#include "wordline/model/architecture.h"

namespace wordline::cli {

namespace {

std::vector<double> rates_of(const std::string& text) {
  std::vector<double> out;
  for (std::size_t begin = 0; begin < text.size() + 1 && !text.empty();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    const std::string number = text.substr(begin, comma - begin);
    char* end = nullptr;
    out.push_back(std::strtod(number.c_str(), &end));
    if (number.empty() || *end != 0)
      throw core::UsageError(
          fmt::format("--speculative-acceptance: found \"{}\"; wanted rates such as 0.8 or 0.8,0.7,0.6", text));
    begin = comma + 1;
  }
  return out;
}

}  // namespace

void SpeculationOptions::add_to(Args& args) {
  args.option("--speculative-model", model, "drafts tokens: config.json, its folder, or a name in catalog/models");
  args.option("--speculative-method", method, "ngram: drafts without a model, which take no time")
      .choices(serve::speculation_methods());
  args.option("--num-speculative-tokens", num_speculative_tokens, "drafts that each step verifies").called("K");
  args.option("--speculative-acceptance", acceptance,
              "rate at which a draft is accepted where those before it were; commas between those of each position")
      .called("A,...");
  args.option("--speculative-spread", spread,
              "each request has a rate of its own, by a Beta law with that mean and this a + b; 0: the same for all");
}

serve::Speculation SpeculationOptions::speculation(const model::Deployment& deployment,
                                                   const std::string& kv_cache_dtype,
                                                   const core::Catalog& catalog) const {
  serve::Speculation out;
  out.method = method.empty() && !model.empty() ? "draft-model" : method;
  out.num_speculative_tokens = num_speculative_tokens;
  out.acceptance = rates_of(acceptance);
  out.spread = spread;
  if (model.empty()) return out;
  model::Deployment draft = deployment;
  draft.architecture = model::load(catalog, model, {std::make_shared<std::string>("--speculative-model")});
  draft.weights = draft.architecture.stated;
  draft.kv = kv_cache_dtype == "auto" ? draft.architecture.quantisation.kv : deployment.kv;
  draft.pp = 1;
  const auto& kinds = draft.architecture.kinds;
  if (std::none_of(kinds.begin(), kinds.end(), [](const auto& kind) { return kind.feed_forward.experts.has_value(); }))
    draft.ep = 1;
  model::check(draft);
  out.draft = std::make_shared<const model::Deployment>(std::move(draft));
  return out;
}

Json speculation_json(const serve::Speculation& speculation) {
  return {{"method", speculation.method},
          {"model", speculation.draft ? Json(speculation.draft->architecture.name) : Json()},
          {"num_speculative_tokens", speculation.num_speculative_tokens},
          {"acceptance", speculation.acceptance},
          {"spread", speculation.spread}};
}

}  // namespace wordline::cli
