// A timeout that each bank learns: a row that had to be opened again was closed too early, so the timeout doubles; one
// that an access had to close was open too long, so it halves. From 1/16 to 16 times the set time.
#include <algorithm>

#include "wordline/memory/policy/page/page.h"

namespace wordline::memory::policy::page {

namespace {

Tick idle_ticks(const ChannelState&, const Bank& bank) { return bank.timeout; }

void activated(const ChannelState& state, Bank& bank, std::int32_t row) {
  if (bank.closed_row == row)
    bank.timeout = std::min(2 * bank.timeout, 16 * state.page_timeout);
  else if (bank.closed_row == Bank::closed)
    bank.timeout = std::max(bank.timeout / 2, std::max<Tick>(1, state.page_timeout / 16));
}

}  // namespace

const PagePolicy adaptive{.closes_idle = true, .idle_ticks = idle_ticks, .activated = activated};

}  // namespace wordline::memory::policy::page
