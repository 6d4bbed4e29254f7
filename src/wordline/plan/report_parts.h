// The sections of the plan's report, each in the form that web/README.md describes. Internal to the room.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "wordline/plan/plan.h"

namespace wordline::plan {

using Json = nlohmann::ordered_json;

Json ranking_section(const Plan& plan);
Json pareto_section(const Plan& plan);
Json latency_section(const Plan& plan);
Json day_section(const Plan& plan);
Json kernels_section(const Plan& plan);
Json steps_section(const Plan& plan);
Json assumptions_section(const Plan& plan);

// A section without its body.
Json section(const char* kind, const char* id, const std::string& title, const std::vector<std::string>& text);
// A range of a quantity in base units, as {low, mid, high}.
template <class Q>
Json range_of(const core::Range<Q>& value) {
  return {{"low", value.low.value()}, {"mid", value.mid.value()}, {"high", value.high.value()}};
}
// The cheapest candidate of each chip that keeps the promises for a model, cheapest first.
std::vector<const Outcome*> winners(const Plan& plan, std::size_t model);

}  // namespace wordline::plan
