// The part of a scenario that names machines: [[models]] with their candidates, [[memory_steps]].
#pragma once

#include "wordline/plan/scenario.h"

namespace wordline::plan {

// [[models]], each with [[models.candidates]]: every combination of their chips, tp, weights and kv (left out: as
// weights) becomes a candidate. Twice the same one is an error, as is a chip that the catalogue lacks or whose port
// joins fewer chips.
void read_candidates(const core::Reader& root, const core::Catalog& catalog, Scenario& scenario);

// [[memory_steps]]: one candidate each, and the chip whose memory it gets. Needs the models read before.
void read_memory_steps(const core::Reader& root, const core::Catalog& catalog, Scenario& scenario);

}  // namespace wordline::plan
