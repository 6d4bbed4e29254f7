// A replica's requests in flight, by small numbers that are used again.
#pragma once

#include <cstdint>

namespace wordline::serve {

// A request's place in its replica from its arrival to its end.
using Slot = std::uint32_t;

}  // namespace wordline::serve
