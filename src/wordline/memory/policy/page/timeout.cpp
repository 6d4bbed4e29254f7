// A row is closed once it has not been used for a set time.
#include "wordline/memory/policy/page/page.h"

namespace wordline::memory::policy::page {

namespace {

Tick idle_ticks(const ChannelState& state, const Bank&) { return state.page_timeout; }

}  // namespace

const PagePolicy timeout{.closes_idle = true, .idle_ticks = idle_ticks};

}  // namespace wordline::memory::policy::page
