// A stack of DRAM dies on a base die: what it yields and costs through tests, bonds and repairs, in closed form.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::fab {

// A die that nobody has tested yet: the share that works (after its own repair), and what making one costs.
struct DieSupply {
  double yield = 1;
  core::Usd cost;
};

// A test finds the share `coverage` of what is faulty, each fault on its own, and fails nothing that works.
struct Test {
  double coverage = 1;
  core::Usd cost;  // each time
};

// Of dies with that yield, what passes a test of that coverage, and which share of what passed works.
struct Tested {
  double yield = 1;    // 1 - (1 - Y) * coverage
  double quality = 1;  // Y / yield
};
Tested tested(double yield, double coverage);

// How dies come together: whole wafers (no choice of dies), dies onto a wafer's sites, dies onto dies. The last two
// take known good dies and differ in what they cost and yield.
enum class Bonding { w2w, d2w, d2d };
Bonding bonding_of(const std::string& name);  // "w2w", "d2w", "d2d"; core::InputError with the nearest for any other
const char* name_of(Bonding);

// The through-silicon vias of one interface: groups in which `spares` vias stand in for any that fail.
struct Tsvs {
  int groups = 0, signals = 0, spares = 0;  // per group: `signals` that must work, of signals + spares
  double failure = 0;                       // of one via, independent of all others
};
// The share of interfaces whose groups all work: P(Binomial(signals + spares, failure) <= spares)^groups.
double tsv_yield(const Tsvs&);

// Which of the optional tests are done; every stack ends with the final test.
struct TestFlow {
  bool pre = true;    // dies and base before they are bonded
  bool mid = false;   // after each bond but the last: what the bond added
  bool post = false;  // after the last bond, before the stack is finished: everything
  bool operator==(const TestFlow&) const = default;
};
std::string name_of(const TestFlow&);  // "pre+mid+post", "pre", "final test alone"
std::vector<TestFlow> test_flows();    // all 8

// What a stack is made of, and how. N dies on a base have N interfaces.
struct StackDesign {
  int layers = 8;        // DRAM dies that must work
  int spare_layers = 0;  // further ones that may be faulty, any of them (Taouil, Hamdioui: layer redundancy)
  core::Bytes die_capacity;
  DieSupply dram, base;
  Bonding bonding = Bonding::d2w;
  double bond_yield = 1;  // of one interface, vias apart
  core::Usd bond_cost;    // of one interface
  Tsvs tsvs;
  double damage = 0;  // share of working DRAM dies that stacking breaks
  Test pre, pre_base, mid, post, final;
  double repairable = 0;  // share of the DRAM dies found faulty after bonding that spare rows mend
  core::Usd repair_cost;  // of one die found faulty after bonding, mended or not
  core::Usd finish_cost;  // moulding, dicing, marking: between post-bond and final test
  double finish_yield = 1;
  core::Usd escape_cost;   // what a faulty stack costs whom it is shipped to; counts in the choice of the flow alone
  int matched_wafers = 1;  // W2W with pre-bond test: each wafer is the best match of so many (fab/matching.h)
  int dies_per_wafer = 0;  // of the wafers that are matched
  int all_layers() const { return layers + spare_layers; }
};

// One step of the flow: which share of the stacks begun come to it, and which share of those it lets pass.
struct StackStep {
  std::string name;
  double reached = 1, passed = 1;
};

// What a good stack costs for one purpose: what went into the good one, and into others for its sake.
struct CostLine {
  std::string name;
  core::Usd good, lost;
  core::Usd total() const { return good + lost; }
};

struct StackResult {
  TestFlow flow;
  Tested dram, base;             // what enters the stack
  double interface_yield = 1;    // bond and vias
  double good = 0, shipped = 0;  // shares of the stacks begun: all right; let pass
  double escapes = 0;            // share of the shipped that is faulty
  std::vector<StackStep> steps;
  std::vector<CostLine> lines;  // they add up to cost_per_good
  core::Usd cost_per_good;      // all that is spent over the good stacks among the shipped
  core::Usd cost_per_shipped;
  core::UsdPerByte cost_per_byte;  // of a good stack
  core::Usd objective;             // cost_per_good with what escapes cost: the best flow has the least
  double dies_per_good = 0;        // DRAM dies made for one good stack, tested ones and all
  double bases_per_good = 0;
  double bonds_per_good = 0;  // interfaces bonded for one good stack
};

// Throws core::InputError where a number lies outside of its range, or wafers are matched together with spare layers.
void check(const StackDesign&);

// The result of one flow. Shares of parts that fail independently multiply; layers that fail where some are spare are
// counted (binomially, where all are alike). A stack is good when as many dies as it needs work, the ones left out
// chosen among those not known to be faulty, and all interfaces, the base and the finishing are right.
StackResult stack_of(const StackDesign&, const TestFlow&);

// All flows, the one of the least objective first.
std::vector<StackResult> best_flows(const StackDesign&);

}  // namespace wordline::fab
