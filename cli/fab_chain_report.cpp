// The report of `wordline fab chain`: the steps from sigma to tokens, the gain over Cpk, how sure it is, the budget.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fab_chain.h"
#include "web/page.h"
#include "wordline/core/files.h"
#include "wordline/plan/words.h"

namespace wordline::cli {

namespace {

Json answer(const ChainReport& of) {
  const auto& [before, after] = of.chain;
  Json out, figures = Json::array();
  out["headline"] = of.chain.nil() ? verdict(of.chain)
                                   : fmt::format("{} USD less for the memory of one accelerator",
                                                 three_digits(of.chain.saved().value()));
  out["question"] = {fmt::format("What are {} less sigma worth, over {} layers of each DRAM die of a {}?",
                                 percent(of.spec.sigma_reduction), three_digits(of.spec.layers),
                                 of.spec.package.title)};
  if (!of.chain.nil()) out["text"] = {verdict(of.chain) + "."};
  figures.push_back(figure("Cpk", fmt::format("{:.2f}", after.cpk), "", fmt::format("{:.2f} before", before.cpk)));
  figures.push_back(figure("Within limits", percent(after.parametric_yield), "of the dies",
                           percent(before.parametric_yield) + " before"));
  figures.push_back(figure("A stack", three_digits(after.stack.cost_per_good.value()), "USD",
                           three_digits(before.stack.cost_per_good.value()) + " before"));
  figures.push_back(
      figure("Memory", three_digits(after.memory.value()), "USD", three_digits(before.memory.value()) + " before"));
  for (const auto& cost : of.tokens)
    figures.push_back(
        figure("1 M tokens", three_digits(cost.after.mid.value()), "USD",
               fmt::format("{} before; {}", three_digits(cost.before.mid.value()), plan::replica_name(*cost.outcome))));
  out["figures"] = figures;
  return out;
}

Json steps_section(const ChainReport& of) {
  Json names = Json::array(), values = Json::array(), rows = Json::array();
  for (const auto& step : of.steps) {
    if (step.key != "outside_ppm") {  // falls by nearly all: it would dwarf the rest
      names.push_back(step.name);
      values.push_back(100 * step.change());
    }
    rows.push_back(
        {{"name", step.name}, {"before", step.before}, {"after", step.after}, {"change", 100 * step.change()}});
  }
  Json out = section(
      "chart", "steps", "From sigma to tokens",
      "How far each link moves, against what it was. What begins as a large change of sigma ends as a small one of "
      "what a token costs: each link adds what the process does not touch.");
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"unit", "%"},
                    {"height", 90 + 32 * static_cast<int>(names.size())},
                    {"series", {{{"name", "change"}, {"values", values}, {"color", 0}}}},
                    {"x", {{"label", "change, %"}}},
                    {"y", {{"categories", names}}},
                    {"summary", "Relative change of each link from sigma to the cost of tokens"}}};
  Json table = section(
      "table", "links", "The same in numbers",
      fmt::format("The chip's price falls by {} USD: {} of what its memory saves, sellers' margin {}. Stacks "
                  "count at what they cost to make.",
                  three_digits(of.fall.value()), percent(of.spec.pass_through), percent(of.spec.seller_margin)));
  table["tables"] = {{{"columns",
                       {{{"key", "name"}, {"label", "Link"}, {"head", true}},
                        {{"key", "before"}, {"label", "Before"}, {"digits", 3}, {"align", "right"}},
                        {{"key", "after"}, {"label", "After"}, {"digits", 3}, {"align", "right"}},
                        {{"key", "change"}, {"label", "Change"}, {"unit", "%"}, {"digits", 2}, {"align", "right"}}}},
                      {"rows", rows}}};
  return Json::array({out, table});
}

Json curve_section(const ChainReport& of) {
  Json won = Json::array(), saved = Json::array(), marks = Json::array();
  for (const auto& chain : of.curve) {
    won.push_back({{"x", chain.before.cpk}, {"y", 100 * chain.yield_won()}});
    saved.push_back({{"x", chain.before.cpk}, {"y", 100 * (chain.saved() / chain.before.memory)}});
  }
  for (const auto& chain : of.at_cpk)
    marks.push_back({{"axis", "x"},
                     {"at", chain.before.cpk},
                     {"label", fmt::format("{:.2f}{}", chain.before.cpk, chain.nil() ? ": nothing to be had" : "")}});
  Json out = section(
      "chart", "curve", "Where there is something to be had",
      "The same reduction of sigma at other capabilities. A process that is good already has next to nothing to win.");
  out["charts"] = {{{"type", "line"},
                    {"series",
                     {{{"name", "yield won, % of the dies"}, {"points", won}, {"color", 2}},
                      {{"name", "saved, % of what the memory costs"}, {"points", saved}, {"color", 0}}}},
                    {"x", {{"label", "Cpk before"}, {"zero", false}}},
                    {"y", {{"label", "%"}, {"min", 0}}},
                    {"marks", marks},
                    {"summary", "Yield and money won against the Cpk before"}}};
  return out;
}

Json budget_section(const ChainReport& of) {
  Json rows = Json::array();
  for (const auto& row : budget_rows(of))
    rows.push_back({{"name", row.name},
                    {"before", core::Range<double>(row.before) == core::exactly(row.before.mid)
                                   ? Json(row.before.mid)
                                   : Json{{"low", row.before.low}, {"mid", row.before.mid}, {"high", row.before.high}}},
                    {"after", row.after.mid}});
  Json out = section(
      "table", "budget", of.budget->title.c_str(),
      "Each step by a named assumption; low and high take every one at its end, so that the true spread is narrower. "
      "All of it as this one accelerator: a measure, not a forecast.");
  out["tables"] = {{{"columns",
                     {{{"key", "name"}, {"label", "Step"}, {"head", true}},
                      {{"key", "before"}, {"label", "Low to high"}, {"digits", 3}, {"align", "right"}},
                      {{"key", "after"}, {"label", "Mid, with less sigma"}, {"digits", 3}, {"align", "right"}}}},
                    {"rows", rows}}};
  return out;
}

}  // namespace

void write_chain_report(const std::filesystem::path& file, const ChainReport& of, const core::Catalog& catalog) {
  Json report;
  report["title"] = "From sigma to tokens";
  report["subtitle"] = of.spec.title;
  report["answer"] = answer(of);
  report["sections"] = steps_section(of);
  report["sections"].push_back(curve_section(of));
  report["sections"].push_back(drawn_section(of.study, "what the memory of one accelerator saves"));
  report["sections"].push_back(tornado_section(of.study, catalog.facts(), "fab/chains/" + of.spec.name));
  if (of.budget) report["sections"].push_back(budget_section(of));
  report["sections"].push_back(sources_section(catalog));
  report["foot"] = foot(catalog);
  core::write_text(file, web::page(report));
}

}  // namespace wordline::cli
