#include "wordline/fab/metrology/replay.h"

#include <cmath>
#include <deque>
#include <map>

namespace wordline::fab {
namespace {

// A chamber's stream, and the labels on their way to it.
struct Chamber {
  Stream stream;
  std::int64_t late_wafers = 0;  // after the warm-up
  struct Due {
    std::int64_t at, wafer;
    double label;
  };
  std::deque<Due> due = {};
};

void score(const Replayed& wafer, double label, ChamberScore& chamber, ReplayScore& total) {
  const auto& p = wafer.prediction;
  const double squared_error = (p.value - label) * (p.value - label);
  const bool covered = label >= p.low && label <= p.high;
  ++total.wafers;
  total.squared_error += squared_error;
  total.covered += covered;
  total.width += p.high - p.low;
  ++chamber.wafers;
  chamber.squared_error += squared_error;
  chamber.covered += covered;
  chamber.sum += label;
  chamber.squares += label * label;
  for (std::size_t i = 0; i < wafer.opinions.size(); ++i) {
    if (std::isnan(wafer.opinions[i])) continue;
    total.expert_squared_error[i] += (wafer.opinions[i] - label) * (wafer.opinions[i] - label);
    ++total.expert_wafers[i];
  }
}

std::map<std::string, std::size_t> warm_ups(const WaferTable& table, const Bank& bank, const ReplaySettings& settings) {
  std::map<std::string, std::size_t> labelled;
  for (std::size_t i = 0; i < table.rows(); ++i) labelled[table.chambers[i]] += !std::isnan(table.labels[i]);
  for (auto& [chamber, n] : labelled) {
    if (settings.warm_up_share > 0)
      n = std::max<std::size_t>(10, static_cast<std::size_t>(settings.warm_up_share * static_cast<double>(n)));
    else
      n = settings.warm_up > 0 ? settings.warm_up : bank.warm_up;
  }
  return labelled;
}

}  // namespace

double ReplayScore::r2() const {
  double all = 0;
  for (const auto& [name, chamber] : chambers) all += chamber.scatter();
  return 1 - squared_error / all;
}

ReplayScore replay(const WaferTable& table, std::shared_ptr<const Bank> bank, const ReplaySettings& settings,
                   const std::function<void(const Replayed&)>& each) {
  ReplayScore total;
  total.expert_squared_error.assign(bank->experts.size(), 0);
  total.expert_wafers.assign(bank->experts.size(), 0);
  const auto warm_up = warm_ups(table, *bank, settings);
  std::map<std::string, Chamber> chambers;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto& name = table.chambers[i];
    auto found = chambers.find(name);
    if (found == chambers.end())
      found = chambers
                  .emplace(name, Chamber{Stream(bank, table.feature_names.size(),
                                                1 / static_cast<double>(settings.sampling), warm_up.at(name))})
                  .first;
    Chamber& chamber = found->second;
    bool drift = false;
    while (!chamber.due.empty() && chamber.due.front().at <= chamber.late_wafers) {
      drift = chamber.stream.learn(chamber.due.front().wafer, chamber.due.front().label).drift || drift;
      chamber.due.pop_front();
    }
    const Prediction prediction = chamber.stream.predict(table.row(i));
    const double label = table.labels[i];
    if (!prediction.warm) {
      chamber.stream.learn(prediction.wafer, label);
      continue;
    }
    const bool wanted = settings.choose ? prediction.measure : chamber.late_wafers % settings.sampling == 0;
    const Replayed wafer{
        i, prediction, wanted && !std::isnan(label), drift, chamber.stream.opinions(), chamber.stream.weights()};
    if (wafer.measured) chamber.due.push_back({chamber.late_wafers + settings.delay, prediction.wafer, label});
    ++chamber.late_wafers;
    total.measured += wafer.measured;
    if (!std::isnan(label)) score(wafer, label, total.chambers[name], total);
    if (each) each(wafer);
  }
  return total;
}

}  // namespace wordline::fab
