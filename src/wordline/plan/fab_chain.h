// The chain from the fab to a served token: a process that varies less -> its capability -> what passes all layers ->
// the DRAM die -> the stack -> an accelerator's memory -> what a million tokens cost.
#pragma once

#include <string>
#include <vector>

#include "wordline/fab/cost.h"
#include "wordline/plan/plan.h"

namespace wordline::plan {

// A chain as a file of catalog/fab/chains states it.
struct ChainSpec {
  std::string name, title;
  fab::Ranged<double> cpk;              // of each layer of the DRAM dies, centred
  fab::Ranged<double> layers;           // that must be within their limits, independent of each other
  fab::Ranged<double> sigma_reduction;  // share of sigma that goes away
  fab::PackageSpec package;             // the accelerator; its stacks carry the dies
  std::string chip;                     // in catalog/chips: the one that is sold with that package
  fab::Ranged<double> pass_through;     // share of a change in cost that reaches the buyer of the chip
  fab::Ranged<double> seller_margin;    // of those who sell it on: a dollar of cost is 1 / (1 - margin) of price
};

// Below this share of dies within their limits in all layers, what a stack costs means nothing.
constexpr double least_parametric_yield = 1e-3;

// Throws core::InputError with file and line for a bad file, for a package without stacks, and for a process that falls
// below that share somewhere in its ranges. Records facts.
ChainSpec load_chain(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});
// What can be moved in it, the package's inputs among them.
fab::Inputs inputs_of(ChainSpec& spec);

// The chain at one capability. Stacks are counted at what they cost to make: their maker's margin is not in it.
struct ChainEnd {
  double cpk = 0;
  double outside = 0;           // share outside of the limits, of one layer
  double parametric_yield = 1;  // share of dies within them in all layers
  double die_yield = 1;         // that, and without a fault that kills
  fab::StackResult stack;       // of the first kind in the package
  fab::PackageResult package;   // stacks in it at their cost
  core::Usd memory;             // the stacks of a good accelerator, those lost with bad ones included
  core::Usd accelerator;        // a good accelerator, its memory at that
};
// The chain with that Cpk, its other inputs as they are now.
ChainEnd chain_at(const ChainSpec& spec, double cpk);

struct Chain {
  ChainEnd before, after;
  core::Usd saved() const { return before.memory - after.memory; }  // in the memory of one accelerator
  double yield_won() const { return after.parametric_yield - before.parametric_yield; }
  // Less than one die in a hundred is won: whoever expects money from it should be told so.
  bool nil() const { return yield_won() < 0.01; }
};
// Before, and with sigma reduced: Cpk / (1 - reduction).
Chain chain_of(const ChainSpec& spec);
// The same with the process at `cpk` before.
Chain chain_of(const ChainSpec& spec, double cpk);

// By how much the chip's price falls.
core::Usd price_fall(const ChainSpec& spec, const Chain& chain);

// saved_usd (a good accelerator's memory), stack_saved_usd, yield_won, price_fall_usd, drawn over the ranges of all
// inputs; the tornado is of saved_usd.
fab::Study study_of(const ChainSpec& spec, const fab::Drawing& how);

// What tokens cost when the chip's price falls, all else as in the plan: nothing is tried again. A month of an owned
// chip costs less by what its write-off and upkeep fall; servers and network, which the plan prices as shares of the
// chip, stay as they were. Rent falls by the same amount: the landlord hands it on.
struct TokenCost {
  std::size_t model = 0;                                 // place in Scenario::models
  const Outcome* outcome = nullptr;                      // the model's cheapest candidate on that chip
  core::Range<core::Usd> before, after;                  // a million output tokens
  bool cheapest_before = false, cheapest_after = false;  // of all candidates of the model, at mid
};
// One for each model that has a candidate on that chip which keeps the promises and has a price.
std::vector<TokenCost> token_costs(const Plan& plan, const std::string& chip, core::Usd fall);

}  // namespace wordline::plan
