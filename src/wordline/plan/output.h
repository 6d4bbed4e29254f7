// The plan as data: the result document, the candidates as CSV, and the report for the viewer.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "wordline/core/catalog.h"
#include "wordline/plan/plan.h"

namespace wordline::plan {

// Schema wordline.plan/1: demand, candidates[], memory_steps[], assumed[]; the keys are in docs/reference/plan.md.
nlohmann::ordered_json to_json(const Plan& plan, const core::Catalog& catalog);

// Schema wordline.report/1, as web/README.md describes it: what web::page() makes an HTML file of.
nlohmann::ordered_json report_of(const Plan& plan, const core::Catalog& catalog);

// One line a candidate, ranked, with the keys of candidates[]; ranges as three columns, what is unknown empty.
std::string to_csv(const Plan& plan);

}  // namespace wordline::plan
