// What a budget for memory fabs comes to: wafers, good stacks, accelerators, users, each step by a named assumption.
#pragma once

#include <optional>
#include <string>

#include "wordline/plan/fab_chain.h"

namespace wordline::plan {

// A budget as a file of catalog/fab/budgets states it.
struct BudgetSpec {
  std::string name, title;
  core::Range<core::Krw> investment;
  core::Range<core::KrwPerUsd> exchange_rate;
  core::Seconds period;                      // over which it is spent
  core::Range<double> share;                 // of it that becomes lines for the chain's stacks
  core::Range<core::Usd> per_monthly_wafer;  // what a line costs for each wafer that it can begin a month
  core::Range<double> running;               // mean share of the final lines that run, over the period
  core::Range<double> to_accelerators;       // share of the stacks that end in the chain's accelerator
  core::Range<double> in_service;            // share of the accelerators made that serve at the period's end
};

// Throws core::InputError with file and line for a bad file. Records facts.
BudgetSpec load_budget(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});

// Low takes the end of each assumption that gives the least, high the end that gives the most: the true spread is
// narrower.
struct Budget {
  core::Range<core::Usd> investment;
  core::Range<double> wafers_a_month;        // begun, when all lines run
  core::Range<double> wafers;                // begun over the period
  double stacks_a_wafer = 0;                 // good ones, wafers for base dies included
  core::Range<double> stacks, accelerators;  // good ones, over the period
  std::optional<core::Range<double>> users;  // served by those in service at the period's end
};

// With the stacks of one end of a chain. `users_per_accelerator` is the plan's, where there is one.
Budget budget_of(const BudgetSpec& budget, const ChainSpec& chain, const ChainEnd& end,
                 std::optional<double> users_per_accelerator);

// Subscribers of the plan's service over the chips that serve them, spares included.
double users_per_chip(const Plan& plan, const TokenCost& cost);

}  // namespace wordline::plan
