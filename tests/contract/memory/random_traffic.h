// Traffic and settings drawn from a seed, for tests that compare controllers.
#pragma once

#include <algorithm>
#include <vector>

#include "wordline/core/random.h"
#include "wordline/memory/policies.h"
#include "wordline/memory/system.h"

namespace wordline::memory::testing {

// Random traffic for one channel: bursts and lulls, few or many rows, reads and writes, all drawn from the seed.
struct RandomTraffic {
  explicit RandomTraffic(std::uint64_t seed) : random(seed) {
    rows = static_cast<std::int32_t>(1 + random.below(6));
    banks = static_cast<std::int32_t>(1 + random.below(64));
    reads = random.uniform() < 0.3 ? 1.0 : random.uniform();
    lull = random.below(400);
    priorities = random.below(2) == 0;
    columns = 1 + random.below(1024);
  }
  Access next(const dram::Geometry& geometry, int bursts) {
    const auto column = static_cast<std::int32_t>(
        random.below(std::min(columns, static_cast<std::uint64_t>(geometry.columns / bursts))));
    const auto priority = static_cast<std::uint8_t>(random.below(16) == 0 ? random.below(4) : 0);
    return {
        .bank = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(std::min(banks, geometry.banks())))) *
                std::max(1, geometry.banks() / banks) % geometry.banks(),
        .row = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(rows))),
        .column = column * bursts,
        .write = random.uniform() >= reads,
        .priority = priorities ? priority : std::uint8_t{0}};
  }
  core::Random random;
  std::int32_t rows, banks;
  double reads;
  std::uint64_t lull, columns;
  bool priorities;
};

template <class T>
const T& one_of(core::Random& draw, const std::vector<T>& all) {
  return all[static_cast<std::size_t>(draw.below(all.size()))];
}

// Queue sizes, age cap and policies.
inline void draw_settings(System& system, core::Random& draw) {
  Settings& s = system.settings;
  s.age_cap_clocks = draw.below(2) ? 4000 : static_cast<int>(100 + draw.below(500));
  s.read_queue = static_cast<int>(4 + draw.below(61));
  s.write_queue = static_cast<int>(4 + draw.below(61));
  s.write_high = s.write_queue * 3 / 4;
  s.write_low = s.write_high / 3;
  s.scheduler = one_of(draw, scheduler_names());
  s.page = one_of(draw, page_policy_names());
  s.page_timeout_clocks = static_cast<int>(20 + draw.below(400));
  s.refresh = one_of(draw, refresh_policy_names());
  const bool banks_alone = system.module.part->standard.usual.ref_bank != dram::no_command;  // not in DDR4
  if (s.refresh == "per-bank" && !banks_alone) s.refresh = "all-bank";
  s.postponed_refreshes = static_cast<int>(draw.below(5));
  s.pulled_in_refreshes = static_cast<int>(draw.below(3));
}

}  // namespace wordline::memory::testing
