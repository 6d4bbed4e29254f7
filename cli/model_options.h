// What `wordline model show` and `wordline model step` take: a model, how it is split and stored, and a step.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "args.h"
#include "wordline/core/catalog.h"
#include "wordline/model/ops.h"

namespace wordline::cli {

struct ModelOptions {
  std::string model, chip, quantization = "auto", kv_cache_dtype = "auto";
  int tp = 1, pp = 1, dp = 1, ep = 1;
  double expert_skew = 0;
  bool eplb = false;
  int redundant_experts = 0;
  std::int64_t batch = 1, context = 1024, prefill = 0;
  // How the model is split and stored.
  void add_split_to(Args&);
  // That, and the step: all but model and chip.
  void add_to(Args&);
  model::Deployment deployment(const core::Catalog&) const;
  // Throws core::UsageError for an empty step.
  model::StepShape step() const;
};

// A line of an op table, and the same as JSON: name, count, operations and bytes of one run on one rank.
std::string op_line(const model::Op&);
nlohmann::ordered_json op_json(const model::Op&);

// Where experts are not all alike: how they are chosen and placed, and by how much the fullest rank is above the mean;
// as JSON, and as a line of words ("" where they are).
void put_experts(nlohmann::ordered_json& document, const model::Deployment&);
std::string experts_line(const model::Deployment&);

// wordline model show.
int show_model(const ModelOptions&, const Common&);
// Adds `wordline model step`.
void add_model_step(Args& model);

}  // namespace wordline::cli
