// A chip as its catalogue file states it: cores and engines, on-chip memories, load path, DRAM, link port, power,
// price.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/chip/memory.h"
#include "wordline/core/catalog.h"
#include "wordline/core/units.h"

namespace wordline::chip {

class MeasuredTimes;

// How fast the matrix engines multiply one number format, dense.
struct MatrixRate {
  core::FlopsPerSecond peak;
  double best_achieved = 1;  // share of peak that the best known matrix product reaches; 1 where nobody published one
  core::JoulesPerFlop energy{};  // of one operation at the full clock, its operands' way included; 0: not measured
  // What a large kernel can count on at best.
  core::FlopsPerSecond sustained() const { return peak * best_achieved; }
};

// The equal parts that each work on their own tile: multiprocessors, NeuronCores, matrix engines, CPU cores.
struct Cores {
  int count = 1;
  core::Hertz clock;                      // at which the peaks hold
  core::Hertz clock_under_load;           // that a long matrix product keeps within the power limit
  core::Bytes scratch;                    // of one core, for operands: shared memory, SBUF, L2 of a CPU core
  core::Bytes accumulator;                // of one core, for results: register file, PSUM, tile registers
  int array_rows = 0, array_columns = 0;  // of one core's matrix engine: the block it multiplies in one pass
};

// On-chip memory that all cores share: L2, MALL, L3, shared SRAM. Size 0: there is none.
struct SharedCache {
  core::Bytes size;
  core::BytesPerSecond bandwidth;  // to all cores together
};

// How a core fetches: loads, TMA or DMA.
struct LoadPath {
  core::Seconds latency;           // from the request to the data beyond the DRAM's own: caches, interconnect
  core::Seconds start_up;          // of one transfer, where descriptors are processed one by one; 0 for loads
  core::BytesPerSecond bandwidth;  // of one core: its port to the shared cache, or its DMA queues together; 0: no limit
  int multicast = 1;               // cores that share one fetch of an operand tile (TMA multicast)
  core::Bytes granule;             // least that is moved
  core::Bytes in_flight;           // under way for one core at most; 0: as much as the DRAM can take
  int transfers = 1;               // under way for one core at once, where there is a start_up
};

// Of 80 % of the measured transfers below so many bytes, the measured time is low..high times the predicted one.
struct TransferBand {
  core::Bytes below;
  double low = 1, high = 1;
};

// The port by which a chip joins others of its kind.
struct Port {
  core::BytesPerSecond bandwidth;     // all links of one chip together, one direction
  core::Seconds latency;              // of one hop, software of the collective included
  int largest_group = 1;              // chips that the port can join
  std::string topology = "none";      // all-to-all, ring, torus or none
  bool switched = false;              // all links lead to switches: the whole bandwidth can go to one peer
  bool in_network_reduction = false;  // the switches add up what passes (NVLink SHARP)
  bool peer_access = true;  // chips read each other's memory; else all passes through the host's, in copies of NCCL
  // Of the collective library, a file of catalog/collectives; "": none is known, and the values below stay.
  std::string library;
  double bandwidth_share = 1;       // of `bandwidth` that its protocols reach
  core::Seconds start;              // of its lightest kernel, up to the first hop
  std::vector<TransferBand> bands;  // by size; none: not measured
  core::JoulesPerByte energy{};     // of a byte from one chip's pins to another's, both ends; 0: not stated
};

// What a chip costs to have; absent where it cannot be rented or bought.
struct Price {
  std::optional<core::Range<core::UsdPerHour>> rent;
  std::optional<core::Range<core::Usd>> buy;
};

// 80 % of the measured kernels of a kind whose predicted time is below `below` took low..high times that.
struct Band {
  core::Seconds below;
  double low = 1, high = 1;
};

// Immutable spec of a chip, everything from its one file.
struct Chip {
  std::string name;                 // catalogue name, "h100-sxm"
  std::string title;                // "NVIDIA H100 SXM"
  std::string engine = "roofline";  // engine kind, a file of policy/engine: gpu, systolic, cpu, roofline
  std::string library;              // kernel library, a file of catalog/libraries; "": none
  std::map<std::string, double>
      constants;                          // of the engine kind, from catalog/engines; [constants] of the file replaces
  std::map<std::string, double> factors;  // of the kernel library; [factors] of the file replaces
  std::map<Dtype, MatrixRate> engines;
  core::FlopsPerSecond vector;        // peak of the other arithmetic units in 32 bits; 0: not stated
  core::FlopsPerSecond exponentials;  // rate of the exponential function, one a flop; 0: not stated
  Cores cores;
  SharedCache cache;
  LoadPath load;
  Memory memory;
  core::Seconds launch;  // from one kernel's end to the next one's work, when kernels are queued ahead
  std::map<std::string, std::vector<Band>>
      bands;                                     // by kind of kernel (kind_of), from catalog/bands; the last has no end
  std::shared_ptr<const MeasuredTimes> profile;  // measured times, which go before the model's; null: none
  Port port;
  core::Watts tdp;              // sustained at most: a chip lowers its clocks rather than draw more
  bool tdp_with_memory = true;  // the DRAM's power is in it
  core::Watts idle;  // waiting for work, with a program on it and its clocks on; DRAM included, refreshed, not accessed
  core::Watts running;                // while kernels run, before anything is moved or computed; 0: as idle
  core::JoulesPerByte fabric_energy;  // of a byte between the DRAM and the shared cache, the DRAM's own not in it
  core::JoulesPerByte cache_energy;   // of a byte between the shared cache and a core's registers
  Price price;

  // Whether the engines multiply this format; where not, its operands are widened to bf16 on the way.
  bool computes(Dtype) const;
  // The rate at which operands of this format are multiplied: its own, or bf16's where the engines lack it.
  const MatrixRate& rate(Dtype) const;
  // The least drawn while kernels run.
  core::Watts awake() const { return std::max(idle, running); }
  // Energy of one matrix operation: as measured; where nobody did, a sustained product in this format draws what of the
  // TDP a kernel that does nothing leaves.
  core::JoulesPerFlop energy(Dtype) const;
  // Energy of one operation of the other units: all of them at work draw the same. 0 where their rate is not stated.
  core::JoulesPerFlop vector_energy() const;
};

// Reads catalog/chips/<name>.toml; unknown names and wrong values throw core::InputError with file, line and column.
Chip load(const core::Catalog&, const std::string& name, const core::Location& asked_at = {});

// The same chip with the kernels of another library of catalog/libraries.
Chip with_library(Chip, const core::Catalog&, const std::string& library, const core::Location& asked_at = {});
// The same chip with the bandwidth, latency and energy of other modules; its controllers and the capacity stay.
Chip with_memory_speed(Chip, const core::Catalog&, const std::string& module, int count);
// The same chip with another capacity; the bandwidth stays.
Chip with_memory_capacity(Chip, core::Bytes capacity);
// The same chip with other modules altogether; `capacity` as software sees it, the modules' own where left out.
Chip with_memory(Chip, const core::Catalog&, const std::string& module, int count,
                 std::optional<core::Bytes> capacity = {});

}  // namespace wordline::chip
