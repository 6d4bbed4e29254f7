// Requests one after the other, however many: what a simulation of millions reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "wordline/serve/request.h"

namespace wordline::serve {

// Gives requests in order of `arrival`. A session's requests come in their order.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  // The next request, or none after the last.
  virtual std::optional<Request> next() = 0;
  // How many there are in all; 0: not known beforehand.
  virtual std::uint64_t count() const = 0;
  // Whether some may wait for an answer (think 0 or above).
  virtual bool waits() const { return true; }
  // Where the source is a closed loop: its sessions, all of whose requests but the first wait for an answer. 0: not so.
  virtual std::uint64_t users() const { return 0; }
};

// The requests of a workload, which must outlive the source.
std::unique_ptr<RequestSource> source_of(const Workload& workload);

}  // namespace wordline::serve
