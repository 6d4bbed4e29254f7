#include "fab_cost_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "web/page.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

constexpr fab::Group groups[] = {fab::Group::logic, fab::Group::memory, fab::Group::packaging, fab::Group::test};

Json answer(const CostReport& of) {
  const auto& answers = of.study.answers;
  Json out;
  out["headline"] =
      fmt::format("{}: {} USD to make, {} of it memory", of.spec.title, three_digits(of.price.cost.value()),
                  percent(of.price.package.of(fab::Group::memory) / of.price.cost));
  out["question"] = {
      "What its maker pays for one that works: dies, stacks, interposer, assembly, substrate, tests, and "
      "all that is lost on the way."};
  out["figures"] = {figure("Cost", three_digits(answers[0].at_mid), "USD", nine_of_ten(answers[0]))};
  if (!of.spec.stacks.empty())
    out["figures"].push_back(
        figure("Memory as bought", three_digits(answers[1].at_mid), "USD", nine_of_ten(answers[1])));
  if (of.price.sale > of.price.cost)
    out["figures"].push_back(figure("Sold at", three_digits(answers[6].at_mid), "USD", nine_of_ten(answers[6])));
  out["figures"].push_back(
      figure("Good", percent(of.price.package.good), "",
             "of those begun; " + percent(of.price.package.placed_yield) + " have all joints right"));
  return out;
}

Json groups_section(const CostReport& of) {
  Json series = Json::array();
  for (std::size_t i = 0; i < std::size(groups); ++i)
    series.push_back({{"name", fab::name_of(groups[i])},
                      {"values", {of.price.package.of(groups[i]).value()}},
                      {"color", static_cast<int>(i)}});
  Json out = section("chart", "groups", "By whom it goes to", "Losses count where the money was spent.");
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"stacked", true},
                    {"height", 150},
                    {"unit", "USD"},
                    {"series", series},
                    {"x", {{"label", "USD"}}},
                    {"y", {{"categories", {""}}}},
                    {"summary", "Cost by whom it goes to"}}};
  return out;
}

Json parts_section(const Json& document) {
  Json rows = Json::array();
  for (const Json& die : document["dies"])
    rows.push_back({{"name", die["name"]},
                    {"count", die["count"]},
                    {"of", die["node"]},
                    {"area", die["area_mm2"]},
                    {"wafer", die["dies_per_wafer"]},
                    {"yield", 100 * die["yield"].get<double>()},
                    {"cost", die["cost_tested_usd"]}});
  for (const Json& stack : document["stacks"])
    rows.push_back(
        {{"name", stack["name"]}, {"count", stack["count"]}, {"of", stack["stack"]}, {"cost", stack["price_usd"]}});
  Json out =
      section("table", "parts", "What is placed", "Dies as they are after their test, stacks as they are bought.");
  out["tables"] = {{{"columns",
                     {{{"key", "name"}, {"label", "Part"}, {"head", true}},
                      {{"key", "count"}, {"label", "Count"}, {"digits", 0}},
                      {{"key", "of"}, {"label", "Node or stack"}},
                      {{"key", "area"}, {"label", "Area"}, {"unit", "mm²"}, {"digits", 0}},
                      {{"key", "wafer"}, {"label", "A wafer"}, {"digits", 1}},
                      {{"key", "yield"}, {"label", "Yield"}, {"unit", "%"}, {"digits", 1}},
                      {{"key", "cost"}, {"label", "Each"}, {"unit", "USD"}, {"digits", 2}}}},
                    {"rows", rows}}};
  return out;
}

}  // namespace

std::vector<fab::CostLine> CostReport::lines() const {
  std::vector<fab::CostLine> out;
  for (const auto& line : price.package.lines) out.push_back(line.cost);
  return out;
}

CostReport cost_report(const fab::PackageSpec& spec, const fab::Drawing& drawing) {
  return {spec, fab::price_of(spec), fab::study_of(spec, drawing)};
}

void write_cost_report(const std::filesystem::path& file, const CostReport& of, const Json& document,
                       const core::Catalog& catalog) {
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "What an accelerator takes to make";
  out["subtitle"] = of.spec.title;
  out["answer"] = answer(of);
  out["sections"] = {groups_section(of),
                     lines_section(of.lines(),
                                   "For one good package: what is in it, and what was lost with dies and packages that "
                                   "failed."),
                     tornado_section(of.study, catalog.facts(), "fab/packages/" + of.spec.name),
                     drawn_section(of.study, "the cost of a good package"),
                     parts_section(document),
                     sources_section(catalog)};
  out["foot"] = foot(catalog);
  core::write_text(file, web::page(out));
}

}  // namespace wordline::cli
