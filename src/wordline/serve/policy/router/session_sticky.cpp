// All requests of a session to one replica, chosen by a hash of the session's number; those of none in turn.
#include "wordline/core/random.h"
#include "wordline/serve/router.h"

namespace wordline::serve::policy {
namespace {

class SessionSticky final : public Router {
 public:
  explicit SessionSticky(std::uint64_t seed) : seed_(seed) {}
  std::optional<std::size_t> choose(std::uint64_t id, const Request& request, const FleetView& fleet) override {
    if (request.session == 0) return static_cast<std::size_t>(id % fleet.size());
    core::SplitMix64 hash(seed_ ^ request.session);
    return static_cast<std::size_t>(hash() % fleet.size());
  }
  bool looks() const override { return false; }

 private:
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Router> session_sticky(std::uint64_t seed) { return std::make_unique<SessionSticky>(seed); }

}  // namespace wordline::serve::policy
