#include "wordline/serve/lengths.h"

#include <algorithm>
#include <cmath>

namespace wordline::serve {
namespace {

// The first place in `values` that `rises` objects to when it sees a neighbour pair, or 0.
template <class Objects>
std::size_t first_objection(const std::vector<double>& values, Objects objects) {
  for (std::size_t i = 1; i < values.size(); ++i)
    if (objects(values[i - 1], values[i])) return i;
  return 0;
}

}  // namespace

TokenQuantiles::TokenQuantiles(std::vector<double> probabilities, std::vector<double> tokens)
    : probabilities_(std::move(probabilities)), tokens_(std::move(tokens)) {}

TokenQuantiles TokenQuantiles::read(const core::Reader& reader) {
  auto probabilities = reader.numbers("probabilities");
  auto tokens = reader.numbers("tokens");
  if (probabilities.size() < 2 || probabilities.front() != 0 || probabilities.back() != 1 ||
      first_objection(probabilities, [](double a, double b) { return !(a < b); }))
    reader.fail("probabilities", "two or more numbers that rise from 0 to 1");
  if (tokens.size() != probabilities.size()) reader.fail("tokens", "as many numbers as probabilities");
  if (!(tokens.front() >= 1) || first_objection(tokens, [](double a, double b) { return !(a <= b); }))
    reader.fail("tokens", "numbers from 1 that never fall");
  return {std::move(probabilities), std::move(tokens)};
}

std::int32_t TokenQuantiles::at(double probability) const {
  const auto above = std::upper_bound(probabilities_.begin() + 1, probabilities_.end() - 1, probability);
  const auto i = static_cast<std::size_t>(above - probabilities_.begin());
  const double share = (probability - probabilities_[i - 1]) / (probabilities_[i] - probabilities_[i - 1]);
  const double tokens = tokens_[i - 1] + share * (tokens_[i] - tokens_[i - 1]);
  return static_cast<std::int32_t>(std::max(1.0, std::floor(tokens + 0.5)));
}

double TokenQuantiles::mean() const {
  double sum = 0;
  for (std::size_t i = 1; i < tokens_.size(); ++i)
    sum += (probabilities_[i] - probabilities_[i - 1]) * (tokens_[i] + tokens_[i - 1]) / 2;
  return sum;
}

LengthModel LengthModel::read(const core::Reader& reader) {
  reader.text_or("title", "");
  auto prompt_table = reader.table("prompt");
  auto prompt = TokenQuantiles::read(prompt_table);
  prompt_table.finish();
  std::vector<Band> bands;
  for (const auto& table : reader.tables("output")) {
    const double before = bands.empty() ? 0 : bands.back().prompts_up_to;
    const double up_to = table.number("prompts_up_to", 0, 1);
    if (!(up_to > before)) table.fail("prompts_up_to", "a probability above the one of the band before");
    bands.push_back({up_to, TokenQuantiles::read(table)});
    table.finish();
  }
  if (bands.empty() || bands.back().prompts_up_to != 1) reader.fail("output", "bands whose last prompts_up_to is 1");
  LengthModel out{std::move(prompt), std::move(bands)};
  if (reader.has("day")) {
    out.day_ = reader.numbers("day");
    const bool negative = std::any_of(out.day_.begin(), out.day_.end(), [](double f) { return !(f >= 0); });
    if (out.day_.size() != 24 || negative || *std::max_element(out.day_.begin(), out.day_.end()) <= 0)
      reader.fail("day", "24 numbers of 0 or above, one of them above 0");
  }
  return out;
}

LengthModel LengthModel::from_catalog(const core::Catalog& catalog, const std::string& name) {
  const auto reader = catalog.read("services", name);
  auto model = read(reader);
  reader.finish();
  return model;
}

LengthModel LengthModel::fixed(std::int32_t prompt_tokens, std::int32_t output_tokens) {
  const auto always = [](std::int32_t tokens) {
    return TokenQuantiles({0, 1}, {static_cast<double>(tokens), static_cast<double>(tokens)});
  };
  return {always(prompt_tokens), {{1, always(output_tokens)}}};
}

std::pair<std::int32_t, std::int32_t> LengthModel::sample(core::Random& random) const {
  const double of_prompt = random.uniform(), of_output = random.uniform();
  const auto band =
      std::find_if(bands_.begin(), bands_.end() - 1, [&](const Band& b) { return of_prompt < b.prompts_up_to; });
  return {prompt_.at(of_prompt), band->output.at(of_output)};
}

double LengthModel::mean_prompt_tokens() const { return prompt_.mean(); }

double LengthModel::mean_output_tokens() const {
  double sum = 0, before = 0;
  for (const auto& band : bands_) {
    sum += (band.prompts_up_to - before) * band.output.mean();
    before = band.prompts_up_to;
  }
  return sum;
}

}  // namespace wordline::serve
