#include "wordline/fab/cost.h"

namespace wordline::fab {

namespace {

void set_all(const Inputs& inputs, const std::vector<double>& values) {
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i].set(values[i]);
}

// `evaluate` gives the answers of a spec in the order of `names`.
template <class Spec, class Evaluate>
Study study(const Spec& spec, const Drawing& how, const std::vector<std::string>& names, Evaluate evaluate) {
  Spec own = spec;
  const Inputs inputs = inputs_of(own);
  std::vector<core::Range<double>> ranges;
  for (const Input& input : inputs) ranges.push_back(input.range);
  const Answers answers = [&](const std::vector<double>& values) {
    Spec moved = spec;
    set_all(inputs_of(moved), values);
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

}  // namespace

double usd_per_gb(core::UsdPerByte price) { return price.value() * core::gibibytes(1).value(); }

Study study_of(const StackSpec& spec, const Drawing& how) {
  return study(spec, how, {"cost_per_good_usd", "usd_per_gb", "price_usd", "good"}, [](const StackSpec& s) {
    const StackResult r = result_of(s);
    return std::vector<double>{r.cost_per_good.value(), usd_per_gb(r.cost_per_byte), price_of(s, r).value(), r.good};
  });
}

Study study_of(const PackageSpec& spec, const Drawing& how) {
  const std::vector<std::string> names = {"cost_usd",      "memory_usd", "logic_usd", "memory_used_usd",
                                          "packaging_usd", "test_usd",   "sale_usd",  "good"};
  return study(spec, how, names, [](const PackageSpec& s) {
    const Price p = price_of(s);
    std::vector<double> out = {p.cost.value(), p.memory.value()};
    for (const Group group : {Group::logic, Group::memory, Group::packaging, Group::test})
      out.push_back(p.package.of(group).value());
    out.insert(out.end(), {p.sale.value(), p.package.good});
    return out;
  });
}

}  // namespace wordline::fab
