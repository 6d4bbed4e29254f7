// Pools of clients in ServeGen's form: many users of one service, each with its own rate over time, burstiness and
// lengths.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/serve/source.h"
#include "wordline/serve/workload/arrivals.h"

namespace wordline::serve {

// A distribution of token counts by its probabilities.
struct TokenPdf {
  std::vector<std::int32_t> tokens;
  std::vector<double> up_to;  // cumulated probabilities; the last is the sum
  std::int32_t sample(core::Random& random) const;
};

// One client: windows of arrivals, windows of lengths, each in order of time.
struct ServegenClient {
  struct Arrivals {
    double start_s, per_second;
    Gaps gaps;
  };
  struct Lengths {
    double start_s;
    TokenPdf prompt, output;
  };
  int number = 0;
  std::vector<Arrivals> arrivals;
  double end_s = 0;  // of the last window, taken to be as long as the one before
  std::vector<Lengths> lengths;
};

struct ServegenPool {
  std::string name;
  std::vector<ServegenClient> clients;
  std::vector<std::string> warnings;
  double end_s = 0;
  double expected(double from_s, double to_s) const;  // requests
};

// Whether these are the parts of a pool: a folder or a tar archive with chunk-N-trace.csv or chunk-N-dataset.json in
// it.
bool is_servegen(const std::filesystem::path& file);

// Reads the pool in these folders and archives (`.tar`, `.tar.gz`, `.tar.zst`) together: `chunk-N-trace.csv` (window
// start s, requests/s, CV, distribution, two parameters; no header) and `chunk-N-dataset.json` (window start:
// {input_tokens, output_tokens}, each a text "{tokens: probability, ...}"). Where several folders hold traces, `pool`
// names the one to take. Clients without lengths are left out with a warning that counts them.
ServegenPool read_servegen(const std::vector<std::filesystem::path>& files, const std::string& pool = "");

// What to take of a pool.
struct ServegenPart {
  core::Seconds from{0}, duration{std::numeric_limits<double>::infinity()};  // arrivals then count from `from`
  double rate_factor = 1;
};
// Each client draws gaps of its window's law (Gamma by the window's CV, Weibull by its shape), stretched by its rate
// over time, and lengths from the window's probabilities, prompt and answer independent, as the form has it. Clients
// have streams of their own.
std::unique_ptr<RequestSource> source_of(std::shared_ptr<const ServegenPool> pool, const ServegenPart& part,
                                         std::uint64_t seed);

}  // namespace wordline::serve
