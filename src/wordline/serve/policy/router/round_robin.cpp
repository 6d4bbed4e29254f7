// Request i to replica i mod n.
#include "wordline/serve/router.h"

namespace wordline::serve::policy {
namespace {

class RoundRobin final : public Router {
 public:
  std::optional<std::size_t> choose(std::uint64_t id, const Request&, const FleetView& fleet) override {
    return static_cast<std::size_t>(id % fleet.size());
  }
  bool looks() const override { return false; }
};

}  // namespace

std::unique_ptr<Router> round_robin(std::uint64_t) { return std::make_unique<RoundRobin>(); }

}  // namespace wordline::serve::policy
