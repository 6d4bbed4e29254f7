// What a page policy is: when an open row that nobody waits for is closed.
#pragma once

#include <string>
#include <vector>

#include "wordline/memory/state.h"

namespace wordline::memory {

struct PagePolicy {
  // Whether the last column command of the last access to an open row closes it by auto-precharge.
  bool auto_precharge = false;
  // Whether rows that nobody waits for are closed some time after their last use.
  bool closes_idle = false;
  // Ticks from a row's last use to its closing, of banks where closes_idle.
  Tick (*idle_ticks)(const ChannelState& state, const Bank& bank) = nullptr;
  // Told of each activation before the bank takes the row, and of each closing; null where the policy learns nothing.
  void (*activated)(const ChannelState& state, Bank& bank, std::int32_t row) = nullptr;
};

// The policy of that name. Throws core::UsageError with the nearest name.
const PagePolicy& page_policy_named(const std::string& name);

namespace policy::page {

#define WORDLINE_POLICY(name) extern const PagePolicy name;
#include "wordline/memory/policy/page.inc"
#undef WORDLINE_POLICY

}  // namespace policy::page

}  // namespace wordline::memory
