// Quantities from text: "350 ns", "3.35 TB/s", "178 KRW/kWh".
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>
#include <vector>

#include "wordline/core/reader.h"

namespace wordline::core {

namespace {

struct Unit {
  double factor;
  Dimension dimension;
};

const std::map<std::string, Unit, std::less<>>& units() {
  static const auto table = [] {
    std::map<std::string, Unit, std::less<>> t;
    const Dimension second{.second = 1}, hertz{.second = -1}, byte{.byte = 1}, joule{.joule = 1}, flop{.flop = 1};
    const Dimension watt{.second = -1, .joule = 1}, ampere{.second = -1, .coulomb = 1}, volt{.joule = 1, .coulomb = -1};
    const std::vector<std::pair<std::string, double>> small = {{"f", 1e-15}, {"p", 1e-12}, {"n", 1e-9},
                                                               {"u", 1e-6},  {"m", 1e-3},  {"", 1}};
    const std::vector<std::pair<std::string, double>> large = {{"", 1},    {"k", 1e3},  {"M", 1e6},
                                                               {"G", 1e9}, {"T", 1e12}, {"P", 1e15}};
    const std::vector<std::pair<std::string, double>> binary = {
        {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0}};
    for (const auto& [prefix, factor] : small) {
      t[prefix + "s"] = {factor, second};
      t[prefix + "J"] = {factor, joule};
      t[prefix + "W"] = {factor, watt};
      t[prefix + "A"] = {factor, ampere};
      t[prefix + "V"] = {factor, volt};
    }
    for (const auto& [prefix, factor] : large) {
      t[prefix + "Hz"] = {factor, hertz};
      t[prefix + "B"] = {factor, byte};
      t[prefix + "b"] = {factor / 8, byte};
      t[prefix + "bit"] = {factor / 8, byte};
      t[prefix + "FLOP"] = {factor, flop};
      t[prefix + "OP"] = {factor, flop};
      t[prefix + "W"] = {factor, watt};
      t[prefix + "Wh"] = {factor * 3600, joule};
    }
    for (const auto& [prefix, factor] : binary) t[prefix + "B"] = {factor, byte};
    t["KB"] = {1e3, byte};
    t["min"] = {60, second};
    t["h"] = t["hour"] = {3600, second};
    t["day"] = t["d"] = {86400, second};
    t["month"] = {86400 * 365.0 / 12, second};
    t["year"] = t["y"] = {86400 * 365.0, second};
    for (const auto& [name, factor] : {std::pair{"nm", 1e-9}, {"um", 1e-6}, {"mm", 1e-3}, {"cm", 1e-2}}) {
      t[name] = {factor, {.metre = 1}};
      t[name + std::string("2")] = {factor * factor, {.metre = 2}};
    }
    t["USD"] = {1, {.usd = 1}};
    t["KRW"] = {1, {.krw = 1}};
    return t;
  }();
  return table;
}

std::string nearest_unit(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [unit, _] : units()) names.push_back(unit);
  return nearest_name(name, names);
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

std::optional<ParsedQuantity> failed(std::string* why, std::string message) {
  if (why) *why = std::move(message);
  return std::nullopt;
}

}  // namespace

std::optional<ParsedQuantity> parse_quantity(std::string_view text, std::string* why) {
  text = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return failed(why, "it does not begin with a number");
  std::string_view rest = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  ParsedQuantity out{number, {}};
  bool inverse = rest.starts_with('/');  // "0.1 /cm2"
  if (inverse) rest.remove_prefix(1);
  while (inverse || !rest.empty()) {
    const auto slash = rest.find('/');
    const std::string_view name = trimmed(rest.substr(0, slash));
    if (inverse && name.empty()) return failed(why, "a unit is missing after \"/\"");
    const auto unit = units().find(name);
    if (unit == units().end()) {
      const std::string near = nearest_unit(name);
      return failed(why, fmt::format("\"{}\" is no known unit{}", name,
                                     near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
    }
    if (inverse) {
      out.base_units /= unit->second.factor;
      out.dimension = out.dimension + -unit->second.dimension;
    } else {
      out.base_units *= unit->second.factor;
      out.dimension = unit->second.dimension;
    }
    if (slash == std::string_view::npos) break;
    rest = rest.substr(slash + 1);
    inverse = true;
  }
  return out;
}

std::string dimension_name(Dimension d) {
  static const std::vector<std::pair<Dimension, const char*>> names = {
      {Dimension{}, "a number"},
      {Seconds::dimension, "a time such as \"350 ns\""},
      {Hertz::dimension, "a frequency such as \"1.6 GHz\""},
      {Bytes::dimension, "a size such as \"16 GB\""},
      {BytesPerSecond::dimension, "a bandwidth such as \"450 GB/s\""},
      {Joules::dimension, "an energy such as \"4 pJ\""},
      {Watts::dimension, "a power such as \"700 W\""},
      {Flops::dimension, "an operation count such as \"2 TFLOP\""},
      {FlopsPerSecond::dimension, "a rate such as \"989 TFLOP/s\""},
      {JoulesPerFlop::dimension, "an energy per operation such as \"0.5 pJ/FLOP\""},
      {JoulesPerByte::dimension, "an energy per bit or byte such as \"4 pJ/bit\""},
      {Volts::dimension, "a voltage such as \"1.1 V\""},
      {Amperes::dimension, "a current such as \"103 mA\""},
      {Usd::dimension, "an amount such as \"25000 USD\""},
      {Krw::dimension, "an amount such as \"1000 KRW\""},
      {UsdPerHour::dimension, "a price such as \"3.5 USD/h\""},
      {KrwPerUsd::dimension, "an exchange rate such as \"1400 KRW/USD\""},
      {KrwPerEnergy::dimension, "a tariff such as \"178 KRW/kWh\""},
      {Metres::dimension, "a length such as \"11 mm\""},
      {SquareMetres::dimension, "an area such as \"110 mm2\""},
      {PerSquareMetre::dimension, "a density such as \"0.1 /cm2\""},
      {UsdPerArea::dimension, "a price such as \"0.2 USD/mm2\""},
      {UsdPerByte::dimension, "a price such as \"9 USD/GB\""}};
  for (const auto& [dimension, name] : names)
    if (dimension == d) return name;
  return "a quantity of another dimension";
}

}  // namespace wordline::core
