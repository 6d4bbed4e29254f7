// Who asks for what, and when: the input of the serve room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::serve {

// One user's call: when it arrives, how many tokens it brings, and how many it is to be answered with (both at least
// 1).
struct Request {
  core::Seconds arrival;
  std::int32_t prompt_tokens = 1;
  std::int32_t output_tokens = 1;
  bool operator==(const Request&) const = default;
};

// Requests in order of arrival; a request's id is its place here, counted from 0.
struct Workload {
  std::string name;
  std::vector<Request> requests;

  std::int64_t prompt_tokens() const;
  std::int64_t output_tokens() const;
  // From the first arrival to the last; zero where there are fewer than two.
  core::Seconds span() const;
};

}  // namespace wordline::serve
