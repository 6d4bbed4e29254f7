// Times kernels on one chip: time, what bounds it, joules, and an error band.
#pragma once

#include <memory>
#include <unordered_map>

#include "wordline/chip/engine.h"
#include "wordline/chip/power.h"

namespace wordline::chip {

// Asks the chip's engine kind, but for kernels in the chip's profile where caches are cold; products and experts, whose
// tilings are searched, once for each shape. Not thread-safe; copies are cheap, one a thread.
class KernelTimer {
 public:
  explicit KernelTimer(Chip chip, Streams streams = simulated(), Residency residency = Residency::cold);
  KernelCost operator()(const Kernel&);
  const Chip& chip() const { return *chip_; }
  MemoryPath& memory() { return path_; }
  Residency residency() const { return residency_; }

 private:
  KernelCost fresh(const Kernel&);

  struct Hash {
    std::size_t operator()(const decltype(Kernel::work)&) const;
  };
  std::shared_ptr<const Chip> chip_;
  std::shared_ptr<const Engine> engine_;
  MemoryPath path_;
  Residency residency_;
  PowerMeter meter_;
  std::vector<const std::vector<Band>*> bands_;  // of the chip, by kind of kernel; null where it has none
  std::unordered_map<decltype(Kernel::work), KernelCost, Hash> known_;
};

}  // namespace wordline::chip
