// A planning question as its file states it: service, promises, models, candidate machines, how they are paid for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/core/catalog.h"
#include "wordline/core/document.h"
#include "wordline/core/units.h"
#include "wordline/model/architecture.h"
#include "wordline/plan/cost.h"
#include "wordline/plan/demand.h"
#include "wordline/serve/capacity.h"
#include "wordline/serve/engine.h"
#include "wordline/serve/lengths.h"

namespace wordline::plan {

// One way to build a replica: a model on `tp` chips, its weights and KV cache in these formats.
struct Candidate {
  std::size_t model = 0;  // place in Scenario::models
  std::string chip;       // catalogue name
  int tp = 1;
  chip::Dtype weights = chip::Dtype::bf16, kv = chip::Dtype::bf16;
};

// "What does one step up in memory buy": this candidate, again with the memory of another chip.
struct MemoryStep {
  Candidate base;
  std::string memory_of;  // catalogue name of the chip whose memory it gets
  std::string title;      // for people: "HBM3E instead of HBM3"
};

// The whole question. `facts` are its own numbers with their sources; those of the catalogue stay with the catalogue.
struct Scenario {
  std::string title;
  Service service;
  std::string lengths_name;
  serve::LengthModel lengths = serve::LengthModel::fixed(1, 1);
  serve::Slo slo;
  std::int64_t replicas_per_spare = 0;  // 0: no spares
  std::string cost_choice;              // "rent" or "own"
  std::string prices_name;
  Prices prices;
  serve::Engine engine;
  serve::CapacityOptions search;
  std::vector<model::Architecture> models;
  std::vector<std::string> model_titles;  // for people: "Llama 3.1 70B"; the models' names where not stated
  std::vector<Candidate> candidates;
  std::vector<MemoryStep> memory_steps;
  core::Facts facts;
};

// Reads a scenario document (TOML; the form is in docs/reference/plan.md) and everything it names in the catalogue.
// Throws core::InputError with file, line and column, what was found, what was wanted, and the nearest valid name.
Scenario read_scenario(const core::Value& document, const core::Catalog& catalog);

}  // namespace wordline::plan
