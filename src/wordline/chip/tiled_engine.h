// What engine kinds have in common whose cores multiply blocks held on the chip: each kind adds its matrix engine.
#pragma once

#include <optional>
#include <vector>

#include "wordline/chip/engine.h"
#include "wordline/chip/tiling.h"

namespace wordline::chip {

// Time = launch + filling + the longest of matrix engines, other arithmetic, on-chip memory and DRAM, for the cut over
// the cores and the blocks that make it shortest. Activations that fit into half of the on-chip memory come from the
// kernel before and stay for the next; weights and cached keys and values come from DRAM, the weights of a warm kernel
// only where all its data exceeds a shared cache.
class TiledEngine : public Engine {
 public:
  // `scratch`: bytes of operand memory that each core has for itself, 0 where all share one.
  TiledEngine(const Chip&, double scratch);
  Timing time(const Kernel&, MemoryPath&, Residency) const final;

 protected:
  // Seconds of one core's matrix engine for (m x k) with (k x n), operands on the chip, in steady state.
  virtual double array_seconds(double m, double n, double k, Dtype operands) const = 0;
  // From the first operand in to the last result out, where nothing else hides it.
  virtual double fill_seconds() const = 0;
  // Operations of the other units to widen one number before it is multiplied.
  virtual double widening_operations() const = 0;
  // Operations of the other units to take results of a product out of the matrix engine, one core's block.
  virtual double draining_operations(const Product& block) const = 0;
  // Matrix-engine seconds a prefill tile costs besides its two products: rows of queries over so many keys.
  virtual double rearranging_seconds(double rows, double keys, Dtype operands) const = 0;
  // Of a decode step, one core's scores of so many queries over so many keys each, where the softmax waits for the last
  // key and the values wait for the softmax; 0 where it goes along with them.
  virtual double waiting_softmax_seconds(double queries, double keys) const {
    (void)queries, (void)keys;
    return 0;
  }
  // Bytes in one run that a core fetches from DRAM by itself; 0: long runs.
  virtual double run_bytes() const { return 0; }
  // Bytes that one attention score moves through the shared on-chip memory between its two products.
  virtual double score_bytes() const = 0;

  const Chip& chip() const { return chip_; }
  const MatrixRate& rate(Dtype dtype) const { return rates_[dtype]; }  // the chip's

 private:
  // What one way to carry out a kernel takes. `seconds` is all but the launch.
  struct Way {
    double seconds = 0, tensor = 0, vector = 0, l2 = 0;
    double after = 0;  // of `seconds`, what nothing overlaps: gathering partial results
    Traffic traffic;
    DramTime dram;
  };
  Way finished(Way, MemoryPath&, double busiest, double fetched, double transfer, int cores, double extra) const;
  // A way's bytes as cores fetch them: in runs of their own, in pieces no longer than matters.
  Traffic fetched_in_runs(Traffic) const;
  // Until the first operand is there, of a kernel that reads from DRAM (`far`) or does not.
  double first_seconds(MemoryPath&, bool far) const;
  // What all cuts of a product have in common: bytes that the shared memory fetches, activations in and out.
  struct Whole {
    Fetched fetched;
    double input = 0, output = 0;
    bool hot = false;  // all of it lies in the shared cache already
  };
  // Nothing where one of its parts alone takes `limit` seconds.
  std::optional<Way> cut(const Product&, const Whole&, const CoreSplit&, MemoryPath&, double limit) const;
  Way product(const Product&, MemoryPath&, Residency) const;
  Way work(const Movement&, MemoryPath&, Residency) const;
  Way work(const Gemm&, MemoryPath&, Residency) const;
  Way work(const Experts&, MemoryPath&, Residency) const;
  Way work(const PrefillAttention&, MemoryPath&, Residency) const;
  Way work(const DecodeAttention&, MemoryPath&, Residency) const;

  double vector_seconds(double operations) const;  // one core's
  double softmax_seconds(double scores) const;     // one core's
  double shared_seconds(double bytes) const;       // of all cores through the shared cache
  double spilled(double bytes) const;              // of activations: what the on-chip memory does not keep

  Chip chip_;
  ByDtype<MatrixRate> rates_;
  std::vector<CoreSplit> splits_;
  double scratch_ = 0;  // bytes of one core's own memory for operands, half of it: the other half is being filled
  double kept_ = 0;     // the same of all on-chip memory
};

}  // namespace wordline::chip
