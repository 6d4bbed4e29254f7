// A die as the file of a stack or a package describes it: its area, its node, and what is different from the node's.
#pragma once

#include <string>

#include "wordline/fab/fields.h"
#include "wordline/fab/node.h"
#include "wordline/fab/stack.h"

namespace wordline::fab {

struct DieSpec {
  std::string node;  // a name in catalog/fab/nodes
  WaferFormat wafer;
  Defects defects;  // model and groups of layers; density, clustering and critical share as below
  Ranged<core::SquareMetres> area;
  double aspect = 1;                     // height over width
  Ranged<core::Usd> wafer_price;         // a processed wafer; the node's where the file says nothing
  Ranged<core::Usd> processing;          // further work on each wafer: vias, thinning, bumps
  Ranged<core::PerSquareMetre> density;  // of faults; the node's where the file says nothing
  Ranged<double> clustering;             // likewise
  Ranged<double> critical_share;         // of the area; for a DRAM what its spare rows and columns cannot mend
  Ranged<double> parametric_yield{1.0};  // share of dies whose measured quantities all lie within their limits
  int parts = 0, needed = 0;             // like parts (cores), of which some may be faulty; 0: the die is one
  Ranged<double> parts_share;            // of the area, taken by all parts
  DieSize size() const;
  double dies_per_wafer() const;  // by the formula, a mean over where the grid lies
};

// What the die yields and costs with its inputs as they are now. Throws core::InputError where no die fits on the
// wafer.
DieSupply supply_of(const DieSpec&);

// Reads node and keys of the table at `path` ("dram"); where it has no area, that of the die below or above it, with
// which it moves.
DieSpec read_die(FieldReader& file, const std::string& path, const core::Catalog& catalog,
                 const Ranged<core::SquareMetres>* area = nullptr);
// The die's inputs.
void add_inputs(Inputs& inputs, DieSpec& die);

}  // namespace wordline::fab
