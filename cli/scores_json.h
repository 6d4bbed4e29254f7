// Scores of predictions as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "wordline/core/scoring.h"

namespace wordline::cli {

// One object a group: group, n, mean, median, p90, bias, within; empty where nothing was measured.
nlohmann::ordered_json errors_json(const core::Scores&);

}  // namespace wordline::cli
