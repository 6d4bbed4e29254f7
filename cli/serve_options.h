// What every command that serves requests takes: a model on chips, an engine, replicas behind a router, and promises.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "args.h"
#include "chip_options.h"
#include "model_options.h"
#include "report_parts.h"
#include "speculation_options.h"
#include "wordline/serve/fleet.h"
#include "wordline/serve/result.h"
#include "wordline/serve/run.h"
#include "workload_options.h"

namespace wordline::cli {

// The options as they are said; defaults as the help shows them.
struct ServeOptions {
  ModelOptions model;
  ChipOptions on;
  std::string dtype = "auto", host;
  serve::Engine engine;
  SpeculationOptions speculation;
  bool no_prefix_caching = false, no_async_scheduling = false, fresh = false;
  int replicas = 1;
  std::string router = "round-robin";
  std::int64_t max_concurrency = 0;
  WorkloadOptions workload;

  // Model, chips and engine. Not `required`: model and chip may be named elsewhere.
  void add_server_to(Args& args, bool required = true);
  // Replicas and how requests reach them.
  void add_fleet_to(Args& args);
};

// Replicas as they are to run, and what they are made of.
struct ServeSetup {
  model::Deployment deployment;
  serve::Engine engine;  // resolved
  serve::Group group;    // a replica of each data-parallel rank, with its table
};

// Throws core::UsageError or core::InputError where the options make no replica. `seed` is of what engines draw.
ServeSetup setup_of(const ServeOptions& options, const core::Catalog& catalog, std::uint64_t seed);

// "ttft:2000" and "tpot:100", in milliseconds, as vLLM's --goodput takes them; what is not named is no bound. `option`
// is named in errors.
std::optional<serve::Slo> slo_of(const std::vector<std::string>& bounds, const std::string& option);

// How a run is done that these options ask for.
serve::RunOptions run_options(const ServeOptions& options, const std::optional<serve::Slo>& slo, std::uint64_t seed);

// The fields of a result that say what was asked for.
void put_settings(Json& document, const ServeOptions& options, const ServeSetup& setup, std::uint64_t seed);

}  // namespace wordline::cli
