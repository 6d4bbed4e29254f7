// The yield of a die on a node's wafers: dies a wafer, good ones, grades, and every model over the area.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog_file.h"
#include "fab_yield.h"
#include "output.h"
#include "web/page.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/random.h"
#include "wordline/core/result.h"
#include "wordline/fab/node.h"
#include "wordline/fab/repair.h"

namespace wordline::cli {

namespace {

struct DieYield {
  fab::Node node;
  fab::DieSize die;
  fab::WaferLayout layout;
  double formula = 0, yield = 0, good = 0;  // dies a wafer by the formula; good dies a wafer
  core::Range<core::Usd> price;             // of a good die
  std::vector<fab::Grade> grades;
  std::vector<double> graded;  // share of all dies
};

template <class Q>
Q quantity(const char* option, const std::string& text) {
  std::string why;
  const auto parsed = core::parse_quantity(text, &why);
  if (!parsed || !(parsed->dimension == Q::dimension) || !(parsed->base_units >= 0))
    throw core::UsageError(fmt::format("{}: found \"{}\"{}; wanted {}", option, text, parsed ? "" : " (" + why + ")",
                                       core::dimension_name(Q::dimension)));
  return Q(parsed->base_units);
}

fab::Grade grade_of(const std::string& text) {
  const auto colon = text.rfind(':');
  fab::Grade grade;
  char rest = 0;
  if (colon == std::string::npos || colon == 0 ||
      std::sscanf(text.c_str() + colon + 1, "%d%c", &grade.needed, &rest) != 1)
    throw core::UsageError(fmt::format("--grade: found \"{}\"; wanted NAME:N", text));
  grade.name = text.substr(0, colon);
  return grade;
}

std::optional<fab::GridOffset> offset_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto cross = text.find(" x ");
  if (cross == std::string::npos)
    throw core::UsageError(fmt::format("--offset: found \"{}\"; wanted \"0 mm x 0 mm\"", text));
  return fab::GridOffset{quantity<core::Metres>("--offset", text.substr(0, cross)),
                         quantity<core::Metres>("--offset", text.substr(cross + 3))};
}

fab::Defects defects_of(const YieldOptions& options, const fab::Node& node, const fab::DieSize& die) {
  fab::Defects defects = node.defects;
  if (!options.model.empty()) defects.model = options.model;
  if (options.clustering) {
    if (!fab::yield_model(defects.model).clusters)
      throw core::UsageError("--clustering: the model \"" + defects.model + "\" has none");
    defects.clustering = *options.clustering;
  }
  if (!options.density.empty()) defects.density = quantity<core::PerSquareMetre>("--density", options.density);
  if (options.known_yield) {
    if (!options.density.empty()) throw core::UsageError("--known-yield gives the density that --density states");
    defects.density = fab::density_of(defects, die.area(), *options.known_yield);
  }
  return defects;
}

void grade(const YieldOptions& options, DieYield& out) {
  if (options.parts == 0) {
    if (!options.grades.empty() || !options.part_area.empty())
      throw core::UsageError("--grade and --part-area want --parts beside them");
    return;
  }
  if (options.part_area.empty()) throw core::UsageError("--parts wants --part-area beside it");
  if (options.grades.empty()) throw core::UsageError("--parts wants --grade beside it");
  for (const auto& text : options.grades) out.grades.push_back(grade_of(text));
  fab::PartedDie parted;
  parted.parts = options.parts;
  parted.part = quantity<core::SquareMetres>("--part-area", options.part_area);
  parted.shared = out.die.area() - parted.part * options.parts;
  if (parted.shared.value() < 0)
    throw core::UsageError(fmt::format("--part-area: found {} parts of {:g} mm2 on a die of {:g} mm2", options.parts,
                                       in_mm2(parted.part), in_mm2(out.die.area())));
  out.graded = fab::graded(out.node.defects, parted, out.grades);
}

DieYield answer_of(const YieldOptions& options, const core::Catalog& catalog) {
  DieYield out;
  out.node = fab::load_node(catalog, options.node, {std::make_shared<std::string>("--node")});
  out.die = die_size(options.die);
  out.node.defects = defects_of(options, out.node, out.die);
  out.layout = fab::lay_out(out.die, out.node.wafer, offset_of(options.offset));
  out.formula = fab::dies_by_formula(out.die, out.node.wafer);
  out.yield = fab::yield_of(out.node.defects, out.die.area());
  out.good = out.yield * static_cast<double>(out.layout.whole);
  if (out.good > 0) out.price = out.node.wafer_price.map([&](core::Usd price) { return price / out.good; });
  grade(options, out);
  return out;
}

// The same faults under another model.
double yield_under(const std::string& model, const DieYield& a, core::SquareMetres area) {
  fab::Defects defects = a.node.defects;
  defects.model = model;
  return fab::yield_of(defects, area);
}

// 1, 2, 5, 10, ... mm2 up to 1,000, and the die's own area.
std::vector<core::SquareMetres> areas_of(const DieYield& a) {
  std::vector<core::SquareMetres> areas{a.die.area()};
  for (const double decade : {10.0, 100.0})
    for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0})
      areas.push_back(core::square_millimetres(decade * step));
  areas.push_back(core::square_millimetres(1000));
  std::sort(areas.begin(), areas.end());
  areas.erase(std::unique(areas.begin(), areas.end()), areas.end());
  return areas;
}

std::string to_csv(const DieYield& a) {
  std::string text = "area_mm2";
  for (const auto& model : fab::yield_models()) text += "," + model;
  for (const auto area : areas_of(a)) {
    text += fmt::format("\n{:.6g}", in_mm2(area));
    for (const auto& model : fab::yield_models()) text += fmt::format(",{:.6g}", yield_under(model, a, area));
  }
  return text + "\n";
}

std::string dies_csv(const fab::WaferLayout& layout) {
  std::string text = "column,row,x_mm,y_mm,whole\n";
  for (const auto& die : layout.dies)
    text += fmt::format("{},{},{:.6g},{:.6g},{}\n", die.column, die.row, in_mm(die.x), in_mm(die.y), die.whole ? 1 : 0);
  return text;
}

Json to_json(const DieYield& a, const core::Catalog& catalog) {
  auto document = core::result_document("fab.yield", catalog);
  const auto& d = a.node.defects;
  const auto& w = a.node.wafer;
  document["node"] = a.node.name;
  document["die"] = {
      {"width_mm", in_mm(a.die.width)}, {"height_mm", in_mm(a.die.height)}, {"area_mm2", in_mm2(a.die.area())}};
  document["wafer"] = {{"diameter_mm", in_mm(w.diameter)},
                       {"edge_mm", in_mm(w.edge)},
                       {"scribe_mm", in_mm(w.scribe_x)},
                       {"notch_mm", in_mm(w.notch)},
                       {"flat_mm", in_mm(w.flat)},
                       {"price_usd", core::range_json(a.node.wafer_price.map([](auto p) { return p.value(); }))}};
  document["defects"] = {{"model", d.model},           {"density_per_cm2", per_cm2(d.density)},
                         {"clustering", d.clustering}, {"critical_share", d.critical_share},
                         {"layers", d.layers},         {"faults_a_die", fab::faults_on(d, a.die.area())}};
  document["dies"] = {{"whole", a.layout.whole},
                      {"partial", a.layout.partial},
                      {"formula", a.formula},
                      {"offset_x_mm", in_mm(a.layout.offset.x)},
                      {"offset_y_mm", in_mm(a.layout.offset.y)}};
  document["yield"] = a.yield;
  document["good_dies"] = a.good;
  if (a.good > 0) document["usd_a_good_die"] = core::range_json(a.price.map([](auto p) { return p.value(); }));
  for (const auto& model : fab::yield_models()) document["models"][model] = yield_under(model, a, a.die.area());
  if (!a.grades.empty()) {
    document["grades"] = Json::array();
    for (std::size_t i = 0; i < a.grades.size(); ++i)
      document["grades"].push_back({{"name", a.grades[i].name},
                                    {"needed", a.grades[i].needed},
                                    {"share", a.graded[i]},
                                    {"dies", a.graded[i] * static_cast<double>(a.layout.whole)}});
  }
  document["facts"] = core::facts_json(catalog.facts());
  return document;
}

std::string usd(const core::Range<core::Usd>& r) {
  return r.low == r.high ? fmt::format("{:.2f} USD", r.mid.value())
                         : fmt::format("{:.2f} USD ({:.2f} to {:.2f})", r.mid.value(), r.low.value(), r.high.value());
}

std::string words(const DieYield& a) {
  const auto& d = a.node.defects;
  std::string text =
      fmt::format("{}: a die of {:g} mm x {:g} mm, {:.4g} mm2, on a wafer of {:g} mm\n", a.node.title,
                  in_mm(a.die.width), in_mm(a.die.height), in_mm2(a.die.area()), in_mm(a.node.wafer.diameter));
  text += fmt::format("{:<18}{:>10}   {} partial; {:.1f} by the closed formula\n", "dies a wafer", a.layout.whole,
                      a.layout.partial, a.formula);
  text += fmt::format("{:<18}{:>10.4f}   {:.3f} faults a die, {:.3g} a cm2; {}{}\n", "yield", a.yield,
                      fab::faults_on(d, a.die.area()), per_cm2(d.density), d.model,
                      fab::yield_model(d.model).clusters ? fmt::format(", clustering {:g}", d.clustering) : "");
  text += fmt::format("{:<18}{:>10.1f}   {}\n", "good dies a wafer", a.good,
                      a.good > 0 ? usd(a.price) + " each of the wafer's price" : "none");
  for (std::size_t i = 0; i < a.grades.size(); ++i)
    text += fmt::format("{:<18}{:>10.4f}   {:.1f} dies a wafer, from {} parts that work\n", "grade " + a.grades[i].name,
                        a.graded[i], a.graded[i] * static_cast<double>(a.layout.whole), a.grades[i].needed);
  text += fmt::format("\n{:<20}{:>8}{:>12}\n", "model", "yield", "good dies");
  for (const auto& model : fab::yield_models()) {
    const double yield = yield_under(model, a, a.die.area());
    text += fmt::format("{:<20}{:>8.4f}{:>12.1f}\n", model, yield, yield * static_cast<double>(a.layout.whole));
  }
  return text;
}

Json map_section(const DieYield& a, std::uint64_t seed) {
  Json good = Json::array(), bad = Json::array(), partial = Json::array();
  core::Random random(seed);
  for (const auto& die : a.layout.dies) {
    const bool works = random.uniform() < a.yield;
    (die.whole ? works ? good : bad : partial)
        .push_back({{"x", in_mm(die.x)},
                    {"y", in_mm(die.y)},
                    {"label", fmt::format("column {}, row {}", die.column, die.row)}});
  }
  const double half = 0.5 * in_mm(a.node.wafer.diameter) * 1.04;
  const double size = std::max(1.5, 480 / (2 * half) * std::min(in_mm(a.die.width), in_mm(a.die.height)) * 0.6);
  Json out = section(
      "chart", "map", "The wafer",
      fmt::format("{} whole dies and {} partial ones. Which dies are bad is drawn by chance (seed {}), each on its "
                  "own: real faults cluster.",
                  a.layout.whole, a.layout.partial, seed));
  out["charts"] =
      Json::array({map_chart("Dies on the wafer",
                             Json::array({map_series("good", good, "good", size), map_series("bad", bad, "bad", size),
                                          map_series("partial", partial, "s9", size)}),
                             half, "mm", "Partial dies reach over the edge that carries no product.")});
  return out;
}

Json area_section(const DieYield& a) {
  Json all = Json::array();
  for (const auto& model : fab::yield_models()) {
    Json points = Json::array();
    for (const auto area : areas_of(a))
      points.push_back({{"x", in_mm2(area)}, {"y", 100 * yield_under(model, a, area)}});
    all.push_back({{"name", model}, {"points", points}, {"dashed", model != a.node.defects.model}});
  }
  Json out = section("chart", "area", "Yield against area",
                     "The same density of faults under each model. The more faults cluster, the more dies have none.");
  out["charts"] = Json::array({{{"type", "line"},
                                {"series", all},
                                {"x", {{"label", "mm²"}, {"min", 0}, {"max", std::max(1000.0, in_mm2(a.die.area()))}}},
                                {"y", {{"label", "% of the dies"}, {"min", 0}, {"max", 100}}},
                                {"marks", {{{"axis", "x"}, {"at", in_mm2(a.die.area())}, {"label", "this die"}}}},
                                {"summary", "Yield of each model against the area of the die"}}});
  return out;
}

void write_report(const std::filesystem::path& file, const DieYield& a, const Common& common,
                  const core::Catalog& catalog) {
  Json report, figures = Json::array();
  report["title"] = "Yield of a die";
  report["subtitle"] = fmt::format("{:g} mm × {:g} mm, {}", in_mm(a.die.width), in_mm(a.die.height), a.node.title);
  figures.push_back(figure("Dies", fmt::format("{}", a.layout.whole), "a wafer",
                           fmt::format("{:.1f} by the closed formula", a.formula)));
  figures.push_back(
      figure("Yield", percent(a.yield), "",
             fmt::format("{} faults a die in the mean", three_digits(fab::faults_on(a.node.defects, a.die.area())))));
  if (a.good > 0)
    figures.push_back(figure("Price", three_digits(a.price.mid.value()), "USD a good die",
                             "of the wafer alone: no test, no package"));
  for (std::size_t i = 0; i < a.grades.size(); ++i)
    figures.push_back(figure(a.grades[i].name, percent(a.graded[i]), "of the dies",
                             fmt::format("{} parts work or more", a.grades[i].needed)));
  report["answer"] = {
      {"headline", fmt::format("{} good dies a wafer", three_digits(a.good))},
      {"question",
       {fmt::format("{}, {} faults per cm², {} mm of edge left free.", a.node.defects.model,
                    three_digits(per_cm2(a.node.defects.density)), three_digits(in_mm(a.node.wafer.edge)))}},
      {"figures", figures}};
  report["sections"] =
      Json::array({map_section(a, common.seed.value_or(1)), area_section(a), sources_section(catalog)});
  report["foot"] = foot(catalog);
  core::write_text(file, web::page(report));
}

}  // namespace

int die_yield(const YieldOptions& options, const Common& common) {
  if (options.node.empty()) throw core::UsageError("wordline fab yield: wanted --node NAME, or --maps FILE");
  if (options.die.empty()) throw core::UsageError("wordline fab yield: wanted --die SIZE beside --node");
  if (!options.label.empty()) throw core::UsageError("--label wants --maps beside it");
  auto catalog = core::Catalog::open(common.catalogs);
  lay_over(catalog, "fab/nodes", options.node, "--node", common.settings);
  const auto answer = answer_of(options, catalog);
  if (common.csv) core::write_text(*common.csv, to_csv(answer));
  if (options.dies) core::write_text(*options.dies, dies_csv(answer.layout));
  if (options.report) write_report(*options.report, answer, common, catalog);
  write_result(common, to_json(answer, catalog), words(answer));
  return core::exit_done;
}

}  // namespace wordline::cli
