#include "wordline/fab/control/recorded.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "wordline/core/csv_lines.h"
#include "wordline/fab/capability.h"

namespace wordline::fab {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t fewest = 30;
constexpr double least_variance = 1e-200;  // squares of smaller deviations are no longer exact

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : lines(file) {}
  std::optional<std::size_t> find(std::string_view name) const {
    const auto& header = lines.header();
    const auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - header.begin()));
  }
  bool next() {
    if (!lines.next()) return false;
    if (lines.fields().size() != lines.header().size())
      throw core::InputError(lines.where(lines.header().size()), fmt::format("{} fields", lines.fields().size()),
                             fmt::format("{} as in the header", lines.header().size()));
    return true;
  }
  double number(std::size_t column) const { return lines.measured(column).value_or(nothing); }
  core::CsvLines lines;
};

// Root mean square of the numbers from `first` on; 0 where there is none.
double rms_after(const std::vector<double>& values, std::size_t first) {
  double squares = 0, count = 0;
  for (std::size_t i = first; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    squares += values[i] * values[i];
    ++count;
  }
  return count > 0 ? std::sqrt(squares / count) : 0;
}

}  // namespace

Record read_record(const std::filesystem::path& file, const RecordSettings& settings) {
  Reader reader(file);
  const std::size_t wafer = reader.lines.column("wafer");
  const auto time = reader.find("time"), chamber = reader.find("chamber");
  if (settings.chamber && !chamber) reader.lines.column("chamber");  // throws
  const std::size_t result = reader.find("disturbance") ? *reader.find("disturbance") : reader.lines.column("label");
  const auto prediction = reader.find("prediction"), sigma = reader.find("sigma"), low = reader.find("low"),
             high = reader.find("high");
  if (prediction && !sigma && !(low && high))
    throw core::InputError(reader.lines.where_in_header(*prediction), "predictions without their spread",
                           "a column sigma, or low and high");
  const double deviations = 2 * normal_quantile(0.5 + settings.coverage / 2);
  Record record;
  std::optional<std::string> of_chamber = settings.chamber;
  double before = -std::numeric_limits<double>::infinity();
  while (reader.next()) {
    if (chamber && !of_chamber) of_chamber = reader.lines.fields()[*chamber];
    if (chamber && reader.lines.fields()[*chamber] != *of_chamber) {
      if (settings.chamber) continue;
      throw core::InputError(
          reader.lines.where(*chamber),
          fmt::format("the chamber \"{}\" beside \"{}\"", reader.lines.fields()[*chamber], *of_chamber),
          "one chamber, or which");
    }
    const double now = time ? reader.number(*time) : nothing;
    if (now < before)
      throw core::InputError(reader.lines.where(*time), fmt::format("the time {}", now),
                             fmt::format("{} or later, as in the row before", before));
    before = std::isnan(now) ? before : now;
    const double value = reader.number(result);
    double predicted = prediction ? reader.number(*prediction) : nothing, spread = nothing;
    if (!std::isnan(predicted)) {
      const double from = sigma ? 0 : reader.number(*low), to = sigma ? reader.number(*sigma) : reader.number(*high);
      if (to <= from)
        throw core::InputError(
            reader.lines.where(sigma ? *sigma : *low),
            sigma ? fmt::format("a sigma of {}", to) : fmt::format("the interval {} to {}", from, to),
            sigma ? "one above 0" : "the lower end first");
      spread = (to - from) / (sigma ? 1 : deviations);
    }
    if (std::isnan(value)) {
      ++record.left_out;
      continue;
    }
    const bool usable = !std::isnan(predicted) && !std::isnan(spread);
    record.predicted += usable ? 1 : 0;
    record.wafers.emplace_back(reader.lines.fields()[wafer]);
    record.path.disturbance.push_back(value);
    if (!prediction) continue;
    record.path.prediction_error.push_back(usable ? predicted - value : nothing);
    record.path.prediction_variance.push_back(usable ? std::max(spread * spread, least_variance) : nothing);
  }
  finish(record, settings, reader.lines.where_in_header(result));
  return record;
}

void finish(Record& record, const RecordSettings& settings, const core::Location& where) {
  auto& values = record.path.disturbance;
  if (values.size() < fewest)
    throw core::InputError(where, fmt::format("{} wafers with a result", values.size()),
                           fmt::format("at least {}", fewest));
  record.tuning = static_cast<std::size_t>(settings.tuning_share * static_cast<double>(values.size()));
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < record.tuning; ++i) sum += values[i];
  for (std::size_t i = 1; i < record.tuning; ++i) squares += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
  record.target = settings.target.value_or(sum / static_cast<double>(record.tuning));
  record.noise_sd = std::sqrt(squares / 2 / static_cast<double>(record.tuning - 1));
  if (!(record.noise_sd * record.noise_sd >= least_variance))
    throw core::InputError(where, "results that do not differ from wafer to wafer", "a process with some noise");
  for (double& x : values) x -= record.target;
}

LoopSettings settings_of(const Record& record, const Process& process) {
  LoopSettings loop = settings_of(process);
  loop.noise_variance = record.noise_sd * record.noise_sd;
  loop.metrology_variance = 0;
  return loop;
}

std::vector<ControlRow> compare(const Record& record, const Process& process, const ControlSettings& settings) {
  LoopSettings loop = settings_of(record, process);
  LoopSettings tuning = loop;
  tuning.last = static_cast<std::int64_t>(record.tuning);
  loop.first = tuning.last;
  ProcessPath alone;
  alone.disturbance = record.path.disturbance;
  std::vector<ControlRow> rows;
  for (const auto& name : settings.controllers.empty() ? controller_policies() : settings.controllers) {
    const auto policy = make_controller_policy(name);
    double sigma_alone = 0;
    for (const bool predicted : {false, true}) {
      if (predicted && (record.predicted == 0 || !policy->looks())) continue;
      const ProcessPath& path = predicted ? record.path : alone;
      ControlRow row{name, {}, policy->parameters(), tune(*policy, {path}, tuning, settings.threads), {}, {}};
      row.sigma.mean = run_loop(path, *policy->make(row.values, loop.noise_variance), loop).sigma;
      if (predicted) {
        row.vm_sd = rms_after(path.prediction_error, record.tuning);
        row.change = Estimate{row.sigma.mean / sigma_alone - 1, 0};
      } else {
        sigma_alone = row.sigma.mean;
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace wordline::fab
