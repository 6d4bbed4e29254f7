#include "serve_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "wordline/core/document.h"
#include "wordline/core/error.h"

namespace wordline::cli {

namespace {

constexpr std::size_t most_points = 100'000;
constexpr const char* command = "wordline serve sweep";
constexpr const char* set_axis = "set.";

// The word that gives an option this value.
std::string word_of(const std::string& name, const std::string& value) {
  if (name.starts_with(set_axis)) return fmt::format("--set={}={}", name.substr(4), value);
  return fmt::format("--{}={}", name, value);
}

GridPoint parsed(const std::vector<std::string>& words) {
  GridPoint out;
  Args args(command, "", "");
  add_point_options(args, out.options, out.goodput);
  args.action([] { return 0; });
  std::vector<const char*> argv{command};
  for (const auto& word : words) argv.push_back(word.c_str());
  args.run(static_cast<int>(argv.size()), argv.data());
  out.words = args.given();
  out.common = args.common();
  return out;
}

std::string text_of(const core::Value& value) {
  if (const auto* text = value.text()) return *text;
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return fmt::format("{}", *whole);
  if (const auto* number = std::get_if<double>(&value.data)) return fmt::format("{}", *number);
  throw core::InputError(value.where, value.describe(), "a value of an option, or a list of such");
}

}  // namespace

void ServeGrid::add(Axis axis, std::vector<core::Location> places) {
  static const std::set<std::string> apart = {"json", "csv", "threads", "set", "catalog", "quiet", "help", "version"};
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    try {
      if (apart.count(axis.name) > 0)
        throw core::UsageError(fmt::format("{}: \"{}\" is no option of a single run", command, axis.name));
      parsed({word_of(axis.name, axis.values[i])});
    } catch (const core::UsageError& error) {
      if (places.empty()) throw;
      throw core::InputError(core::to_string(places[i]) + ": " + error.what());
    }
  }
  std::erase_if(axes_, [&](const Axis& before) { return before.name == axis.name; });
  axes_.push_back(std::move(axis));
}

void ServeGrid::add(const std::string& sweep) {
  const auto equals = sweep.find('=');
  Axis axis{sweep.substr(0, equals), {}};
  if (equals == std::string::npos || equals == 0 || equals + 1 == sweep.size())
    throw core::UsageError(fmt::format("--sweep: found \"{}\"; wanted OPTION=VALUE,VALUE,...", sweep));
  while (axis.name.starts_with("-")) axis.name.erase(0, 1);
  for (std::size_t begin = equals + 1; begin <= sweep.size();) {
    const auto comma = std::min(sweep.find(',', begin), sweep.size());
    axis.values.push_back(sweep.substr(begin, comma - begin));
    begin = comma + 1;
  }
  add(std::move(axis), {});
}

void ServeGrid::add(const std::filesystem::path& file) {
  const core::Value document = core::read_document(file);
  const core::Table* table = document.table();
  if (!table) throw core::InputError(document.where, document.describe(), "a table of options");
  for (const auto& [name, value] : *table) {
    Axis axis{name, {}};
    std::vector<core::Location> places;
    const core::Array single{value};
    const core::Array& values = value.array() ? *value.array() : single;
    if (values.empty()) throw core::InputError(value.where, "an empty list", "values of an option");
    for (const core::Value& each : values) {
      axis.values.push_back(text_of(each));
      places.push_back(each.where);
    }
    add(std::move(axis), std::move(places));
  }
}

std::vector<GridPoint> ServeGrid::points(const std::vector<std::string>& base, const Common& common) const {
  std::size_t count = 1;
  for (const Axis& axis : axes_) {
    count *= axis.values.size();
    if (count > most_points) throw core::UsageError(fmt::format("{}: more than {} combinations", command, most_points));
  }
  std::vector<std::string> words;
  for (const auto& word : base) {
    const std::string name = word.substr(2, word.find('=') - 2);
    if (std::none_of(axes_.begin(), axes_.end(), [&](const Axis& axis) { return axis.name == name; }))
      words.push_back(word);
  }
  const bool seed_swept = std::any_of(axes_.begin(), axes_.end(), [](const Axis& axis) { return axis.name == "seed"; });
  if (common.seed && !seed_swept) words.push_back(fmt::format("--seed={}", *common.seed));
  for (const auto& setting : common.settings) words.push_back("--set=" + setting);
  for (const auto& folder : common.catalogs) words.push_back("--catalog=" + folder.string());
  std::vector<GridPoint> out;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::string> all = words;
    std::vector<std::pair<std::string, std::string>> values;
    std::size_t rest = i, below = count;
    for (const Axis& axis : axes_) {
      below /= axis.values.size();
      const std::string& value = axis.values[rest / below];
      rest %= below;
      all.push_back(word_of(axis.name, value));
      if (axis.values.size() > 1) values.emplace_back(axis.name, value);
    }
    out.push_back(parsed(all));
    out.back().values = std::move(values);
    for (const auto* needed : {&out.back().options.model.model, &out.back().options.on.chip})
      if (needed->empty()) throw core::UsageError(fmt::format("{}: wanted --model and --chip", command));
  }
  return out;
}

void add_point_options(Args& args, ServeOptions& options, std::vector<std::string>& goodput) {
  options.add_server_to(args, false);
  options.add_fleet_to(args);
  options.workload.add_to(args);
  args.option("--goodput", goodput, "ttft:MS or tpot:MS: what request_goodput counts").called("NAME:MS");
}

}  // namespace wordline::cli
