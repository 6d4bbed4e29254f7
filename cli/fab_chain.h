// What `wordline fab chain` answers, and its report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fab_study.h"
#include "wordline/plan/fab_budget.h"

namespace wordline::cli {

// One link of the chain before and after, in the unit of its name.
struct ChainStep {
  std::string key, name;
  double before = 0, after = 0;
  // Relative to before; 0 where both are the same.
  double change() const { return before == after ? 0 : after / before - 1; }
};

struct ChainReport {
  plan::ChainSpec spec;
  plan::Chain chain;
  core::Usd fall;                   // of the chip's price
  std::vector<ChainStep> steps;     // from sigma to tokens
  std::vector<plan::Chain> at_cpk;  // at the ends of the range of Cpk and at mid
  std::vector<plan::Chain> curve;   // over Cpk
  fab::Study study;
  std::optional<plan::Plan> plan;
  std::vector<plan::TokenCost> tokens;  // outcomes lie in `plan`
  std::optional<plan::BudgetSpec> budget;
  std::optional<plan::Budget> budget_before, budget_after;
};

// "Cpk 1.33 -> 1.69 wins 0.3 % of yield: nothing to be had here", or what is won.
std::string verdict(const plan::Chain& chain);
// The rows of a budget: key, name, and the range before and after.
struct BudgetRow {
  std::string key, name;
  core::Range<double> before, after;
};
std::vector<BudgetRow> budget_rows(const ChainReport& report);

void write_chain_report(const std::filesystem::path& file, const ChainReport& report, const core::Catalog& catalog);

}  // namespace wordline::cli
