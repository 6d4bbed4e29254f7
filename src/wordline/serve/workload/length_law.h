// How long prompts and answers are: laws that a person gives, beside the catalogue's quantiles.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "wordline/core/random.h"
#include "wordline/serve/lengths.h"

namespace wordline::serve {

// Draws prompt and output tokens of one request; takes the same count of random numbers in every call where the law is
// a catalogue's or lognormal.
using LengthLaw = std::function<std::pair<std::int32_t, std::int32_t>(core::Random&)>;

// A range of tokens, both ends in it.
struct TokenRange {
  std::int32_t low = 1, high = 1;
};
// A distribution of tokens by its mean and coefficient of variation.
struct TokenSpread {
  double mean = 1, cv = 1;
};

// Laws throw core::InputError where a bound is out of 1 to longest_request_tokens, a range is empty, a mean is below 1,
// a variation negative, or the correlation not between -1 and 1.
LengthLaw quantile_lengths(LengthModel model);
// Uniform in both ranges, independent; fixed where a range is one number.
LengthLaw uniform_lengths(TokenRange prompt, TokenRange output);
// Both lognormal, hung together by a Gaussian copula with this rank (Spearman) correlation r: the normals behind them
// correlate with 2 sin(pi r / 6). Rounded to whole tokens, from 1 to longest_request_tokens.
LengthLaw lognormal_lengths(TokenSpread prompt, TokenSpread output, double rank_correlation);

}  // namespace wordline::serve
