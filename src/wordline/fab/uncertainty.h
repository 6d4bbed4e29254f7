// Numbers that are known only as ranges, and what an answer makes of them: all drawn at random, and each moved alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::fab {

// The file that states a number ("fab/stacks/hbm3-8h") and the key there ("dram.area"); empty for one that no file
// states.
struct Origin {
  std::string subject, path;
  bool operator==(const Origin&) const = default;
};

// A number with its range, as a model reads it: mid, until somebody moves it. Q is a quantity or double.
template <class Q>
class Ranged {
 public:
  Ranged() = default;
  Ranged(Q exact) : Ranged(core::exactly(exact)) {}
  Ranged(core::Range<Q> range, Origin stated = {})
      : origin(std::move(stated)), range_(range.map(base)), now_(range_.mid) {}
  operator Q() const { return Q(now_); }
  const core::Range<double>& range() const { return range_; }  // in base units, as `now` is
  double& now() { return now_; }

  Origin origin;

 private:
  static double base(Q x) {
    if constexpr (std::is_same_v<Q, double>)
      return x;
    else
      return x.value();
  }
  core::Range<double> range_;
  double now_ = 0;
};

// One input of a model: where it is stated, its range in base units, and where the model reads it. Two places that read
// one key of one file move together.
struct Input {
  Origin origin;
  core::Range<double> range;
  std::vector<double*> places;
  void set(double value) const {
    for (double* place : places) *place = value;
  }
};
using Inputs = std::vector<Input>;

// Adds a place to the input of its origin, which comes to be at the end where it is not there yet; numbers that no file
// states are left out.
template <class Q>
void add_input(Inputs& inputs, Ranged<Q>& place) {
  if (place.origin == Origin{}) return;
  for (Input& input : inputs)
    if (input.origin == place.origin) return input.places.push_back(&place.now());
  inputs.push_back({place.origin, place.range(), {&place.now()}});
}

// How values are drawn from low, mid (the most likely) and high.
enum class Distribution {
  triangular,  // by its inverse distribution function
  pert,        // Beta(1 + 4 (mid - low) / w, 1 + 4 (high - mid) / w) over the width w (Malcolm et al. 1959)
};
// "triangular" or "pert"; throws core::InputError with the nearest for any other.
Distribution distribution_of(const std::string& name);

// The answers at given values of the inputs, in the order of the ranges. Called from several threads at once.
using Answers = std::function<std::vector<double>(const std::vector<double>& values)>;

struct Drawing {
  std::size_t samples = 10000;
  std::uint64_t seed = 1;
  Distribution distribution = Distribution::pert;
  unsigned threads = 0;  // 0: all cores; the numbers do not depend on it
};

// The answers of each sample, [sample][answer]. Inputs are drawn independently of each other, sample i from stream i of
// the seed.
std::vector<std::vector<double>> draw(const std::vector<core::Range<double>>& ranges, const Drawing&, const Answers&);

// What one input does to an answer alone: at its low and its high end, all others at mid.
struct Swing {
  std::size_t input = 0;
  double at_low = 0, at_high = 0;
  double width() const { return at_low < at_high ? at_high - at_low : at_low - at_high; }
};
// For each input whose ends differ, the widest first (equal ones in the order of the ranges).
std::vector<Swing> tornado(const std::vector<core::Range<double>>& ranges,
                           const std::function<double(const std::vector<double>& values)>& answer);

}  // namespace wordline::fab
