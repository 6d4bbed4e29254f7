#include "wordline/core/scoring.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "wordline/core/statistics.h"

namespace wordline::core {

namespace {

// Fowler, Noll, Vo: the offset basis and prime of FNV-1a for 64 bits.
std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

constexpr std::array<std::string_view, 4> appended = {"predicted_us", "bound", "low_us", "high_us"};
constexpr std::array<std::string_view, 2> beside = {"repeats", "spread"};  // how a result was got, not of what

}  // namespace

Errors errors_of(const std::vector<Compared>& compared) {
  Errors out;
  Samples away, off;
  std::size_t inside = 0;
  for (const auto& c : compared) {
    const double error = c.predicted / c.measured - 1;
    away.add(std::abs(error));
    off.add(error);
    if (c.low <= c.measured && c.measured <= c.high) ++inside;
  }
  out.n = compared.size();
  if (out.n == 0) return out;
  out.mean = away.mean();
  out.median = away.percentile(50);
  out.p90 = away.percentile(90);
  out.bias = off.mean();
  out.within = static_cast<double>(inside) / static_cast<double>(out.n);
  return out;
}

void Scores::add(const std::string& group, const Compared& compared) {
  all_.push_back(compared);
  groups_[group].push_back(compared);
}

std::vector<std::pair<std::string, Errors>> Scores::errors() const {
  std::vector<std::pair<std::string, Errors>> out{{"all", errors_of(all_)}};
  for (const auto& [name, compared] : groups_) out.emplace_back(name, errors_of(compared));
  return out;
}

std::string Scores::text() const {
  const auto rows = errors();
  std::size_t width = 0;
  for (const auto& [name, errors] : rows) width = std::max(width, name.size());
  std::string out = fmt::format("{:<{}} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", width, "n", "mean", "median", "p90",
                                "bias", "in band");
  for (const auto& [name, e] : rows)
    out += fmt::format("{:<{}} {:>7} {:>7.1f}% {:>7.1f}% {:>7.1f}% {:>+7.1f}% {:>7.0f}%\n", name, width, e.n,
                       100 * e.mean, 100 * e.median, 100 * e.p90, 100 * e.bias, 100 * e.within);
  return out;
}

bool is_prediction(std::string_view column) {
  return std::find(appended.begin(), appended.end(), column) != appended.end();
}

bool for_fitting(const Csv& table, std::size_t row, std::string_view result) {
  std::string shape;
  bool first = true;
  for (std::size_t column = 0; column < table.header().size(); ++column) {
    const std::string_view name = table.header()[column];
    if (name == result || is_prediction(name) || std::find(beside.begin(), beside.end(), name) != beside.end())
      continue;
    if (!first) shape += ',';
    first = false;
    shape += table.text(row, column);
  }
  return fnv1a(shape) % 5 == 0;
}

std::string with_predictions(const Csv& table, const std::vector<std::optional<Prediction>>& predictions) {
  std::string out;
  for (const auto& name : table.header())
    if (!is_prediction(name)) out += csv_field(name) + ',';
  out += fmt::format("{}\n", fmt::join(appended, ","));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto& p = predictions[row];
    if (!p) continue;
    for (std::size_t column = 0; column < table.header().size(); ++column)
      if (!is_prediction(table.header()[column])) out += csv_field(table.text(row, column)) + ',';
    out += fmt::format("{:.6g},{},{:.6g},{:.6g}\n", p->us, csv_field(p->bound), p->low, p->high);
  }
  return out;
}

}  // namespace wordline::core
