// What `wordline serve` takes about speculative decoding.
#pragma once

#include <cstdint>
#include <string>

#include "args.h"
#include "report_parts.h"
#include "wordline/core/catalog.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/speculation.h"

namespace wordline::cli {

struct SpeculationOptions {
  std::string model, method, acceptance;
  std::int32_t num_speculative_tokens = 0;
  double spread = 0;

  void add_to(Args& args);
  // For this model; its draft model is on the same chips, stores weights as it states and, where `kv_cache_dtype` is
  // "auto", keys and values, too. Throws core::UsageError for rates that are none, core::InputError for a model that
  // cannot be read.
  serve::Speculation speculation(const model::Deployment& deployment, const std::string& kv_cache_dtype,
                                 const core::Catalog& catalog) const;
};

// speculative_config as the results have it.
Json speculation_json(const serve::Speculation& speculation);

}  // namespace wordline::cli
