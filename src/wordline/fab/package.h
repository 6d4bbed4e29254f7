// A package: logic dies and stacks placed on a tested interposer, on a substrate; what a good one costs to make.
#pragma once

#include <string>
#include <vector>

#include "wordline/fab/stack.h"

namespace wordline::fab {

// Who is paid: the makers of logic dies and of memory, those who put chips together, those who test and finish.
enum class Group { logic, memory, packaging, test };
const char* name_of(Group);  // "logic", "memory", "packaging", "test and assembly"

// Chips of one kind that a package carries.
struct PlacedChips {
  std::string name;
  int count = 1;
  core::Usd made;      // what one takes where nothing fails
  core::Usd cost;      // what one costs as it comes to be placed, those that failed before included
  double quality = 1;  // share of those that come which works
  Group group = Group::logic;
};
// A die tested before it is placed.
PlacedChips tested_chips(const std::string& name, int count, const DieSupply& die, const Test& test, Group group);

// Chip-last assembly on an interposer that was tested before (CoWoS): nothing can be taken off again.
struct PackageDesign {
  std::vector<PlacedChips> chips;  // the interposer among them, of the group packaging
  int placings = 0;                // chips placed on the interposer
  double align_yield = 1;          // of placing one
  double bond_yield = 1;           // of joining one
  core::Usd assembly_cost;         // of one module, all of its chips placed
  Test module_test{0, {}};         // chips on the interposer, before the substrate; coverage and cost 0: none
  core::Usd substrate_cost;        // with joining it
  double substrate_yield = 1;      // of joining it
  core::Usd finish_cost;           // lid, marking, board: before the final test
  Test final;
};

struct PackageLine {
  CostLine cost;
  Group group = Group::logic;
};

struct PackageResult {
  double placed_yield = 1;       // of placing and joining all chips: (align * bond)^placings (CATCH)
  double good = 0, shipped = 0;  // shares of the packages begun: all right; let pass
  double escapes = 0;            // share of the shipped that is faulty
  std::vector<StackStep> steps;
  std::vector<PackageLine> lines;  // they add up to cost_per_good
  core::Usd cost_per_good;         // all that is spent over the good ones among the shipped
  double begun_per_good = 0;       // so many times its chips are consumed for one good package
  core::Usd of(Group) const;       // what of cost_per_good goes to that group
};

// Each chip, each joint and the substrate fail on their own, and a test finds the share `coverage` of what has failed.
// Throws core::InputError where a number lies outside of its range.
PackageResult package_of(const PackageDesign&);

}  // namespace wordline::fab
