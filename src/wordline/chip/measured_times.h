// Times that kernels were measured to take on one chip, looked up by shape: what a chip's `profile` holds.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wordline/chip/kernel.h"

namespace wordline::chip {

// One measured kernel, cold, as in a model's step; its time in seconds.
struct MeasuredTime {
  Kernel kernel;
  double seconds = 0;
};

// A piecewise linear function of one variable.
class Line {
 public:
  void add(double x, double y) { points_[x] = y; }
  bool empty() const { return points_.empty(); }
  // The nearest x within the points, and the value there.
  double nearest(double x) const;
  double at(double x) const;

 private:
  std::map<double, double> points_;
};

// A piecewise multilinear function on a grid of one to four variables.
class Grid {
 public:
  // The largest set of grid lines, found by leaving out the emptiest line in turn, on which every point is known.
  explicit Grid(const std::map<std::vector<double>, double>& points);
  bool empty() const { return values_.empty(); }
  // The nearest point within the grid, and the value there.
  std::vector<double> nearest(std::vector<double> x) const;
  double at(const std::vector<double>& x) const;

 private:
  std::vector<std::vector<double>> lines_;  // of each variable, growing
  std::vector<double> values_;              // the last variable runs fastest
};

// The times of one chip. A kernel is in the profile where it has measured neighbours:
//   products     of the same n, k and formats: linear in m
//   movements    of the same name: linear in the bytes that they move
//   attention    of the same heads and formats: multilinear in the tokens of a chunk, what is cached of it, the
//                sequences that decode and what is cached of each; separately for chunks alone, decoding alone, both
// Beyond the first and last measured point the model's time is taken in the proportion in which it is off at that
// point; likewise several chunks are taken for one of as many tokens and pairs.
class MeasuredTimes {
 public:
  MeasuredTimes() = default;
  explicit MeasuredTimes(const std::vector<MeasuredTime>&);
  // Seconds; nullopt for a kernel that has no measured neighbours. `model` gives the model's seconds for a kernel.
  std::optional<double> seconds(const Kernel&, const std::function<double(const Kernel&)>& model) const;

 private:
  using Key = std::vector<std::int64_t>;
  std::map<Key, Line> products_;
  std::map<std::string, Line> movements_;
  std::map<Key, Grid> decodes_, prefills_, mixed_;
};

// A profile as CSV: kernel,dtype,n,k,heads,kv_heads,head_dim,tokens,context,sequences,sequence_context,bytes,us. What a
// kind does not need is empty: products have n, k and tokens (m); movements their name and bytes; attention the rest.
std::string profile_csv(const std::vector<MeasuredTime>&);
// Reads one; throws core::InputError with file, line and column for what it cannot use.
std::vector<MeasuredTime> read_profile(const std::filesystem::path&);

}  // namespace wordline::chip
