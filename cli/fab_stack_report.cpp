#include "fab_stack_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "web/page.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

constexpr int least_drawn = 16;  // dies of the highest stack drawn, unless the stack itself is higher

const char* words(fab::Bonding bonding) {
  switch (bonding) {
    case fab::Bonding::w2w:
      return "wafer to wafer";
    case fab::Bonding::d2w:
      return "die to wafer";
    case fab::Bonding::d2d:
      break;
  }
  return "die to die";
}

Json answer(const StackReport& of, const Json& document) {
  const fab::StackResult& r = of.result;
  const auto& answers = of.study.answers;
  Json out;
  out["headline"] = fmt::format("A good stack costs {} USD to make, {} USD a GB", three_digits(r.cost_per_good.value()),
                                three_digits(answers[1].at_mid));
  out["question"] = {
      fmt::format("{}, bonded {}, with these tests: {}.", of.spec.title, words(of.spec.bonding), fab::name_of(r.flow))};
  out["figures"] = {
      figure("Cost", three_digits(answers[0].at_mid), "USD", nine_of_ten(answers[0])),
      figure("Sold at", three_digits(answers[2].at_mid), "USD", nine_of_ten(answers[2])),
      figure("Good", percent(r.good), "",
             fmt::format("of those begun; {} ppm of those shipped are faulty", three_digits(1e6 * r.escapes))),
      figure("DRAM dies", three_digits(r.dies_per_good), "",
             fmt::format("made for a good stack, {} of them in it", of.spec.layers + of.spec.spare_layers)),
      figure("Stacks a month", count(document["capacity"]["stacks_per_month"].get<double>()), "",
             fmt::format("of {} wafers", count(document["capacity"]["wafer_starts_per_month"].get<double>())))};
  return out;
}

Json heights_section(const StackReport& of) {
  Json yields = Json::array(), costs = Json::array();
  int color = 0;
  for (const auto& [bonding, points] : of.heights) {
    Json yield = Json::array(), cost = Json::array();
    for (const auto& p : points) {
      const std::string label = fmt::format("{} high, tests: {}", p.layers, fab::name_of(p.result.flow));
      yield.push_back({{"x", p.layers}, {"y", 100 * p.result.good}, {"label", label}});
      cost.push_back({{"x", p.layers}, {"y", fab::usd_per_gb(p.result.cost_per_byte)}, {"label", label}});
    }
    const bool dashed = bonding == fab::Bonding::d2w;  // it may lie on die to die
    yields.push_back({{"name", words(bonding)}, {"points", yield}, {"color", color}, {"dashed", dashed}});
    costs.push_back({{"name", words(bonding)}, {"points", cost}, {"color", color}, {"dashed", dashed}});
    color += 1;
  }
  const Json x{{"label", "DRAM dies in the stack"}, {"min", 0}};
  const Json marks = {{{"axis", "x"}, {"at", of.spec.layers}, {"label", "this one"}}};
  Json out =
      section("chart", "heights", "Higher stacks",
              fmt::format("The same dies stacked to each height, in each way of bonding that the file describes; "
                          "{}.",
                          of.spec.flow ? "with the tests that the file sets" : "each with its own best tests"));
  out["charts"] = {{{"type", "line"},
                    {"title", "Good stacks of those begun"},
                    {"series", yields},
                    {"x", x},
                    {"y", {{"label", "%"}, {"min", 0}, {"max", 100}}},
                    {"marks", marks},
                    {"summary", "Yield against stack height for each way of bonding"}},
                   {{"type", "line"},
                    {"title", "Cost of a GB"},
                    {"series", costs},
                    {"x", x},
                    {"y", {{"label", "USD/GB"}, {"min", 0}}},
                    {"marks", marks},
                    {"summary", "Cost of a GB against stack height for each way of bonding"}}};
  return out;
}

Json flows_section(const StackReport& of) {
  Json rows = Json::array();
  for (const auto& flow : of.flows) {
    Json row = {{"flow", fab::name_of(flow.flow)},
                {"good", 100 * flow.good},
                {"escapes", 1e6 * flow.escapes},
                {"cost", flow.cost_per_good.value()},
                {"objective", flow.objective.value()}};
    if (flow.flow == of.result.flow) row["_best"] = true;
    rows.push_back(row);
  }
  Json out =
      section("table", "flows", "Which tests pay",
              fmt::format("Every combination of tests before, between and after the bonds; the final test always "
                          "is. The best has the least cost with what escapes: {} USD for each faulty stack that "
                          "is shipped.",
                          three_digits(core::Usd(of.spec.escape_cost).value())));
  out["tables"] = {{{"columns",
                     {{{"key", "flow"}, {"label", "Tests"}, {"head", true}},
                      {{"key", "good"}, {"label", "Good"}, {"unit", "%"}, {"digits", 2}},
                      {{"key", "escapes"}, {"label", "Escapes"}, {"unit", "ppm"}, {"digits", 0}},
                      {{"key", "cost"}, {"label", "Cost of a good one"}, {"unit", "USD"}, {"digits", 2}},
                      {{"key", "objective"}, {"label", "With escapes"}, {"unit", "USD"}, {"digits", 2}}}},
                    {"rows", rows}}};
  return out;
}

Json steps_section(const StackReport& of) {
  Json rows = Json::array();
  for (const auto& step : of.result.steps)
    rows.push_back({{"name", step.name}, {"reached", 100 * step.reached}, {"passed", 100 * step.passed}});
  Json out = section("table", "steps", "Step by step",
                     "Which share of the stacks begun comes to a step, and which share of those it lets pass. A bond "
                     "without a test after it lets all pass: what it broke is found later.");
  out["tables"] = {{{"columns",
                     {{{"key", "name"}, {"label", "Step"}, {"head", true}},
                      {{"key", "reached"}, {"label", "Reached"}, {"unit", "%"}, {"digits", 2}},
                      {{"key", "passed"}, {"label", "Passed"}, {"unit", "%"}, {"digits", 2}}}},
                    {"rows", rows}}};
  return out;
}

}  // namespace

StackReport stack_report(const fab::StackSpec& spec, const fab::Drawing& drawing) {
  StackReport out{spec, fab::result_of(spec), fab::best_flows(fab::design_of(spec)), {}, fab::study_of(spec, drawing)};
  for (const auto bonding : {fab::Bonding::w2w, fab::Bonding::d2w, fab::Bonding::d2d}) {
    if (!spec.bonds[static_cast<std::size_t>(bonding)]) continue;
    fab::StackSpec at = spec;
    for (at.layers = 1; at.layers <= std::max(least_drawn, spec.layers); ++at.layers)
      out.heights[bonding].push_back({at.layers, fab::result_of(at, bonding)});
  }
  return out;
}

void write_stack_report(const std::filesystem::path& file, const StackReport& of, const Json& document,
                        const core::Catalog& catalog) {
  const std::string subject = "fab/stacks/" + of.spec.name;
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "What a good stack costs";
  out["subtitle"] = of.spec.title;
  out["answer"] = answer(of, document);
  out["sections"] = {
      lines_section(
          of.result.lines,
          "For one good stack: what went into it, and what went into dies and stacks that failed for its sake."),
      heights_section(of),
      tornado_section(of.study, catalog.facts(), subject),
      drawn_section(of.study, "the cost of a good stack"),
      flows_section(of),
      steps_section(of),
      sources_section(catalog)};
  out["foot"] = foot(catalog);
  core::write_text(file, web::page(out));
}

}  // namespace wordline::cli
