#include "wordline/serve/trace.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "wordline/core/csv.h"
#include "wordline/serve/ticks.h"
#include "wordline/serve/timestamp.h"

namespace wordline::serve {
namespace {

// Where the three facts stand in a file.
struct Columns {
  std::size_t arrival, prompt, output;
  bool dates;
};

Columns find_columns(const core::Csv& csv) {
  const auto& names = csv.header();
  if (std::find(names.begin(), names.end(), "TIMESTAMP") != names.end())
    return {csv.column("TIMESTAMP"), csv.column("ContextTokens"), csv.column("GeneratedTokens"), true};
  return {csv.column("arrival_s"), csv.column("prompt_tokens"), csv.column("output_tokens"), false};
}

std::int32_t tokens(const core::Csv& csv, std::size_t row, std::size_t column) {
  const std::int64_t count = csv.integer(row, column);
  if (count < 1 || count > longest_request_tokens)
    throw core::InputError(csv.where(row, column), fmt::format("{} tokens", count),
                           fmt::format("from 1 to {} tokens", longest_request_tokens));
  return static_cast<std::int32_t>(count);
}

// The arrival: of a date, since `first_ns`, which the first row sets.
core::Seconds arrival(const core::Csv& csv, std::size_t row, const Columns& at, std::int64_t& first_ns) {
  double seconds = 0;
  if (at.dates) {
    const auto date_ns = timestamp_ns(csv.text(row, at.arrival));
    if (!date_ns)
      throw core::InputError(csv.where(row, at.arrival), fmt::format("\"{}\"", csv.text(row, at.arrival)),
                             "a time such as 2023-11-16 18:15:46.6805900");
    if (row == 0) first_ns = *date_ns;
    seconds = static_cast<double>(*date_ns - first_ns) / 1e9;
  } else {
    seconds = csv.number(row, at.arrival);
  }
  if (!(seconds <= latest_arrival_s) || (!at.dates && seconds < 0))
    throw core::InputError(csv.where(row, at.arrival), fmt::format("an arrival at {} s", seconds),
                           fmt::format("from 0 to {:.0f} s", latest_arrival_s));
  return core::Seconds(seconds);
}

}  // namespace

Workload read_trace(const std::filesystem::path& file) {
  const auto csv = core::Csv::read(file);
  const Columns at = find_columns(csv);
  Workload workload{file.filename().string(), {}};
  workload.requests.reserve(csv.rows());
  std::int64_t first_ns = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const Request request{arrival(csv, row, at, first_ns), tokens(csv, row, at.prompt), tokens(csv, row, at.output)};
    if (row > 0 && request.arrival < workload.requests.back().arrival)
      throw core::InputError(csv.where(row, at.arrival), "an arrival before the one of the row above",
                             "rows in order of arrival");
    workload.requests.push_back(request);
  }
  if (workload.requests.empty())
    throw core::InputError({std::make_shared<const std::string>(file.string()), 2, 1}, "the end of the file",
                           "a request");
  return workload;
}

}  // namespace wordline::serve
