#include "wordline/serve/request.h"

#include <numeric>

namespace wordline::serve {

std::int64_t Workload::prompt_tokens() const {
  return std::accumulate(requests.begin(), requests.end(), std::int64_t{0},
                         [](std::int64_t sum, const Request& r) { return sum + r.prompt_tokens; });
}

std::int64_t Workload::output_tokens() const {
  return std::accumulate(requests.begin(), requests.end(), std::int64_t{0},
                         [](std::int64_t sum, const Request& r) { return sum + r.output_tokens; });
}

core::Seconds Workload::span() const {
  return requests.empty() ? core::Seconds() : requests.back().arrival - requests.front().arrival;
}

}  // namespace wordline::serve
