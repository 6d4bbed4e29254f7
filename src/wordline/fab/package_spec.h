// A package as a file of catalog/fab/packages describes it, its numbers with their ranges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wordline/fab/package.h"
#include "wordline/fab/stack_spec.h"

namespace wordline::fab {

// Logic dies of one kind.
struct PackageDie {
  std::string name;
  int count = 1;
  DieSpec die;
  TestSpec test;
};

// Stacks of one kind, bought at their price.
struct PackageStacks {
  std::string name;
  int count = 1;
  StackSpec stack;
};

struct PackageSpec {
  std::string name, title;
  std::vector<PackageDie> dies;
  std::vector<PackageStacks> stacks;
  std::optional<PackageDie> interposer;  // count 1
  Ranged<double> align_yield{1.0}, bond_yield{1.0}, substrate_yield{1.0}, gross_margin;
  Ranged<core::Usd> assembly_cost, substrate_cost, finish_cost;
  std::optional<TestSpec> module_test;
  TestSpec final;
};

// Throws core::InputError with file and line for a bad file, with the nearest name for an unknown package. Records
// facts (of nodes and stacks too): on one thread.
PackageSpec load_package(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});

// What can be moved in it, its nodes and stacks; the places lie in `spec`.
Inputs inputs_of(PackageSpec& spec);

// The package with its inputs as they are now; stacks at their price and with what escapes their tests.
PackageDesign design_of(const PackageSpec& spec);

// A package priced: what it takes to make, what its memory is bought at, and what it is sold at.
struct Price {
  PackageResult package;
  core::Usd cost;    // of a good package: what its maker pays to others for it
  core::Usd memory;  // what its stacks are bought at, none lost
  core::Bytes capacity;
  core::Usd sale;  // cost / (1 - gross margin); the cost itself where the file states none
};
Price price_of(const PackageSpec& spec);

}  // namespace wordline::fab
