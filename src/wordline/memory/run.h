// Runs a pattern through a memory system, channel by channel on threads, or all channels behind one injector.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/dram/trace.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/pattern.h"
#include "wordline/memory/result.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// How the accesses are offered. `split`: each data bus takes its own share of the pattern in order, as fast as its
// queues accept: the memory's own limit. `single`: one front end offers all accesses in order, at most 32 a clock and
// access i no earlier than clock i * gap, and waits at the first refusal. A pattern that paces itself (paced()) is
// always offered by one: an access with a gap comes that many clocks after the one before it was taken, a dependent one
// when the one before it is done and the module's own delay over.
enum class Injector { split, single };

struct RunOptions {
  Injector injector = Injector::split;
  std::uint64_t gap_clocks = 0;  // only of `single`
  unsigned threads = 0;          // of `split`; 0: all cores. The result does not depend on it.
  bool reference = false;        // the reference controller instead of the fast one: same commands, much slower
  // Where not null: receives every command, one trace a channel. Costs memory.
  std::vector<dram::CommandTrace>* commands = nullptr;
  // Where not empty and commands is null: one for each channel, or null. A channel's runs on its own thread.
  std::vector<Observer*> observers = {};
};

// Simulates the whole pattern to its last data beat. Every access that went in came out, or it throws std::logic_error.
Result run(const System& system, const Pattern& pattern, const RunOptions& options = {});

}  // namespace wordline::memory
