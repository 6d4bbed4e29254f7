// Traces as tables: Azure's, BurstGPT's, and the plain one.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "wordline/serve/timestamp.h"
#include "wordline/serve/workload/rows.h"

namespace wordline::serve {
namespace {

struct Form {
  const char* name;
  std::vector<std::string> columns;  // arrival, prompt, output; then what may be missing
  Rows (*read)(const core::Csv&);
};

bool has(const core::Csv& csv, std::string_view column) {
  return std::find(csv.header().begin(), csv.header().end(), column) != csv.header().end();
}

std::int32_t tokens(const core::Csv& csv, std::size_t row, std::size_t column) {
  const std::int64_t count = csv.integer(row, column);
  if (count < 1 || count > longest_request_tokens) checked_tokens(count, csv.where(row, column));
  return static_cast<std::int32_t>(count);
}

Row row_at(const core::Csv& csv, std::size_t row, std::size_t arrival_column, double arrival) {
  const auto where = csv.where(row, arrival_column);
  return {{.arrival = core::Seconds(arrival)}, where.line, where.column};
}

double not_negative(const core::Csv& csv, std::size_t row, std::size_t column, const char* what) {
  const double value = csv.number(row, column);
  if (value < 0) throw core::InputError(csv.where(row, column), fmt::format("{} {} s", what, value), "0 s or later");
  return value;
}

// Names of sessions as numbers from 1, in order of appearance; an empty name is no session.
class SessionNumbers {
 public:
  std::uint32_t operator()(std::string_view name) {
    if (name.empty()) return 0;
    return numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(numbers_.size() + 1)).first->second;
  }

 private:
  std::map<std::string, std::uint32_t> numbers_;
};

Rows azure(const core::Csv& csv) {
  Rows out;
  const auto when = csv.column("TIMESTAMP"), prompt = csv.column("ContextTokens"),
             output = csv.column("GeneratedTokens");
  std::vector<std::int64_t> ns(csv.rows());
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto date = timestamp_ns(csv.text(row, when));
    if (!date)
      throw core::InputError(csv.where(row, when), fmt::format("\"{}\"", csv.text(row, when)),
                             "a time such as 2023-11-16 18:15:46.6805900");
    ns[row] = *date;
  }
  const std::int64_t first = ns.empty() ? 0 : *std::min_element(ns.begin(), ns.end());
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    out.rows.push_back(row_at(csv, row, when, static_cast<double>(ns[row] - first) / 1e9));
    out.rows.back().request.prompt_tokens = tokens(csv, row, prompt);
    out.rows.back().request.output_tokens = tokens(csv, row, output);
  }
  return out;
}

Rows burst_gpt(const core::Csv& csv) {
  Rows out;
  const auto when = csv.column("Timestamp"), prompt = csv.column("Request tokens"),
             output = csv.column("Response tokens");
  const bool sessions = has(csv, "Session ID");
  const auto session = sessions ? csv.column("Session ID") : 0;
  SessionNumbers number_of;
  double first = INFINITY;
  std::size_t failed = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const double at = not_negative(csv, row, when, "an arrival at");
    if (csv.integer(row, output) == 0) {
      ++failed;
      continue;
    }
    first = std::min(first, at);
    out.rows.push_back(row_at(csv, row, when, at));
    Request& request = out.rows.back().request;
    request.prompt_tokens = tokens(csv, row, prompt);
    request.output_tokens = tokens(csv, row, output);
    if (sessions) request.session = number_of(csv.text(row, session));
  }
  for (auto& row : out.rows) row.request.arrival = core::Seconds(row.request.arrival.value() - first);
  if (failed > 0) out.warnings.push_back(counted(failed, "row") + " without response tokens, failed requests: skipped");
  return out;
}

Rows plain(const core::Csv& csv) {
  Rows out;
  const auto when = csv.column("arrival_s"), prompt = csv.column("prompt_tokens"), output = csv.column("output_tokens");
  const bool sessions = has(csv, "session"), thinks = has(csv, "think_s");
  const auto session = sessions ? csv.column("session") : 0, think = thinks ? csv.column("think_s") : 0;
  SessionNumbers number_of;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    out.rows.push_back(row_at(csv, row, when, not_negative(csv, row, when, "an arrival at")));
    Request& request = out.rows.back().request;
    request.prompt_tokens = tokens(csv, row, prompt);
    request.output_tokens = tokens(csv, row, output);
    if (sessions) request.session = number_of(csv.text(row, session));
    if (!thinks || csv.text(row, think).empty()) continue;
    if (request.session == 0)
      throw core::InputError(csv.where(row, think), "a think time without a session", "a session, or nothing");
    request.think = core::Seconds(not_negative(csv, row, think, "a think time of"));
  }
  return out;
}

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"plain CSV", {"arrival_s", "prompt_tokens", "output_tokens", "session", "think_s"}, plain},
      {"Azure LLM inference trace", {"TIMESTAMP", "ContextTokens", "GeneratedTokens"}, azure},
      {"BurstGPT", {"Timestamp", "Request tokens", "Response tokens", "Total tokens", "Log Type", "Model"}, burst_gpt},
  };
  return all;
}

}  // namespace

Rows rows_of_csv(const core::Csv& csv) {
  // The form with the most columns in the header; the reader then says which is missing.
  const auto fit = [&csv](const Form& form) {
    return std::count_if(form.columns.begin(), form.columns.end(), [&csv](const auto& c) { return has(csv, c); });
  };
  const auto& form =
      *std::max_element(forms().begin(), forms().end(), [&](const Form& a, const Form& b) { return fit(a) < fit(b); });
  if (fit(form) == 0) {
    std::vector<std::string> names;
    for (const auto& each : forms()) names.insert(names.end(), each.columns.begin(), each.columns.begin() + 3);
    std::string nearest;
    for (const auto& column : csv.header())
      if (nearest.empty()) nearest = core::nearest_name(column, names);
    throw core::InputError(csv.where_in_header(0), fmt::format("the columns {}", fmt::join(csv.header(), ", ")),
                           "arrival_s,prompt_tokens,output_tokens, or the columns of Azure's or BurstGPT's traces",
                           nearest);
  }
  Rows out = form.read(csv);
  out.form = form.name;
  return out;
}

}  // namespace wordline::serve
