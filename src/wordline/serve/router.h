// The face of a router: which replica gets a request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wordline/serve/replica.h"
#include "wordline/serve/request.h"

namespace wordline::serve {

// The replicas as a router sees them when a request arrives.
class FleetView {
 public:
  virtual ~FleetView() = default;
  virtual std::size_t size() const = 0;
  virtual Load load(std::size_t replica) const = 0;
  // Requests that the replica works on at once at most.
  virtual std::int64_t seats(std::size_t replica) const = 0;
  // Prompt tokens of the request that the replica's prefix cache holds.
  virtual std::int64_t cached_tokens(std::size_t replica, const Request& request) const = 0;
};

// Chooses for one request after the other, in the order of arrival.
class Router {
 public:
  virtual ~Router() = default;
  // None: the request waits, first come first served, and is asked about again whenever a request has ended.
  virtual std::optional<std::size_t> choose(std::uint64_t id, const Request& request, const FleetView& fleet) = 0;
  // Whether it looks at the replicas at all: where not, they run independently of each other.
  virtual bool looks() const { return true; }
  // Whether it asks for cached_tokens().
  virtual bool asks_caches() const { return false; }
};

// The names that make_router takes: the files of policy/router.
std::vector<std::string> router_policies();
// Throws core::InputError with the nearest for an unknown name.
std::unique_ptr<Router> make_router(const std::string& policy, std::uint64_t seed);

}  // namespace wordline::serve
