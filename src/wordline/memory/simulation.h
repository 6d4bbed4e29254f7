// A memory system inside somebody else's simulator: enqueue accesses, advance time, be told of completions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "wordline/dram/command.h"
#include "wordline/memory/access.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/result.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// All channels of a system, in ticks of its part's clock (System::module.part->clock gives seconds). Not for several
// threads at once; a simulator may hold as many as it likes.
class Simulation {
 public:
  using Callback = std::function<void(const Completion&)>;

  // The system must outlive the simulation. `reference`: the slow, obviously right controller.
  explicit Simulation(const System& system, Callback completed = {}, bool reference = false);
  ~Simulation();
  Simulation(Simulation&&) noexcept;
  Simulation& operator=(Simulation&&) noexcept;

  dram::Tick now() const;
  // Offers the access that holds the byte at `address` (modulo the capacity) at now(). False: the queue that it would
  // go to is full (back-pressure); offer it again after an advance. `priority` 0 to 15, higher goes first.
  bool enqueue(std::uint64_t address, bool write, std::uint64_t token = 0, std::uint8_t priority = 0);
  // Whether enqueue() would take it.
  bool has_room(std::uint64_t address, bool write) const;
  // Simulates everything before `until`, which becomes now(), and calls back for each access that finished by then, in
  // order of time; ties by channel, then by acceptance. Accesses enqueued from within a callback count from `until` on.
  void advance(dram::Tick until);
  // When the next of the completions that are already known happens, or the largest tick where none is known. All that
  // happen within lookahead() from now() are known, so a caller that reacts to completions advances to
  // min(next_completion(), now() + lookahead()) at most. (A read that a queued write answers is told late, never lost.)
  dram::Tick next_completion();
  // From a column command to its last data, at the least.
  dram::Tick lookahead() const;
  // Advances until nothing is left.
  void drain();
  // Accesses accepted and not yet completed.
  std::uint64_t outstanding() const;
  // Sums over all channels up to now().
  Result result() const;
  // Watches channel `c` from now on (null: nobody). The observer must outlive the simulation.
  void watch(int channel, Observer* observer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wordline::memory
