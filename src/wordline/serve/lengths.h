// How long prompts and answers are: distributions given by quantiles, as they can be published for any trace.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "wordline/core/catalog.h"
#include "wordline/core/random.h"
#include "wordline/core/reader.h"

namespace wordline::serve {

// A distribution of token counts by its quantile function: linear between the given points, from probability 0 to 1.
class TokenQuantiles {
 public:
  // `probabilities` rise from 0 to 1, `tokens` never fall and are at least 1; both come from `reader`'s keys of these
  // names.
  static TokenQuantiles read(const core::Reader& reader);
  TokenQuantiles(std::vector<double> probabilities, std::vector<double> tokens);
  // The quantile at `probability` in 0..1, rounded to a whole token, at least 1.
  std::int32_t at(double probability) const;
  double mean() const;

 private:
  std::vector<double> probabilities_, tokens_;
};

// Joint distribution of prompt and answer: the prompt's quantiles, and the answer's quantiles for each band of prompts.
class LengthModel {
 public:
  // From a catalogue file (`services/NAME.toml`): a table `prompt`, and an array of tables `output`, each with
  // `prompts_up_to` (the prompt's probability where its band ends; the last is 1); `day`, which may be missing, 24
  // factors of the rate, hour by hour from midnight.
  static LengthModel read(const core::Reader& reader);
  static LengthModel from_catalog(const core::Catalog& catalog, const std::string& name);
  // Every request alike.
  static LengthModel fixed(std::int32_t prompt_tokens, std::int32_t output_tokens);

  // Prompt and output tokens of the next request; takes two uniform numbers, always.
  std::pair<std::int32_t, std::int32_t> sample(core::Random& random) const;
  double mean_prompt_tokens() const;
  double mean_output_tokens() const;
  const std::vector<double>& day() const { return day_; }  // empty where the file has none

 private:
  struct Band {
    double prompts_up_to;
    TokenQuantiles output;
  };
  LengthModel(TokenQuantiles prompt, std::vector<Band> bands) : prompt_(std::move(prompt)), bands_(std::move(bands)) {}
  TokenQuantiles prompt_;
  std::vector<Band> bands_;
  std::vector<double> day_;
};

}  // namespace wordline::serve
