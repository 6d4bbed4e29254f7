// A stack as a file of catalog/fab/stacks describes it, its numbers with their ranges.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "wordline/fab/capacity.h"
#include "wordline/fab/die_spec.h"
#include "wordline/fab/stack.h"

namespace wordline::fab {

// A test with its ranges.
struct TestSpec {
  Ranged<double> coverage;
  Ranged<core::Usd> cost;
  Test now() const { return {coverage, cost}; }
};

// One way of bonding: a tool makes `rate` bonds a time; with whole wafers a bond joins as many dies as lie on one.
struct BondSpec {
  Ranged<double> yield;  // of one die's interface, vias apart
  Ranged<core::UsdPerHour> tool;
  Ranged<core::Hertz> rate;
  Ranged<core::Usd> material;  // for one die's interface
};

struct StackSpec {
  std::string name, title;
  int layers = 8, spare_layers = 0;
  core::Bytes die_capacity;
  DieSpec dram, base;
  Bonding bonding = Bonding::d2w;
  std::array<std::optional<BondSpec>, 3> bonds;  // by Bonding; the file has that of `bonding` at least
  std::optional<TestFlow> flow;                  // none: the best one
  int matched_wafers = 1;
  Tsvs tsvs;
  Ranged<double> tsv_failure, damage, repairable, finish_yield{1.0}, gross_margin;
  Ranged<core::Usd> repair_cost, finish_cost, escape_cost;
  TestSpec pre, pre_base, mid, post, final;
  Ranged<core::Hertz> wafer_starts;  // of DRAM wafers, all of the maker's for such stacks
  Ranged<core::Seconds> cycle_time;  // DRAM wafer start to finished stack
  core::Bytes capacity() const { return die_capacity * static_cast<double>(layers); }
};

// Throws core::InputError with file and line for a bad file, with the nearest name for an unknown stack. Records facts:
// on one thread.
StackSpec load_stack(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});

// What can be moved in it, in the order of the file's list; the places lie in `spec`.
Inputs inputs_of(StackSpec& spec);
void add_inputs(Inputs& inputs, StackSpec& spec);

// The stack with its inputs as they are now, bonded as the file says or in another way that it describes.
StackDesign design_of(const StackSpec& spec, std::optional<Bonding> bonding = std::nullopt);
// The result of the file's flow, or of the best one.
StackResult result_of(const StackSpec& spec);
StackResult result_of(const StackSpec& spec, Bonding bonding);

// What a shipped stack is sold at: its cost over 1 - gross margin.
core::Usd price_of(const StackSpec& spec, const StackResult& result);
// Wafers of the DRAM dies' node begun for one good stack: those of its base among them where that is of the same node.
double wafers_of(const StackSpec& spec, const StackResult& result);
// Bonding tools that run all the time for so many good stacks a time.
double bonders_of(const StackSpec& spec, const StackResult& result, core::Hertz stacks);
// The line that makes them, one product being a good stack.
Line line_of(const StackSpec& spec, const StackResult& result);

}  // namespace wordline::fab
