// Dates and times of day as traces write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wordline::serve {

// "2023-11-16 18:15:46.6805900" (a 'T' between date and time, up to nine fractional digits and a final 'Z' or "+00:00"
// are accepted) as nanoseconds since 1970-01-01; nullopt where it is something else.
std::optional<std::int64_t> timestamp_ns(std::string_view text);

}  // namespace wordline::serve
