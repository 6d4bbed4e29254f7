#include "wordline/fab/repair.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::fab {

namespace {

// Binomial probabilities of count units of which each works with chance exp(log_works), upwards from none.
class Binomial {
 public:
  explicit Binomial(int count) : choose_(static_cast<std::size_t>(count) + 1) {
    for (int i = 0; i <= count; ++i)
      choose_[static_cast<std::size_t>(i)] =
          std::lgamma(count + 1.0) - std::lgamma(i + 1.0) - std::lgamma(count - i + 1.0);
  }
  // What `i` working units have as their chance; log_fails is the logarithm of 1 - exp(log_works).
  double at(int i, double log_works, double log_fails) const {
    const int fails = static_cast<int>(choose_.size()) - 1 - i;
    return std::exp(choose_[static_cast<std::size_t>(i)] + (i > 0 ? i * log_works : 0) +
                    (fails > 0 ? fails * log_fails : 0));
  }

 private:
  std::vector<double> choose_;  // logarithms
};

}  // namespace

double at_least(int needed, int count, double works) {
  if (needed < 0) throw core::InputError({}, fmt::format("{} units needed", needed), "at least 0");
  if (count < 0) throw core::InputError({}, fmt::format("{} units", count), "at least 0");
  if (!(works >= 0 && works <= 1)) throw core::InputError({}, fmt::format("the chance {}", works), "one from 0 to 1");
  if (needed == 0) return 1;
  if (needed > count) return 0;
  const Binomial binomial(count);
  const double log_works = std::log(works), log_fails = std::log1p(-works);
  const auto sum = [&](int from, int to) {
    double chance = 0;
    for (int i = from; i <= to; ++i) chance += binomial.at(i, log_works, log_fails);
    return std::min(1.0, chance);
  };
  return 2 * needed > count ? sum(needed, count) : 1 - sum(0, needed - 1);
}

void check(const PartedDie& die) {
  for (const auto& [what, area] : {std::pair{"shared area", die.shared}, {"part's area", die.part}})
    if (!(area.value() >= 0 && std::isfinite(area.value())))
      throw core::InputError({}, fmt::format("a {} of {} mm2", what, area.in(core::square_millimetres(1))),
                             "at least 0");
  if (die.parts < 1 || die.parts > 10000) throw core::InputError({}, fmt::format("{} parts", die.parts), "1 to 10,000");
}

std::vector<double> parts_that_work(const Defects& defects, const PartedDie& die) {
  check(defects);
  check(die);
  if (defects.layers != 1)
    throw core::InputError({}, fmt::format("{} groups of layers", defects.layers),
                           "one, where parts of a die may fail");
  const Binomial binomial(die.parts);
  const double on_shared = faults_on(defects, die.shared), on_part = faults_on(defects, die.part);
  std::vector<double> chance(static_cast<std::size_t>(die.parts) + 1);
  for (const auto& [relative, weight] : yield_model(defects.model).law(defects.clustering)) {
    const double log_works = -relative * on_part, log_fails = std::log(-std::expm1(log_works));
    const double share = weight * std::exp(-relative * on_shared);
    if (share == 0) continue;
    for (int i = 0; i <= die.parts; ++i)
      chance[static_cast<std::size_t>(i)] += share * binomial.at(i, log_works, log_fails);
  }
  return chance;
}

std::vector<double> graded(const Defects& defects, const PartedDie& die, const std::vector<Grade>& grades) {
  for (std::size_t i = 0; i < grades.size(); ++i) {
    const int most = i == 0 ? die.parts : grades[i - 1].needed - 1;
    if (grades[i].needed < 0 || grades[i].needed > most)
      throw core::InputError({}, fmt::format("the grade \"{}\" from {} parts", grades[i].name, grades[i].needed),
                             fmt::format("0 to {}, the best grade first", most));
  }
  const auto chance = parts_that_work(defects, die);
  std::vector<double> out;
  auto end = chance.end();
  for (const auto& grade : grades) {
    const auto begin = chance.begin() + grade.needed;
    out.push_back(std::accumulate(begin, end, 0.0));
    end = begin;
  }
  return out;
}

}  // namespace wordline::fab
