// The report of `wordline fab stack`.
#pragma once

#include <map>

#include "fab_study.h"
#include "wordline/fab/stack_spec.h"

namespace wordline::cli {

struct AtHeight {
  int layers = 0;
  fab::StackResult result;
};

// All that is told of a stack.
struct StackReport {
  fab::StackSpec spec;
  fab::StackResult result;
  std::vector<fab::StackResult> flows;                    // all of them, the best first
  std::map<fab::Bonding, std::vector<AtHeight>> heights;  // for each bonding that the file describes
  fab::Study study;
};

StackReport stack_report(const fab::StackSpec& spec, const fab::Drawing& drawing);

void write_stack_report(const std::filesystem::path& file, const StackReport& report, const Json& document,
                        const core::Catalog& catalog);

}  // namespace wordline::cli
