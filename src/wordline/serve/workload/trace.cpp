#include "wordline/serve/trace.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "wordline/core/files.h"
#include "wordline/serve/ticks.h"
#include "wordline/serve/workload/rows.h"

namespace wordline::serve {
namespace {

bool is_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

// Sorts, and says how many rows were before the one above them.
void put_in_order(Rows& rows) {
  std::size_t late = 0;
  for (std::size_t i = 1; i < rows.rows.size(); ++i)
    late += rows.rows[i].request.arrival < rows.rows[i - 1].request.arrival;
  if (late == 0) return;
  std::stable_sort(rows.rows.begin(), rows.rows.end(),
                   [](const Row& a, const Row& b) { return a.request.arrival < b.request.arrival; });
  rows.warnings.push_back(counted(late, "row") + " earlier than the one above: sorted by arrival");
}

// What arrives in the part asked for, its arrivals counted from there.
void keep_part(Rows& rows, const TraceOptions& options) {
  const double from = options.from.value(), to = from + options.duration.value();
  std::erase_if(rows.rows, [&](const Row& row) {
    const double at = row.request.arrival.value();
    return at < from || at >= to;
  });
  if (from > 0)
    for (auto& row : rows.rows) row.request.arrival = core::Seconds(row.request.arrival.value() - from);
}

}  // namespace

std::string counted(std::size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::int32_t checked_tokens(std::int64_t count, const core::Location& where) {
  if (count < 1 || count > longest_request_tokens)
    throw core::InputError(where, fmt::format("{} tokens", count),
                           fmt::format("from 1 to {} tokens", longest_request_tokens));
  return static_cast<std::int32_t>(count);
}

Recorded parse_recorded(std::string text, const std::string& name, const TraceOptions& options) {
  Rows rows = is_json(text) ? rows_of_json(text, name, options) : rows_of_csv(core::Csv::parse(std::move(text), name));
  const auto file = std::make_shared<const std::string>(name);
  if (rows.rows.empty()) throw core::InputError({file, 2, 1}, "the end of the file", "a request");
  put_in_order(rows);
  keep_part(rows, options);
  if (rows.rows.empty())
    throw core::InputError(fmt::format("{}: found no request from {} s on for {} s; wanted at least one", name,
                                       options.from.value(), options.duration.value()));
  if (const Row& last = rows.rows.back(); !(last.request.arrival.value() <= latest_arrival_s))
    throw core::InputError({file, last.line, last.column},
                           fmt::format("an arrival at {} s", last.request.arrival.value()),
                           fmt::format("from 0 to {:.0f} s (or a part of the trace)", latest_arrival_s));
  Recorded out{{std::filesystem::path(name).filename().string(), {}}, rows.form, rows.timed, std::move(rows.warnings)};
  out.workload.requests.reserve(rows.rows.size());
  for (auto& row : rows.rows) out.workload.requests.push_back(std::move(row.request));
  return out;
}

Recorded read_recorded(const std::filesystem::path& file, const TraceOptions& options) {
  return parse_recorded(core::read_text(file), file.string(), options);
}

Workload read_trace(const std::filesystem::path& file) { return read_recorded(file).workload; }

}  // namespace wordline::serve
