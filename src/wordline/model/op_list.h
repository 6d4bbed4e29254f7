// Collects the ops of a step; equal ones are counted together.
#pragma once

#include <string>
#include <vector>

#include "wordline/chip/kernels.h"
#include "wordline/model/ops.h"

namespace wordline::model {

// The ops of one deployment in the order in which they are added.
class OpList {
 public:
  explicit OpList(const Deployment& d) : d_(d) {}

  // An op that is there already, equal in all but its count, is counted on.
  void add(chip::Kernel kernel, int count);
  // Between the ranks of a group: `bytes` as cluster::Transfer counts them; nothing where the group is one chip.
  void add(const char* name, cluster::Collective collective, double bytes, int chips, int count);
  // rows x k activations, in the format in which `stored` is multiplied, times a matrix of n x k.
  void gemm(const char* name, std::int64_t rows, std::int64_t n, std::int64_t k, const Storage& stored, int count);
  // The kernel that quantises the input of such a product, rows of `width` numbers, where there is one: scales that are
  // fixed in the checkpoint need none unless the kernel before is also wanted in 16 bits (`also_wide`).
  void quantise(const char* name, std::int64_t rows, std::int64_t width, const Storage& stored, int count,
                bool also_wide = false);
  // The same kernel writing these numbers in the format of the next product's input, where that has fixed scales.
  chip::Kernel feeding(chip::Kernel kernel, double numbers, const Storage& stored) const;

  // The format in which inputs meet matrices stored so: their own, or 16 bits where inputs are not quantised or the
  // chip's engines lack the format; and the bytes of one number of it.
  chip::Dtype operands(const Storage& stored) const;
  double input_bytes(const Storage& stored) const;

  std::vector<Op> take() { return std::move(ops_); }

 private:
  void add(Op);

  const Deployment& d_;
  std::vector<Op> ops_;
};

}  // namespace wordline::model
