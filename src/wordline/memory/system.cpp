#include "wordline/memory/system.h"

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/memory/policy/page/page.h"
#include "wordline/memory/policy/refresh/refresh.h"
#include "wordline/memory/policy/scheduler/scheduler.h"

namespace wordline::memory {

void Settings::check() const {
  const auto within = [](const char* name, int value, int low, int high) {
    if (value < low || value > high)
      throw core::UsageError(fmt::format("{}: found {}; wanted {} to {}", name, value, low, high));
  };
  within("read_queue", read_queue, 1, 1024);
  within("write_queue", write_queue, 1, 1024);
  within("write_high", write_high, 1, write_queue);
  within("write_low", write_low, 0, write_high - 1);
  within("age_cap_clocks", age_cap_clocks, 1, 1'000'000'000);
  within("page_timeout_clocks", page_timeout_clocks, 1, 1'000'000'000);
  within("postponed_refreshes", postponed_refreshes, 0, 64);
  within("pulled_in_refreshes", pulled_in_refreshes, 0, 64);
  if (access_bytes != 0) within("access_bytes", access_bytes, 8, 4096);
  scheduler_named(scheduler);
  page_policy_named(page);
  refresh_policy_named(refresh);
}

int System::bursts() const {
  const auto& geometry = module.part->standard.geometry;
  const int bursts = access_bytes() / geometry.burst_bytes;
  if (bursts < 1 || access_bytes() % geometry.burst_bytes != 0 || geometry.columns % bursts != 0)
    throw core::UsageError(fmt::format("access_bytes: found {}; wanted whole bursts of {} bytes that divide a row",
                                       access_bytes(), geometry.burst_bytes));
  return bursts;
}

System load_system(const core::Catalog& catalog, const std::string& module, int count, const core::Location& asked_at,
                   const dram::Modes& modes) {
  if (count < 1) throw core::UsageError(fmt::format("modules: found {}; wanted at least 1", count));
  return {.module = load_module(catalog, module, asked_at, modes), .count = count};
}

}  // namespace wordline::memory
