// The plan in words: a headline, a paragraph, a table for the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/plan/plan.h"

namespace wordline::plan {

// "0.92", "13.4", "1,308", "12,345,678": three significant digits, thousands set apart.
std::string plain(double x);
// "1,031".
std::string plain(std::int64_t count);
// "0.92 (0.69 to 1.29)"; the one number where the range is a point.
std::string plain(const core::Range<double>& range);
// "4 x NVIDIA H100 SXM, fp8": one replica.
std::string replica_name(const Outcome& outcome);
// "4 x h100-sxm, fp8".
std::string short_name(const Outcome& outcome);
// "bf16", or "fp8, KV bf16" where the two differ.
std::string format_name(const Candidate& candidate);
// The answer in one line, such as a reader who is no expert wants it first.
std::string headline(const Plan& plan);
// What to take, what binds there, and what better memory would buy: one sentence or two each, from the plan's numbers.
std::vector<std::string> explanation(const Plan& plan);
// What a memory step buys, in one sentence.
std::string step_sentence(const Plan& plan, const StepOutcome& step);
// The ranked candidates of each model for a terminal, and the explanation below.
std::string terminal_text(const Plan& plan);

}  // namespace wordline::plan
