// Recorded workloads as they are published.
#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "wordline/serve/request.h"

namespace wordline::serve {

// Longest prompt or answer that a trace may ask for; anything above is taken for a broken file.
inline constexpr std::int64_t longest_request_tokens = 10'000'000;

// What to take of a trace, and how.
struct TraceOptions {
  // Only what arrives in these seconds of the trace; arrivals then count from `from`.
  core::Seconds from{0}, duration{std::numeric_limits<double>::infinity()};
  // For files that hold texts and no counts of tokens; 0: such files are refused.
  double characters_per_token = 0;
};

// A trace as it was read.
struct Recorded {
  Workload workload;                  // in order of arrival
  std::string form;                   // "Azure LLM inference trace", ...
  bool timed = true;                  // false: the file tells no arrivals, so all requests are there at 0
  std::vector<std::string> warnings;  // what was skipped or put in order, counted
};

// Reads a trace of any form in docs/reference/serve.md, found by its columns or by the keys of its first object: CSV
// or JSON, `.gz` and `.zst` unpacked; CRLF, BOM and a missing last newline accepted. Rows out of order are sorted and
// counted. Missing columns, negative or absurd values throw core::InputError with file, line and column.
Recorded read_recorded(const std::filesystem::path& file, const TraceOptions& options = {});
// The same of a text; `name` is what messages call the file.
Recorded parse_recorded(std::string text, const std::string& name, const TraceOptions& options = {});

// read_recorded's requests alone.
Workload read_trace(const std::filesystem::path& file);

}  // namespace wordline::serve
