#include "wordline/fab/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wordline/core/error.h"
#include "wordline/fab/matching.h"
#include "wordline/fab/repair.h"

namespace wordline::fab {

namespace {

// A part of a stack after some tests: it works, or it is faulty and nobody knows; else it is known to be faulty.
struct Part {
  double works = 1, missed = 0;
  double known() const { return std::max(0.0, 1 - works - missed); }
};

// The part after a test that finds its faults with `coverage` and has the share `mended` of them repaired.
Part after(const Part& part, double coverage, double mended = 0) {
  const double found = part.missed * coverage;
  return {part.works + found * mended, part.missed - found};
}

using Parts = std::vector<Part>;

// The probability that no part is known to be faulty.
double none_known(const Parts& parts) {
  double all = 1;
  for (const Part& part : parts) all *= part.works + part.missed;
  return all;
}

// The probability that at most `spares` of the first `count` layers are known to be faulty, layer `without` left out.
double enough(const Parts& layers, std::size_t count, int spares, std::size_t without = SIZE_MAX) {
  std::vector<double> known(static_cast<std::size_t>(spares) + 1, 0);  // [k]: exactly k
  known[0] = 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == without) continue;
    const double k = layers[i].known();
    for (std::size_t n = known.size() - 1; n > 0; --n) known[n] = known[n] * (1 - k) + known[n - 1] * k;
    known[0] *= 1 - k;
  }
  double sum = 0;
  for (const double p : known) sum += p;
  return sum;
}

double choose(int n, int k) {
  double out = 1;
  for (int i = 1; i <= k; ++i) out = out * (n - k + i) / i;
  return out;
}

// The probability that the layers in use all work: with k known and u unknown faulty ones, `spares` - k of the others
// are left out at random, and all u must be among them.
double all_used_work(const Parts& layers, int spares) {
  const int s = spares;
  const auto at = [s](int k, int u) { return static_cast<std::size_t>(k * (s + 1) + u); };
  std::vector<double> p(at(s, s) + 1, 0);
  p[0] = 1;
  for (const Part& layer : layers)
    for (int k = s; k >= 0; --k)
      for (int u = s; u >= 0; --u)
        p[at(k, u)] = p[at(k, u)] * layer.works + (k > 0 ? p[at(k - 1, u)] * layer.known() : 0) +
                      (u > 0 ? p[at(k, u - 1)] * layer.missed : 0);
  const int n = static_cast<int>(layers.size());
  double sum = 0;
  for (int k = 0; k <= s; ++k)
    for (int u = 0; k + u <= s; ++u) sum += p[at(k, u)] * choose(s - k, u) / choose(n - k, u);
  return sum;
}

enum Purpose { dies, bases, bonding, die_tests, mid_tests, post_test, repair, finishing, final_test, purposes };
constexpr std::array<const char*, purposes> purpose_names = {"DRAM dies", "base die",       "bonding",
                                                             "die tests", "mid-bond tests", "post-bond test",
                                                             "repair",    "finishing",      "final test"};

// One flow, followed step by step: what is still worth going on with, and what has been spent.
class Walk {
 public:
  Walk(const StackDesign& design, const TestFlow& flow) : d_(design), whole_wafers_(d_.bonding == Bonding::w2w) {
    out_.flow = flow;
    out_.interface_yield = d_.bond_yield * tsv_yield(d_.tsvs);
  }

  StackResult result() {
    enter();
    stack();
    test_all();
    add_up();
    return out_;
  }

 private:
  // Dies and base as they come, tested or not.
  void enter() {
    const bool pre = out_.flow.pre;
    const auto n = static_cast<std::size_t>(d_.all_layers());
    out_.dram = pre ? tested(d_.dram.yield, d_.pre.coverage) : Tested{1, d_.dram.yield};
    out_.base = pre ? tested(d_.base.yield, d_.pre_base.coverage) : Tested{1, d_.base.yield};
    if (pre) {
      out_.steps.push_back({"die test", 1, out_.dram.yield});
      out_.steps.push_back({"base test", 1, out_.base.yield});
    }
    const double choice = whole_wafers_ ? 1 : out_.dram.yield, base_choice = whole_wafers_ ? 1 : out_.base.yield;
    die_cost_ = d_.dram.cost / choice;
    die_test_cost_ = pre ? d_.pre.cost / choice : core::Usd(0);
    spend(bases, d_.base.cost / base_choice);
    if (pre) spend(die_tests, d_.pre_base.cost / base_choice);
    dies_per_layer_ = 1 / choice;
    out_.bases_per_good = 1 / base_choice;

    const auto part = [&](const Tested& test, double looks_good) {
      return Part{looks_good * test.quality, looks_good * (1 - test.quality)};
    };
    fixed_.push_back(part(out_.base, whole_wafers_ ? out_.base.yield : 1));
    layers_.assign(n, part(out_.dram, whole_wafers_ ? out_.dram.yield : 1));
    if (whole_wafers_ && pre && d_.matched_wafers > 1) {
      double below = out_.base.yield;
      for (Part& layer : layers_) {
        const double both = matched_share(below, out_.dram.yield, d_.dies_per_wafer, d_.matched_wafers);
        layer = part(out_.dram, below > 0 ? both / below : 0);
        below = both;
      }
    }
    for (Part& layer : layers_) {  // what stacking breaks
      const double broken = layer.works * d_.damage;
      layer.works -= broken;
      layer.missed += broken;
    }
  }

  // Whole wafers are bonded to the end; otherwise nothing more is put on a stack that is known to be lost.
  void stack() {
    alive_ = none_known(fixed_);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const double before = alive_, placed = whole_wafers_ ? 1 : before;
      spend(dies, die_cost_ * placed);
      spend(die_tests, die_test_cost_ * placed);
      spend(bonding, d_.bond_cost * placed);
      out_.dies_per_good += dies_per_layer_ * placed;
      out_.bonds_per_good += placed;
      fixed_.push_back({out_.interface_yield, 1 - out_.interface_yield});
      if (out_.flow.mid && i + 1 < layers_.size()) {
        const double reached = none_known(fixed_) * enough(layers_, i + 1, d_.spare_layers);
        spend(mid_tests, d_.mid.cost * reached);
        fixed_.back() = after(fixed_.back(), d_.mid.coverage);
        if (i == 0) fixed_.front() = after(fixed_.front(), d_.mid.coverage);
        pay_repair(i, i + 1, d_.mid);
        layers_[i] = after(layers_[i], d_.mid.coverage, d_.repairable);
      }
      alive_ = none_known(fixed_) * enough(layers_, i + 1, d_.spare_layers);
      out_.steps.push_back({fmt::format("bond {}", i + 1), before, before > 0 ? alive_ / before : 0});
    }
  }

  // Layer i of the first `count` comes to a test: repair is tried where it is found faulty, and base and interfaces
  // passed.
  void pay_repair(std::size_t i, std::size_t count, const Test& test) {
    const double alive = none_known(fixed_) * enough(layers_, count, d_.spare_layers, i);
    spend(repair, d_.repair_cost * (alive * layers_[i].missed * test.coverage));
  }

  // A test of everything that is there.
  void test_everything(const Test& test, Purpose purpose, const char* name) {
    const double before = alive_;
    spend(purpose, test.cost * before);
    for (Part& part : fixed_) part = after(part, test.coverage);
    for (std::size_t i = 0; i < layers_.size(); ++i) pay_repair(i, layers_.size(), test);
    for (Part& layer : layers_) layer = after(layer, test.coverage, d_.repairable);
    alive_ = none_known(fixed_) * enough(layers_, layers_.size(), d_.spare_layers);
    out_.steps.push_back({name, before, before > 0 ? alive_ / before : 0});
  }

  void test_all() {
    if (out_.flow.post) test_everything(d_.post, post_test, "post-bond test");
    spend(finishing, d_.finish_cost * alive_);
    fixed_.push_back({d_.finish_yield, 1 - d_.finish_yield});
    test_everything(d_.final, final_test, "final test");
  }

  // What each purpose takes where nothing fails.
  std::array<core::Usd, purposes> ideal() const {
    const double n = d_.all_layers();
    const auto& flow = out_.flow;
    std::array<core::Usd, purposes> ideal{};
    ideal[dies] = d_.dram.cost * n;
    ideal[bases] = d_.base.cost;
    ideal[bonding] = d_.bond_cost * n;
    if (flow.pre) ideal[die_tests] = d_.pre.cost * n + d_.pre_base.cost;
    if (flow.mid) ideal[mid_tests] = d_.mid.cost * (n - 1);
    if (flow.post) ideal[post_test] = d_.post.cost;
    ideal[finishing] = d_.finish_cost;
    ideal[final_test] = d_.final.cost;
    return ideal;
  }

  void add_up() {
    out_.shipped = alive_;
    out_.good = all_used_work(layers_, d_.spare_layers);
    for (const Part& part : fixed_) out_.good *= part.works;
    out_.escapes = alive_ > 0 ? std::max(0.0, 1 - out_.good / alive_) : 0;
    const auto best = ideal();
    core::Usd all;
    for (std::size_t i = 0; i < purposes; ++i) {
      all += spent_[i];
      const core::Usd lost = spent_[i] / out_.good - best[i];
      if (spent_[i].value() > 0) out_.lines.push_back({purpose_names[i], best[i], std::max(lost, core::Usd(0))});
    }
    out_.cost_per_good = all / out_.good;
    out_.cost_per_shipped = all / out_.shipped;
    out_.cost_per_byte = out_.cost_per_good / (d_.die_capacity * static_cast<double>(d_.layers));
    out_.objective = out_.cost_per_good + d_.escape_cost * ((out_.shipped - out_.good) / out_.good);
    for (double* count : {&out_.dies_per_good, &out_.bases_per_good, &out_.bonds_per_good}) *count /= out_.good;
  }

  void spend(Purpose purpose, core::Usd amount) { spent_[purpose] += amount; }

  const StackDesign& d_;
  const bool whole_wafers_;
  StackResult out_;
  Parts fixed_, layers_;  // base, interfaces and finishing, of which none may fail; the DRAM dies
  core::Usd die_cost_, die_test_cost_;
  double dies_per_layer_ = 1;
  double alive_ = 1;  // probability that the stack is not known to be lost
  std::array<core::Usd, purposes> spent_{};
};

void must(bool holds, const char* what, double found, const char* wanted) {
  if (!holds) throw core::InputError({}, fmt::format("{} {}", what, found), wanted);
}

}  // namespace

Tested tested(double yield, double coverage) {
  const double passes = 1 - (1 - yield) * coverage;
  return {passes, passes > 0 ? yield / passes : 0};
}

Bonding bonding_of(const std::string& name) {
  for (const Bonding each : {Bonding::w2w, Bonding::d2w, Bonding::d2d})
    if (name == name_of(each)) return each;
  throw core::InputError({}, "the bonding \"" + name + "\"", "w2w, d2w or d2d",
                         core::nearest_name(name, {"w2w", "d2w", "d2d"}));
}

const char* name_of(Bonding bonding) {
  return bonding == Bonding::w2w ? "w2w" : bonding == Bonding::d2w ? "d2w" : "d2d";
}

double tsv_yield(const Tsvs& tsvs) {
  return std::pow(at_least(tsvs.signals, tsvs.signals + tsvs.spares, 1 - tsvs.failure), tsvs.groups);
}

std::string name_of(const TestFlow& flow) {
  std::string name;
  for (const auto& [on, word] : {std::pair{flow.pre, "pre"}, {flow.mid, "mid"}, {flow.post, "post"}})
    if (on) name += (name.empty() ? "" : "+") + std::string(word);
  return name.empty() ? "final test alone" : name;
}

std::vector<TestFlow> test_flows() {
  std::vector<TestFlow> all;
  for (const bool pre : {false, true})
    for (const bool mid : {false, true})
      for (const bool post : {false, true}) all.push_back({pre, mid, post});
  return all;
}

void check(const StackDesign& d) {
  must(d.layers >= 1 && d.layers <= 64, "a stack of dies:", d.layers, "1 to 64");
  must(d.spare_layers >= 0 && d.spare_layers <= 16, "spare layers:", d.spare_layers, "0 to 16");
  for (const auto& [what, share] : {std::pair{"the yield of the DRAM die", d.dram.yield},
                                    {"the yield of the base die", d.base.yield},
                                    {"the yield of a bond", d.bond_yield},
                                    {"the yield of finishing", d.finish_yield},
                                    {"the yield of an interface's vias", tsv_yield(d.tsvs)}})
    must(share > 0 && share <= 1, what, share, "a share above 0, up to 1");
  for (const auto& [what, share] : {std::pair{"the coverage of the die test", d.pre.coverage},
                                    {"the coverage of the base test", d.pre_base.coverage},
                                    {"the coverage of the mid-bond test", d.mid.coverage},
                                    {"the coverage of the post-bond test", d.post.coverage},
                                    {"the coverage of the final test", d.final.coverage},
                                    {"the share that can be repaired", d.repairable},
                                    {"the failure of a via", d.tsvs.failure}})
    must(share >= 0 && share <= 1, what, share, "a share from 0 to 1");
  must(d.damage >= 0 && d.damage < 1, "the share that stacking breaks", d.damage, "a share from 0, below 1");
  must(d.tsvs.groups >= 0 && d.tsvs.signals >= 0 && d.tsvs.spares >= 0, "the vias of a group",
       std::min({d.tsvs.groups, d.tsvs.signals, d.tsvs.spares}), "0 or more");
  must(d.matched_wafers >= 1, "matched wafers:", d.matched_wafers, "1 or more");
  if (d.matched_wafers > 1) {
    must(d.spare_layers == 0, "spare layers:", d.spare_layers, "none where wafers are matched");
    must(d.dies_per_wafer >= 1, "dies per wafer:", d.dies_per_wafer, "1 or more where wafers are matched");
  }
}

StackResult stack_of(const StackDesign& design, const TestFlow& flow) {
  check(design);
  return Walk(design, flow).result();
}

std::vector<StackResult> best_flows(const StackDesign& design) {
  std::vector<StackResult> all;
  for (const TestFlow& flow : test_flows()) all.push_back(stack_of(design, flow));
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.objective < b.objective; });
  return all;
}

}  // namespace wordline::fab
