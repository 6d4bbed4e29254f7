// The closed form of a stack against brute force: every die, via, bond, fault found and repair drawn one by one.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "wordline/core/random.h"
#include "wordline/fab/matching.h"
#include "wordline/fab/stack.h"

namespace wordline::fab {
namespace {

struct Mean {
  double sum = 0, squares = 0;
  std::size_t n = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
    ++n;
  }
  double mean() const { return sum / double(n); }
  double error() const { return std::sqrt(std::max(squares / double(n) - mean() * mean(), 0.0) / double(n)); }
};

struct Tally {
  Mean good, shipped, cost, dies, bonds;
};

// One stack after another, made by somebody who knows nothing of probabilities.
class Factory {
 public:
  Factory(const StackDesign& design, const TestFlow& tests, std::uint64_t seed)
      : d(design), flow(tests), random(seed) {}

  Tally make(std::size_t stacks) {
    Tally tally;
    for (std::size_t i = 0; i < stacks; ++i) one(tally);
    return tally;
  }

 private:
  struct Die {
    bool works = true, known_bad = false;
  };

  bool chance(double p) { return random.uniform() < p; }
  void pay(core::Usd amount) { cost += amount.value(); }

  Die take(const DieSupply& from, const Test& test, double& count) {
    while (true) {
      pay(from.cost);
      ++count;
      Die die{chance(from.yield), false};
      if (flow.pre) {
        pay(test.cost);
        if (!die.works && chance(test.coverage)) die.known_bad = true;
      }
      if (!die.known_bad || d.bonding == Bonding::w2w) return die;
    }
  }

  bool interface_works() {
    bool works = chance(d.bond_yield);
    for (int group = 0; group < d.tsvs.groups; ++group) {
      int failed = 0;
      for (int via = 0; via < d.tsvs.signals + d.tsvs.spares; ++via) failed += chance(d.tsvs.failure);
      works = works && failed <= d.tsvs.spares;
    }
    return works;
  }

  // Returns whether the stack may still be good.
  bool hopeful() const {
    const auto bad = std::count_if(layers.begin(), layers.end(), [](const Die& die) { return die.known_bad; });
    return !fixed_known_bad && bad <= d.spare_layers;
  }

  void look_at(Die& die, const Test& test) {
    if (die.works || die.known_bad || !chance(test.coverage)) return;
    pay(d.repair_cost);
    if (chance(d.repairable))
      die.works = true;
    else
      die.known_bad = true;
  }
  void look_at_fixed(bool works, const Test& test) {
    if (!works && chance(test.coverage)) fixed_known_bad = true;
  }

  void test_all(const Test& test) {
    pay(test.cost);
    for (const bool works : fixed) look_at_fixed(works, test);
    if (fixed_known_bad) return;  // what cannot be saved is not repaired
    for (Die& die : layers) look_at(die, test);
  }

  void one(Tally& tally) {
    cost = 0;
    layers.clear();
    fixed.clear();
    fixed_known_bad = false;
    double dies = 0, bases = 0, bonds = 0;
    const Die base = take(d.base, d.pre_base, bases);
    fixed.push_back(base.works);
    fixed_known_bad = base.known_bad;
    const int n = d.all_layers();
    for (int i = 0; i < n; ++i) {
      if (!hopeful() && d.bonding != Bonding::w2w) break;
      Die die = take(d.dram, d.pre, dies);
      if (die.works && chance(d.damage)) die.works = false;
      layers.push_back(die);
      pay(d.bond_cost);
      ++bonds;
      fixed.push_back(interface_works());
      if (flow.mid && i + 1 < n && hopeful()) {
        pay(d.mid.cost);
        look_at_fixed(fixed.back(), d.mid);
        if (i == 0) look_at_fixed(fixed.front(), d.mid);
        if (!fixed_known_bad) look_at(layers.back(), d.mid);
      }
    }
    bool shipped = hopeful();
    if (shipped && flow.post) {
      test_all(d.post);
      shipped = hopeful();
    }
    if (shipped) {
      pay(d.finish_cost);
      fixed.push_back(chance(d.finish_yield));
      test_all(d.final);
      shipped = hopeful();
    }
    tally.shipped.add(shipped);
    tally.good.add(shipped && all_used_work());
    tally.cost.add(cost);
    tally.dies.add(dies);
    tally.bonds.add(bonds);
  }

  // Leaves out known bad layers, then any others at random, until as many are left as are needed.
  bool all_used_work() {
    std::vector<Die> used;
    for (const Die& die : layers)
      if (!die.known_bad) used.push_back(die);
    while (int(used.size()) > d.layers) used.erase(used.begin() + std::ptrdiff_t(random.below(used.size())));
    return std::all_of(used.begin(), used.end(), [](const Die& die) { return die.works; }) &&
           std::all_of(fixed.begin(), fixed.end(), [](bool works) { return works; });
  }

  const StackDesign& d;
  const TestFlow flow;
  core::Random random;
  double cost = 0;
  std::vector<Die> layers;
  std::vector<bool> fixed;  // base, interfaces, finishing
  bool fixed_known_bad = false;
};

// Faulty enough that every way to fail is taken often.
StackDesign poor_design(Bonding bonding, int spare_layers) {
  StackDesign d;
  d.layers = 4;
  d.spare_layers = spare_layers;
  d.die_capacity = core::gibibytes(2);
  d.dram = {0.8, core::Usd(8)};
  d.base = {0.9, core::Usd(12)};
  d.bonding = bonding;
  d.bond_yield = 0.97;
  d.bond_cost = core::Usd(0.7);
  d.tsvs = {3, 4, 1, 0.02};
  d.damage = 0.05;
  d.pre = {0.8, core::Usd(0.5)};
  d.pre_base = {0.7, core::Usd(0.4)};
  d.mid = {0.6, core::Usd(1)};
  d.post = {0.75, core::Usd(2)};
  d.final = {0.9, core::Usd(5)};
  d.repairable = 0.3;
  d.repair_cost = core::Usd(0.6);
  d.finish_cost = core::Usd(9);
  d.finish_yield = 0.96;
  return d;
}

void expect_same(const StackDesign& design, const TestFlow& flow, std::uint64_t seed) {
  const StackResult closed = stack_of(design, flow);
  const Tally drawn = Factory(design, flow, seed).make(60000);
  const std::string what =
      std::string(name_of(design.bonding)) + " " + name_of(flow) + " spares " + std::to_string(design.spare_layers);
  const auto expect = [&](const Mean& mean, double value, const char* of) {
    EXPECT_NEAR(mean.mean(), value, 4 * mean.error() + 1e-12 * value)
        << what << ": " << of << ", error " << mean.error();
  };
  expect(drawn.good, closed.good, "good");
  expect(drawn.shipped, closed.shipped, "shipped");
  expect(drawn.cost, closed.cost_per_good.value() * closed.good, "cost");
  expect(drawn.dies, closed.dies_per_good * closed.good, "dies");
  expect(drawn.bonds, closed.bonds_per_good * closed.good, "bonds");
}

class EachFlow : public testing::TestWithParam<int> {};

TEST_P(EachFlow, ClosedFormIsWhatBruteForceFinds) {
  const TestFlow flow = test_flows()[std::size_t(GetParam())];
  std::uint64_t seed = 1000 * std::uint64_t(GetParam());
  for (const Bonding bonding : {Bonding::w2w, Bonding::d2w, Bonding::d2d})
    for (const int spares : {0, 1, 2}) expect_same(poor_design(bonding, spares), flow, ++seed);
}

INSTANTIATE_TEST_SUITE_P(All, EachFlow, testing::Range(0, 8));

// Wafers with a fixed number of good dies, each the best match of several: the mean overlap, and stacks of them.
class Wafers {
 public:
  explicit Wafers(std::uint64_t seed) : random_(seed) {}
  std::vector<bool> wafer(int sites, int good) {
    std::vector<bool> out(std::size_t(sites), false);
    for (int i = 0; i < good; ++i) out[std::size_t(i)] = true;
    for (std::size_t i = out.size() - 1; i > 0; --i) {
      const auto j = std::size_t(random_.below(i + 1));
      const bool kept = out[i];
      out[i] = out[j];
      out[j] = kept;
    }
    return out;
  }
  static int overlap(const std::vector<bool>& a, const std::vector<bool>& b) {
    int both = 0;
    for (std::size_t i = 0; i < a.size(); ++i) both += a[i] && b[i];
    return both;
  }
  std::vector<bool> best(const std::vector<bool>& below, int good, int candidates) {
    std::vector<bool> most;
    for (int i = 0; i < candidates; ++i) {
      auto next = wafer(int(below.size()), good);
      if (most.empty() || overlap(below, next) > overlap(below, most)) most = std::move(next);
    }
    return most;
  }

 private:
  core::Random random_;
};

TEST(Matching, OneLayerIsWhatBruteForceFinds) {
  Wafers wafers(7);
  for (const int candidates : {2, 10}) {
    Mean share;
    for (int i = 0; i < 20000; ++i) {
      const auto below = wafers.wafer(60, 40);
      share.add(Wafers::overlap(below, wafers.best(below, 48, candidates)) / 60.0);
    }
    EXPECT_NEAR(share.mean(), matched_share(40 / 60.0, 0.8, 60, candidates), 4 * share.error()) << candidates;
  }
}

// Layer on layer the closed form goes on from the mean; what the spread does to the next layer is below 0.2 %.
TEST(Matching, ManyLayersAreWithinAFiveHundredthOfBruteForce) {
  StackDesign d;
  d.layers = 5;
  d.die_capacity = core::gibibytes(2);
  d.dram = {0.8, core::Usd(8)};
  d.base = {0.8, core::Usd(8)};
  d.bonding = Bonding::w2w;
  d.matched_wafers = 10;
  d.dies_per_wafer = 60;
  const double closed = stack_of(d, {true, false, false}).good;
  Wafers wafers(11);
  Mean good;
  for (int i = 0; i < 4000; ++i) {
    auto stack = wafers.wafer(60, 48);
    for (int layer = 0; layer < 5; ++layer) {
      const auto next = wafers.best(stack, 48, 10);
      for (std::size_t site = 0; site < stack.size(); ++site) stack[site] = stack[site] && next[site];
    }
    good.add(double(std::accumulate(stack.begin(), stack.end(), 0)) / 60);
  }
  EXPECT_NEAR(good.mean() / closed, 1, 0.002 + 4 * good.error() / closed);
  EXPECT_GT(closed, std::pow(0.8, 6) * 1.2);  // matching is worth something on such small wafers
}

}  // namespace
}  // namespace wordline::fab
