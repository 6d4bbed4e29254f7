// One queue for all: a request goes to the first replica with a free seat, and waits at the router while there is none.
#include "wordline/serve/router.h"

namespace wordline::serve::policy {
namespace {

class CentralQueue final : public Router {
 public:
  std::optional<std::size_t> choose(std::uint64_t, const Request&, const FleetView& fleet) override {
    for (std::size_t i = 0; i < fleet.size(); ++i)
      if (fleet.load(i).requests < fleet.seats(i)) return i;
    return {};
  }
};

}  // namespace

std::unique_ptr<Router> central_queue(std::uint64_t) { return std::make_unique<CentralQueue>(); }

}  // namespace wordline::serve::policy
