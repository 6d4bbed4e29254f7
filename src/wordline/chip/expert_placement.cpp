#include "wordline/chip/expert_placement.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>

#include "wordline/core/random.h"

namespace wordline::chip {

namespace {

constexpr int shuffles = 256, classes = 32;

using Indices = std::vector<std::size_t>;

// The elementary symmetric polynomials of degrees 0 to k.
std::vector<double> symmetric(const std::vector<double>& weights, int k) {
  std::vector<double> out(static_cast<std::size_t>(k) + 1, 0.0);
  out[0] = 1;
  for (const double w : weights)
    for (std::size_t j = out.size() - 1; j > 0; --j) out[j] += w * out[j - 1];
  return out;
}

std::vector<double> weights_of(const ExpertRouting& r) {
  std::vector<double> out(static_cast<std::size_t>(r.experts));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::pow(static_cast<double>(i + 1), -r.skew);
  return out;
}

// That a set holds the expert: its weight times those of the sets of one less without it.
std::vector<double> chances_of(const std::vector<double>& weights, int k) {
  const double all = symmetric(weights, k).back();
  std::vector<double> out(weights.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto others = weights;
    others[i] = 0;
    out[i] = weights[i] * symmetric(others, k - 1).back() / all;
  }
  return out;
}

// The replicas of one rank: which experts, an expert as often as it is there.
using Rank = Indices;

// Sums over ranks, placement by placement.
class Totals {
 public:
  Totals(const ExpertRouting& r, std::vector<int> replicas)
      : routing_(r),
        weights_(weights_of(r)),
        all_(symmetric(weights_, r.top_k).back()),
        replicas_(std::move(replicas)),
        held_(weights_.size(), 0.0) {
    out_.chances = chances_of(weights_, r.top_k);
    out_.loads.assign(static_cast<std::size_t>(r.ranks), 0.0);
  }

  double load_of(std::size_t expert) const { return out_.chances[expert] / replicas_[expert]; }

  void add(const std::vector<Rank>& ranks) {
    std::vector<double> loads;
    for (const Rank& rank : ranks) {
      double sum = 0;
      for (const std::size_t expert : rank) sum += load_of(expert);
      loads.push_back(sum);
    }
    const Rank& fullest = ranks[static_cast<std::size_t>(std::max_element(loads.begin(), loads.end()) - loads.begin())];
    std::sort(loads.begin(), loads.end(), std::greater<>());
    for (std::size_t i = 0; i < loads.size(); ++i) out_.loads[i] += loads[i];
    // A token that chose an expert goes to each of its replicas alike: it misses those of one rank with the rest.
    auto missing = weights_;
    for (const std::size_t expert : fullest) {
      held_[expert] += 1;
      missing[expert] -= weights_[expert] / replicas_[expert];
    }
    for (double& weight : missing) weight = std::max(0.0, weight);
    out_.reached += 1 - symmetric(missing, routing_.top_k).back() / all_;
    ++count_;
  }

  ExpertPlacement take() {
    for (double& load : out_.loads) load /= count_;
    out_.reached = std::min(1.0, out_.reached / count_);
    for (double& held : held_) held /= count_;
    out_.fullest = classes_of(held_);
    std::vector<double> even;
    for (const int replicas : replicas_) even.push_back(static_cast<double>(replicas) / routing_.ranks);
    out_.mean = classes_of(even);
    out_.imbalance = std::max(1.0, out_.loads.front() * routing_.ranks / routing_.top_k);
    return std::move(out_);
  }

 private:
  // Replicas of nearly the same chance are taken together: it falls by the same factor from one class to the next.
  std::vector<ExpertChance> classes_of(const std::vector<double>& held) const {
    double most = 0, least = 1e300;
    for (std::size_t i = 0; i < held.size(); ++i)
      if (held[i] > 0) most = std::max(most, load_of(i)), least = std::min(least, load_of(i));
    const double range = std::log(most / least);
    std::map<int, ExpertChance> found;
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (held[i] == 0) continue;
      const int of = range > 0 ? static_cast<int>(classes * std::log(most / load_of(i)) / range) : 0;
      ExpertChance& to = found[std::min(of, classes - 1)];
      to.chance = (to.chance * to.experts + load_of(i) * held[i]) / (to.experts + held[i]);
      to.experts += held[i];
    }
    std::vector<ExpertChance> out;
    for (const auto& [of, chance] : found) out.push_back(chance);
    return out;
  }

  const ExpertRouting routing_;
  const std::vector<double> weights_;
  const double all_;
  const std::vector<int> replicas_;
  std::vector<double> held_;
  ExpertPlacement out_;
  int count_ = 0;
};

ExpertPlacement linear(const ExpertRouting& r) {
  const auto count = static_cast<std::size_t>(r.experts), ranks = static_cast<std::size_t>(r.ranks);
  Totals totals(r, std::vector<int>(count, 1));
  Indices order(count);
  std::iota(order.begin(), order.end(), 0U);
  core::Random random(1);
  for (int i = 0; i < (ranks > 1 ? shuffles : 1); ++i) {
    for (std::size_t e = count; ranks > 1 && e > 1; --e) std::swap(order[e - 1], order[random.below(e)]);
    std::vector<Rank> placed;
    std::size_t first = 0;
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      const std::size_t size = count / ranks + (rank < count % ranks ? 1 : 0);
      placed.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                          order.begin() + static_cast<std::ptrdiff_t>(first + size));
      first += size;
    }
    totals.add(placed);
  }
  return totals.take();
}

ExpertPlacement balanced(const ExpertRouting& r) {
  const auto count = static_cast<std::size_t>(r.experts), ranks = static_cast<std::size_t>(r.ranks);
  const auto chances = chances_of(weights_of(r), r.top_k);
  std::vector<int> replicas(count, 1);
  for (int i = 0; i < r.redundant; ++i) {
    std::size_t fullest = 0;
    for (std::size_t e = 1; e < count; ++e)
      if (chances[e] / replicas[e] > chances[fullest] / replicas[fullest]) fullest = e;
    ++replicas[fullest];
  }
  Totals totals(r, replicas);
  Indices all;
  for (std::size_t e = 0; e < count; ++e) all.insert(all.end(), static_cast<std::size_t>(replicas[e]), e);
  std::stable_sort(all.begin(), all.end(),
                   [&](std::size_t a, std::size_t b) { return totals.load_of(a) > totals.load_of(b); });
  const std::size_t room = (all.size() + ranks - 1) / ranks;
  std::vector<Rank> placed(ranks);
  std::vector<double> loads(ranks, 0.0);
  for (const std::size_t expert : all) {
    std::size_t to = ranks;
    for (std::size_t rank = 0; rank < ranks; ++rank)
      if (placed[rank].size() < room && (to == ranks || loads[rank] < loads[to])) to = rank;
    placed[to].push_back(expert);
    loads[to] += totals.load_of(expert);
  }
  totals.add(placed);
  return totals.take();
}

}  // namespace

std::shared_ptr<const ExpertPlacement> placed(const ExpertRouting& routing) {
  static std::mutex guard;
  static std::map<ExpertRouting, std::shared_ptr<const ExpertPlacement>> remembered;
  const std::lock_guard lock(guard);
  auto& found = remembered[routing];
  if (!found) found = std::make_shared<ExpertPlacement>(routing.balanced ? balanced(routing) : linear(routing));
  return found;
}

}  // namespace wordline::chip
