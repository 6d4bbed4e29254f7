// The options that say which requests are served: a trace, a ServeGen pool, or requests drawn from distributions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "args.h"
#include "wordline/core/catalog.h"
#include "wordline/serve/source.h"

namespace wordline::cli {

// What is said on the command line; docs/reference/serve.md, Workloads, describes each.
struct WorkloadOptions {
  std::vector<std::filesystem::path> traces;  // several: parts of one ServeGen pool
  std::string pool;
  double from_s = 0;
  std::optional<double> duration_s;
  double characters_per_token = 0;
  double speed = 1, thin = 1;
  std::uint64_t repeat = 1;
  unsigned copies = 1;
  bool own_texts = false;

  std::string lengths;
  double correlation = 0;
  std::optional<double> request_rate;  // 1 where requests are drawn and nothing else is said
  double burstiness = 1;
  std::optional<double> cv;
  std::string arrivals;
  std::vector<std::string> stages;
  std::string day;
  std::optional<std::uint64_t> num_prompts;
  std::string turns = "1";
  double think_s = 0, think_cv = 1;
  std::int64_t max_context = 0;
  unsigned users = 0;
  int prefix_len = 0;
  unsigned num_prefixes = 1;
  double prefix_zipf = 0;

  void add_to(Args& args);
};

// Requests with what they are called, and what is to be told about them.
struct NamedSource {
  std::unique_ptr<serve::RequestSource> source;
  std::string name;
  std::vector<std::string> warnings;
};

// The requests that the options ask for. Throws core::UsageError where they do not fit together, core::InputError where
// a file or a number cannot be used.
NamedSource source_of(const WorkloadOptions& options, const core::Catalog& catalog, std::uint64_t seed);

}  // namespace wordline::cli
