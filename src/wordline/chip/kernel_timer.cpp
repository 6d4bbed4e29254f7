#include "wordline/chip/kernel_timer.h"

#include <algorithm>
#include <bit>

namespace wordline::chip {

KernelTimer::KernelTimer(Chip chip, Streams streams) : chip_(std::move(chip)), streams_(std::move(streams)) {}

const Streamed& KernelTimer::streamed(double reads, core::Bytes piece) {
  const std::uint64_t rounded = std::bit_floor(static_cast<std::uint64_t>(piece.value()));
  const auto it = known_.find({reads, rounded});
  if (it != known_.end()) return it->second;
  const Streamed fresh = streams_(chip_.memory, reads, core::bytes(static_cast<double>(rounded)));
  return known_.emplace(std::pair{reads, rounded}, fresh).first->second;
}

KernelCost KernelTimer::operator()(const Kernel& kernel) {
  KernelCost out;
  core::Seconds memory;
  core::Joules energy;
  const auto move = [&](core::Bytes amount, double reads, core::Bytes piece) {
    if (amount.value() <= 0) return;
    const Streamed& stream = streamed(reads, piece);
    memory += amount / stream.bandwidth;
    energy += amount * stream.energy;
  };
  const core::Bytes beside = std::min(kernel.read, kernel.written);
  move(kernel.written + beside, 0.5, {});
  move(kernel.read - beside, 1, {});
  move(kernel.paged, 1, kernel.page);

  out.launch = whole_ticks(chip_.launch);
  out.compute = whole_ticks(kernel.flops / chip_.rate(kernel.dtype).sustained());
  out.memory = whole_ticks(memory);
  const core::Seconds body = std::max(out.compute, out.memory);
  out.time = out.launch + body;
  out.bound = out.launch > body ? Bound::launch : out.compute > out.memory ? Bound::compute : Bound::memory;
  energy += chip_.idle * out.time + kernel.flops * chip_.energy(kernel.dtype);
  out.joules = whole_ticks(energy);
  return out;
}

}  // namespace wordline::chip
