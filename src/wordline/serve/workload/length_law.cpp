#include "wordline/serve/workload/length_law.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/serve/trace.h"

namespace wordline::serve {
namespace {

void check(const char* what, const TokenRange& range) {
  if (range.low < 1 || range.high < range.low || range.high > longest_request_tokens)
    throw core::InputError(fmt::format("{}: found {} to {} tokens; wanted a range within 1 to {}", what, range.low,
                                       range.high, longest_request_tokens));
}

void check(const char* what, const TokenSpread& spread) {
  if (!(spread.mean >= 1) || !(spread.mean <= static_cast<double>(longest_request_tokens)) || !(spread.cv >= 0) ||
      !std::isfinite(spread.cv))
    throw core::InputError(
        fmt::format("{}: found a mean of {} tokens and a variation of {}; wanted a mean from 1 to "
                    "{} and a variation of 0 or above",
                    what, spread.mean, spread.cv, longest_request_tokens));
}

std::int32_t drawn(const TokenRange& range, core::Random& random) {
  const auto span = static_cast<std::uint64_t>(range.high - range.low) + 1;
  return range.low + static_cast<std::int32_t>(random.below(span));
}

// Parameters of the logarithm.
struct Lognormal {
  explicit Lognormal(const TokenSpread& of)
      : sigma(std::sqrt(std::log1p(of.cv * of.cv))), mu(std::log(of.mean) - sigma * sigma / 2) {}
  std::int32_t at(double normal) const {
    const double tokens = std::floor(std::exp(mu + sigma * normal) + 0.5);
    return static_cast<std::int32_t>(std::clamp(tokens, 1.0, static_cast<double>(longest_request_tokens)));
  }
  double sigma, mu;
};

}  // namespace

LengthLaw quantile_lengths(LengthModel model) {
  return [model = std::move(model)](core::Random& random) { return model.sample(random); };
}

LengthLaw uniform_lengths(TokenRange prompt, TokenRange output) {
  check("prompts", prompt);
  check("answers", output);
  return [=](core::Random& random) {
    const std::int32_t first = drawn(prompt, random);
    return std::pair(first, drawn(output, random));
  };
}

LengthLaw lognormal_lengths(TokenSpread prompt, TokenSpread output, double rank_correlation) {
  check("prompts", prompt);
  check("answers", output);
  if (!(std::abs(rank_correlation) <= 1))
    throw core::InputError(fmt::format("found a rank correlation of {}; wanted -1 to 1", rank_correlation));
  const double rho = 2 * std::sin(std::numbers::pi * rank_correlation / 6),
               rest = std::sqrt(std::max(0.0, 1 - rho * rho));
  return [=, prompts = Lognormal(prompt), outputs = Lognormal(output)](core::Random& random) {
    const double first = random.normal(), second = random.normal();
    return std::pair(prompts.at(first), outputs.at(rho * first + rest * second));
  };
}

}  // namespace wordline::serve
