// Two replicas drawn at random, and of them the one with fewer requests in it (Mitzenmacher 2001).
#include "wordline/core/random.h"
#include "wordline/serve/router.h"

namespace wordline::serve::policy {
namespace {

class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(std::uint64_t seed) : random_(seed, 0x70776f) {}
  std::optional<std::size_t> choose(std::uint64_t, const Request&, const FleetView& fleet) override {
    const auto one = static_cast<std::size_t>(random_.below(fleet.size()));
    if (fleet.size() == 1) return one;
    auto other = static_cast<std::size_t>(random_.below(fleet.size() - 1));
    if (other >= one) ++other;
    return fleet.load(other).requests < fleet.load(one).requests ? other : one;
  }

 private:
  core::Random random_;
};

}  // namespace

std::unique_ptr<Router> power_of_two(std::uint64_t seed) { return std::make_unique<PowerOfTwo>(seed); }

}  // namespace wordline::serve::policy
