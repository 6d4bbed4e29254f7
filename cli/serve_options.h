// What every command that serves requests takes: a model on chips, an engine, replicas behind a router, and promises.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "args.h"
#include "chip_options.h"
#include "model_options.h"
#include "report_parts.h"
#include "speculation_options.h"
#include "wordline/cluster/machine.h"
#include "wordline/serve/fleet.h"
#include "wordline/serve/result.h"
#include "wordline/serve/run.h"
#include "workload_options.h"

namespace wordline::cli {

// Above so many requests they are not kept unless that is asked for.
inline constexpr std::uint64_t most_kept = 2'000'000;

// The options as they are said; defaults as the help shows them.
struct ServeOptions {
  ModelOptions model;
  ChipOptions on;
  std::string dtype = "auto", host;
  serve::Engine engine;
  SpeculationOptions speculation;
  bool no_prefix_caching = false, no_async_scheduling = false, fresh = false;
  std::string machine, host_memory;
  core::Location machine_said{std::make_shared<std::string>("--machine")};  // where their names stand
  core::Location memory_said{std::make_shared<std::string>("--host-memory")};
  core::Location host_said{std::make_shared<std::string>("--host")};
  int replicas = 1, prefill_replicas = 0;
  std::optional<std::filesystem::path> fleet;
  std::string router = "round-robin";
  std::int64_t max_concurrency = 0;
  WorkloadOptions workload;

  // Model, chips and engine. Not `required`: model and chip may be named elsewhere.
  void add_server_to(Args& args, bool required = true);
  // Replicas that differ, and how requests reach them.
  void add_kinds_to(Args& args);
  // That, and how many replicas there are and how much they have to do at once.
  void add_fleet_to(Args& args);
};

// Equal replicas as they are to run, and what they are made of.
struct ServePart {
  model::Deployment deployment;
  std::optional<cluster::Machine> machine;  // that they stand in, where one was named
  std::string host;                         // "": an ideal one
  serve::Group group;                       // a replica of each data-parallel rank, with its table
};

// All of them: one part, but for a fleet's.
struct ServeSetup {
  std::vector<ServePart> parts;
  serve::KvLink kv_link;  // where some only prefill and some only decode

  const ServePart& first() const { return parts.front(); }
  std::vector<serve::Group> groups() const;
  std::size_t replicas() const;
  // Of all replicas while no step runs.
  core::Watts idle() const;
  // The largest share by which steps of the tables differ from the model's.
  double deviation() const;
};

// Throws core::UsageError or core::InputError where the options make no replica.
ServeSetup setup_of(const ServeOptions& options, const core::Catalog& catalog);

// "ttft:2000" and "tpot:100", in milliseconds, as vLLM's --goodput takes them; what is not named is no bound. `option`
// is named in errors.
std::optional<serve::Slo> slo_of(const std::vector<std::string>& bounds, const std::string& option);

// How a run is done that these options ask for.
serve::RunOptions run_options(const ServeOptions& options, const ServeSetup& setup,
                              const std::optional<serve::Slo>& slo, std::uint64_t seed);

// The fields of a result that say what was asked for.
void put_settings(Json& document, const ServeOptions& options, const ServeSetup& setup, std::uint64_t seed);

}  // namespace wordline::cli
