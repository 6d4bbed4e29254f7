// The study of a spec whose inputs `inputs_of` finds.
#pragma once

#include <string>
#include <vector>

#include "wordline/fab/cost.h"

namespace wordline::fab {

// `evaluate` gives the answers of a spec in the order of `names`; it is called from several threads at once.
template <class Spec, class Evaluate>
Study study(const Spec& spec, const Drawing& how, const std::vector<std::string>& names, Evaluate evaluate) {
  Spec own = spec;
  const Inputs inputs = inputs_of(own);
  std::vector<core::Range<double>> ranges;
  for (const Input& input : inputs) ranges.push_back(input.range);
  const Answers answers = [&](const std::vector<double>& values) {
    Spec moved = spec;
    const Inputs places = inputs_of(moved);
    for (std::size_t i = 0; i < places.size(); ++i) places[i].set(values[i]);
    return evaluate(moved);
  };

  Study out;
  out.drawing = how;
  const std::vector<double> at_mid = evaluate(spec);
  const auto drawn = draw(ranges, how, answers);
  for (std::size_t i = 0; i < names.size(); ++i) {
    Answer answer{names[i], at_mid[i], {}};
    for (const auto& sample : drawn) answer.drawn.add(sample[i]);
    out.answers.push_back(std::move(answer));
  }
  const auto first = [&](const std::vector<double>& values) { return answers(values).front(); };
  for (const Swing& swing : tornado(ranges, first))
    out.tornado.push_back({inputs[swing.input].origin, ranges[swing.input], swing.at_low, swing.at_high});
  return out;
}

}  // namespace wordline::fab
