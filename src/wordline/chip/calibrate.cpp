#include "wordline/chip/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "wordline/core/error.h"
#include "wordline/core/parallel.h"

namespace wordline::chip {

namespace {

// Asks each question once, from any thread; the memory stays the same.
Streams remembered(Streams streams) {
  struct State {
    Streams ask;
    std::mutex mutex;
    std::map<std::tuple<double, double, double>, Streamed> known;
  };
  auto state = std::make_shared<State>();
  state->ask = std::move(streams);
  return [state](const Memory& of, double reads, core::Bytes piece, double load) {
    const std::lock_guard lock(state->mutex);
    const std::tuple key{reads, piece.value(), load};
    const auto at = state->known.find(key);
    if (at != state->known.end()) return at->second;
    return state->known.emplace(key, state->ask(of, reads, piece, load)).first->second;
  };
}

using Rows = std::vector<const MeasuredRow*>;

// The fitted rows of each file, and what they are timed with.
class Objective {
 public:
  Objective(Streams streams, const CalibrationOptions& options) : streams_(std::move(streams)), options_(options) {}
  void add(Rows rows) { files_.push_back(std::move(rows)); }

  double operator()(const Chip& chip) const {
    double out = 0;
    for (const auto& rows : files_) {
      double sum = 0;
      for (const auto& c : compared(chip, rows)) sum += std::abs(c.predicted / c.measured - 1);
      out += sum / static_cast<double>(rows.size());
    }
    return out / static_cast<double>(files_.size());
  }

  std::vector<core::Compared> compared(const Chip& chip, const Rows& rows) const {
    constexpr std::size_t share = 512;
    std::vector<core::Compared> out(rows.size());
    core::parallel_for((rows.size() + share - 1) / share, options_.threads, [&](std::size_t i) {
      const bool cold = options_.residency == Residency::cold;
      KernelTimer timer(chip, streams_, cold ? Residency::cold : replayed(rows.front()->op));
      for (std::size_t row = i * share; row < std::min(rows.size(), (i + 1) * share); ++row) {
        const auto p = predicted(*rows[row], timer);
        out[row] = {rows[row]->us, p.us, p.low, p.high};
      }
    });
    return out;
  }

 private:
  Streams streams_;
  CalibrationOptions options_;
  std::vector<Rows> files_;
};

// Where a value lies between its bounds, 0..1; in equal ratios where they are more than a decade apart.
bool by_ratio(const Adjustable& a) { return a.low > 0 && a.high > 10 * a.low; }
double place_of(const Adjustable& a, double value) {
  return by_ratio(a) ? std::log(value / a.low) / std::log(a.high / a.low) : (value - a.low) / (a.high - a.low);
}
double value_at(const Adjustable& a, double place) {
  const double x = std::clamp(place, 0.0, 1.0);
  return by_ratio(a) ? a.low * std::pow(a.high / a.low, x) : a.low + (a.high - a.low) * x;
}

// So many significant digits, within the bounds.
double rounded(const Adjustable& a, double value, int digits) {
  return std::clamp(std::stod(fmt::format("{:.{}g}", value, digits)), a.low, a.high);
}

// The search over the numbers that the rows depend on.
class Search {
 public:
  Search(const Objective& objective, Chip chip, std::size_t evaluations)
      : objective_(objective), best_(std::move(chip)), left_(evaluations) {
    error_ = ask(best_);
  }
  double error() const { return error_; }
  const Chip& best() const { return best_; }

  // Whether any row depends on it.
  bool depends_on(const Adjustable& a) {
    const double place = place_of(a, value_of(best_, a));
    for (const double other :
         {place + 0.1 <= 1 ? place + 0.1 : place - 0.1, place - 0.1 >= 0 ? place - 0.1 : place + 0.1})
      if (std::abs(ask(with(a, value_at(a, other))) - error_) > 1e-9) return true;
    return false;
  }

  void run(const std::vector<Adjustable>& free) {
    constexpr double smallest = 1e-4;
    std::vector<double> steps(free.size(), 0.1);
    while (left_ > 0 && std::any_of(steps.begin(), steps.end(), [](double s) { return std::abs(s) > smallest; }))
      for (std::size_t i = 0; i < free.size() && left_ > 0; ++i) {
        if (std::abs(steps[i]) <= smallest) continue;
        const double place = place_of(free[i], value_of(best_, free[i]));
        if (tried(free[i], value_at(free[i], place + steps[i])))
          steps[i] *= 1.6;
        else if (tried(free[i], value_at(free[i], place - steps[i])))
          steps[i] *= -1;
        else
          steps[i] *= 0.4;
      }
  }

  // Puts a number there where that costs next to nothing: a thousandth of the error, or a hundredth of a percent.
  bool put(const Adjustable& a, double value) {
    Chip chip = with(a, value);
    const double error = objective_(chip);
    if (error > error_ * 1.001 + 1e-4) return false;
    best_ = std::move(chip);
    error_ = error;
    return true;
  }

 private:
  double ask(const Chip& chip) {
    if (left_ > 0) --left_;
    return objective_(chip);
  }
  Chip with(const Adjustable& a, double value) const {
    Chip out = best_;
    set_value(out, a, value);
    return out;
  }
  bool tried(const Adjustable& a, double value) {
    Chip chip = with(a, value);
    const double error = ask(chip);
    if (error >= error_ * (1 - 1e-6)) return false;
    best_ = std::move(chip);
    error_ = error;
    return true;
  }

  const Objective& objective_;
  Chip best_;
  double error_ = 0;
  std::size_t left_;
};

// A file's rows of this residency: those that may be fitted on, at most so many and spread evenly over the file; or the
// others, all of them.
Rows rows_of(const MeasuredFile& file, const CalibrationOptions& options, bool held_out) {
  const std::size_t most = options.rows;
  Rows all;
  for (const auto& row : file.rows)
    if (row.us > 0 && row.fitted_on == held_out && row.residency.value_or(options.residency) == options.residency)
      all.push_back(&row);
  if (held_out || all.size() <= most) return all;
  Rows out;
  for (std::size_t i = 0; i < most; ++i) out.push_back(all[i * all.size() / most]);
  return out;
}

std::string path_of(const Adjustable& a) { return a.table + "." + a.key; }

}  // namespace

std::vector<Adjustable> adjustables(const Chip& chip) {
  std::vector<Adjustable> out;
  const EngineKind& kind = engine_kind(chip.engine);
  for (const auto& c : kind.constants) out.push_back({"constants", c.name, "", c.low, c.high});
  for (const auto& c : kind.factors) out.push_back({"factors", c.name, "", c.low, c.high});
  out.push_back({"kernels", "launch", "us", 0.01, 1000});
  for (const auto& [dtype, rate] : chip.engines)
    out.push_back({"engines." + name_of(dtype), "best_achieved", "", 0.01, 1});
  return out;
}

double value_of(const Chip& chip, const Adjustable& a) {
  if (a.table == "constants") return chip.constants.at(a.key);
  if (a.table == "factors") return chip.factors.at(a.key);
  if (a.table == "kernels") return chip.launch.in(core::microseconds(1));
  return chip.engines.at(dtype_of(a.table.substr(a.table.find('.') + 1))).best_achieved;
}

void set_value(Chip& chip, const Adjustable& a, double value) {
  if (a.table == "constants")
    chip.constants.at(a.key) = value;
  else if (a.table == "factors")
    chip.factors.at(a.key) = value;
  else if (a.table == "kernels")
    chip.launch = core::microseconds(value);
  else
    chip.engines.at(dtype_of(a.table.substr(a.table.find('.') + 1))).best_achieved = value;
}

Calibration calibrate(const Chip& chip, const std::vector<MeasuredFile>& files, Streams streams,
                      const CalibrationOptions& options) {
  Objective objective(remembered(std::move(streams)), options);
  for (const auto& file : files) {
    Rows rows = rows_of(file, options, false);
    if (rows.empty())
      throw core::InputError(
          fmt::format("{}: found no measured row to fit on; wanted some with a time in us", file.name));
    objective.add(std::move(rows));
  }
  Calibration out;
  Search search(objective, chip, options.evaluations);
  out.before = search.error();
  std::vector<Adjustable> free;
  for (const auto& a : adjustables(chip)) {
    if (search.depends_on(a))
      free.push_back(a);
    else
      out.undetermined.push_back(path_of(a));
  }
  search.run(free);
  for (const auto& a : free) {
    const double before = value_of(chip, a), after = value_of(search.best(), a);
    if (after == before || search.put(a, before)) continue;
    for (int digits = 2; digits <= 4; ++digits)
      if (search.put(a, rounded(a, after, digits))) break;
  }
  out.chip = search.best();
  out.after = search.error();
  for (const auto& a : free)
    if (const double before = value_of(chip, a), after = value_of(out.chip, a); before != after)
      out.moved.push_back({a, before, after});
  for (const auto& file : files) {
    const Rows rows = rows_of(file, options, true);
    out.held_out.push_back({name_of(file.op), core::errors_of(objective.compared(chip, rows)),
                            core::errors_of(objective.compared(out.chip, rows))});
  }
  return out;
}

std::vector<MeasuredTime> profile_of(const Chip& chip, const std::vector<MeasuredFile>& files, Streams streams) {
  KernelTimer timer(chip, std::move(streams), Residency::cold);
  std::vector<MeasuredTime> out;
  for (const auto& file : files)
    for (const auto& row : file.rows) {
      if (row.op != MeasuredOp::layer || row.us <= 0) continue;
      const Kernel* attention = nullptr;
      int attentions = 0;
      double others = 0, all = 0;
      for (const auto& kernel : row.kernels) {
        const double seconds = timer(kernel).time.value();
        all += seconds;
        if (std::holds_alternative<PrefillAttention>(kernel.work) ||
            std::holds_alternative<DecodeAttention>(kernel.work))
          attention = &kernel, ++attentions;
        else
          others += seconds;
      }
      const double measured = row.us * 1e-6;
      if (attentions == 1 && measured > others) out.push_back({*attention, measured - others});
      if (attentions > 0) continue;
      for (const auto& kernel : row.kernels) out.push_back({kernel, measured * timer(kernel).time.value() / all});
    }
  return out;
}

std::string chip_file(const Calibration& calibration, const std::vector<MeasuredFile>& files,
                      const std::string& profile) {
  std::string source = "calibrated on";
  for (std::size_t i = 0; i < files.size(); ++i)
    source += fmt::format("{} {}, {} rows", i > 0 ? ";" : "", files[i].name, files[i].rows.size());
  std::string quoted;
  for (const char c : source) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  std::string out =
      fmt::format("title = \"{}, calibrated\"\nextends = \"{}\"\n", calibration.chip.title, calibration.chip.name);
  if (!calibration.chip.library.empty()) out += fmt::format("library = \"{}\"\n", calibration.chip.library);
  if (!profile.empty()) out += fmt::format("profile = \"{}\"\n", profile);
  std::string table;
  for (const auto& moved : calibration.moved) {
    if (moved.what.table != table) out += fmt::format("\n[{}]\n", table = moved.what.table);
    const std::string value = moved.what.unit.empty() ? fmt::format("{:.6g}", moved.after)
                                                      : fmt::format("\"{:.6g} {}\"", moved.after, moved.what.unit);
    out += fmt::format("{} = {{ value = {}, source = \"{}\", kind = \"measured\" }}\n", moved.what.key, value, quoted);
  }
  return out;
}

}  // namespace wordline::chip
