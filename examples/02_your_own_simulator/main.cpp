// Four cores miss their caches into one HBM3 stack: enqueue, advance, completion callback, back-pressure.
#include <wordline/core/catalog.h>
#include <wordline/memory/simulation.h>

#include <cstdint>
#include <cstdio>
#include <vector>

using namespace wordline;

// A core keeps up to 64 misses in flight, at random addresses; every fourth is a write-back.
struct Core {
  static constexpr int most_in_flight = 64;
  static constexpr std::uint64_t misses = 20'000;
  std::uint64_t state, sent = 0;
  int in_flight = 0;

  bool wants() const { return sent < misses && in_flight < most_in_flight; }
  std::uint64_t address() const { return (state >> 20) * 64; }
  bool write() const { return sent % 4 == 3; }
  void taken() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    ++sent, ++in_flight;
  }
};

int main() {
  const core::Catalog catalog = core::Catalog::open();
  memory::System system = memory::load_system(catalog, "hbm3-6400-8h-16gb");
  system.settings.read_queue = 4;  // of each pseudo-channel
  const core::Clock& clock = system.module.part->clock;

  std::vector<Core> cores{{1}, {2}, {3}, {4}};
  std::uint64_t done = 0, reads = 0, refused = 0;
  dram::Tick waited = 0;
  memory::Simulation memory(system, [&](const memory::Completion& completion) {
    --cores[completion.token].in_flight;  // the token is ours: here, whose access it was
    ++done;
    if (completion.write) return;
    ++reads;
    waited += completion.finished - completion.accepted;
  });

  while (done < cores.size() * Core::misses) {
    for (std::uint64_t c = 0; c < cores.size(); ++c)
      while (cores[c].wants()) {
        if (!memory.enqueue(cores[c].address(), cores[c].write(), c)) {  // its queue is full: again in the next clock
          ++refused;
          break;
        }
        cores[c].taken();
      }
    memory.advance(memory.now() + system.module.part->standard.ticks_per_clock);  // calls back for what finished
  }
  const double seconds = clock.time_of(memory.now()).value(), latency = clock.time_of(waited).value();
  std::printf("%llu accesses, %.0f GB/s, reads after %.0f ns, %s\n", static_cast<unsigned long long>(done),
              static_cast<double>(done) * 64 / seconds / 1e9, latency / static_cast<double>(reads) * 1e9,
              refused ? "some were refused at first" : "none was refused");
}
