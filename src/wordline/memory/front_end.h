// The cores' side of a memory as the memory sees it: who loads, how much at once, in which order.
#pragma once

#include "wordline/core/units.h"

namespace wordline::memory {

// Loaders are alike. Each walks its own sequential streams in turn, `run_blocks` of one before the next, and has a
// window of `outstanding` blocks. Where `in_order`, the window begins at the oldest block that has not come back, as a
// core retires its loads in order; else what came back makes room at once, as independent threads do. A block that the
// memory refuses waits in front of it, in order of arrival. Stores hold back no load, but at most `stores` blocks of
// them are under way: a core's fill buffers, which a store occupies until its line has come.
struct FrontEnd {
  core::Seconds latency{};  // added to every read: caches, interconnect, PHY, there and back
  int loaders = 16;         // cores, or a GPU's multiprocessors
  int outstanding = 64;     // blocks of one loader's window: fill buffers and prefetches
  int stores = 0;           // blocks of its stores under way, read or waiting to be written; 0: as many
  bool in_order = true;
  int streams = 1;                    // sequential streams of one loader, served in turn
  int run_blocks = 1;                 // consecutive blocks that a stream is given before the next has its turn
  double page_bytes = 4096;           // contiguous in the memory; the pages of a stream lie at random places
  double stream_bytes = 4 << 20;      // length of a stream, which is walked again and again
  bool write_allocate = true;         // a store first reads its block, and the block is written back later
  double write_back_bytes = 1 << 20;  // how far behind the store: what the caches hold of it
};

}  // namespace wordline::memory
