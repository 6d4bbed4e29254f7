#include "scores_json.h"

#include <nlohmann/json.hpp>

namespace wordline::cli {

nlohmann::ordered_json errors_json(const core::Scores& scores) {
  auto out = nlohmann::ordered_json::array();
  if (scores.empty()) return out;
  for (const auto& [group, e] : scores.errors())
    out.push_back({{"group", group},
                   {"n", e.n},
                   {"mean", e.mean},
                   {"median", e.median},
                   {"p90", e.p90},
                   {"bias", e.bias},
                   {"within", e.within}});
  return out;
}

}  // namespace wordline::cli
