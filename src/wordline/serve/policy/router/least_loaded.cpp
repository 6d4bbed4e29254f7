// To the replica with the fewest requests in it; of equals the first.
#include "wordline/serve/router.h"

namespace wordline::serve::policy {
namespace {

class LeastLoaded final : public Router {
 public:
  std::optional<std::size_t> choose(std::uint64_t, const Request&, const FleetView& fleet) override {
    std::size_t best = 0;
    for (std::size_t i = 1; i < fleet.size(); ++i)
      if (fleet.load(i).requests < fleet.load(best).requests) best = i;
    return best;
  }
};

}  // namespace

std::unique_ptr<Router> least_loaded(std::uint64_t) { return std::make_unique<LeastLoaded>(); }

}  // namespace wordline::serve::policy
