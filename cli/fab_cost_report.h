// The report of `wordline fab cost`.
#pragma once

#include "fab_study.h"
#include "wordline/fab/package_spec.h"

namespace wordline::cli {

// All that is told of a package.
struct CostReport {
  fab::PackageSpec spec;
  fab::Price price;
  fab::Study study;
  std::vector<fab::CostLine> lines() const;
};

CostReport cost_report(const fab::PackageSpec& spec, const fab::Drawing& drawing);

void write_cost_report(const std::filesystem::path& file, const CostReport& report, const Json& document,
                       const core::Catalog& catalog);

}  // namespace wordline::cli
