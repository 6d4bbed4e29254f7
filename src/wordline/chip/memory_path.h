// The way from the cores to the DRAM: how fast bytes come for an access pattern and for so many under way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "wordline/chip/chip.h"
#include "wordline/core/files.h"

namespace wordline::chip {

// What a memory gives to one access pattern at one load.
struct Streamed {
  core::BytesPerSecond bandwidth;
  core::JoulesPerByte energy;  // above the memory's idle power, which the chip's includes
  core::Seconds latency;       // of a read: from the queue to the last data
};

// A memory's answer for a share of reads (0..1), the contiguous bytes of a piece (0: long runs) and the load offered
// as a share of the peak (1: all it can do).
using Streams = std::function<Streamed(const Memory&, double reads, core::Bytes piece, double load)>;
// Asks the cycle simulation of `memory`, or the cache.
Streams simulated(core::Cache cache = {});

// Remembers what it asked the memory for. Not thread-safe; one a thread.
class MemoryPath {
 public:
  MemoryPath(const Chip& chip, Streams streams);

  // Saturated bandwidth and energy of a pattern; the piece is rounded down to a power of two.
  const Streamed& streamed(double reads, double piece);
  // Bytes per second with at most `in_flight` bytes under way (0: without limit): the load at which the loaded latency,
  // the load path's included, is in_flight / bandwidth (Little's law).
  double bandwidth(double reads, double piece, double in_flight) {
    return bandwidth(streamed(reads, piece), in_flight);
  }
  // The same of a pattern that was looked up.
  double bandwidth(const Streamed& pattern, double in_flight);
  // Seconds that a mixed amount takes: written bytes run with as many read ones, at the bandwidth of half reads; the
  // reads that are left at that of pure reads; paged ones at that of pieces of `page` bytes. All of it alone.
  double seconds(double read, double written, double paged, double page);
  // The same amounts' energy in joules, above idle.
  double joules(double read, double written, double paged, double page);
  // Latency of a lone read, the load path's included.
  double unloaded_latency();

 private:
  struct Point {
    double bandwidth, in_flight;
  };
  // One pattern that was asked for, its piece rounded.
  struct Known {
    double reads;
    std::uint64_t piece;
    Streamed streamed;
  };
  const std::vector<Point>& curve();  // of pure reads in long runs, growing

  Memory memory_;
  double path_latency_;
  Streams streams_;
  std::deque<Known> known_;  // a handful: looked through from the front; what it holds stays where it is
  std::vector<Point> curve_;
  double unloaded_ = 0;
};

}  // namespace wordline::chip
