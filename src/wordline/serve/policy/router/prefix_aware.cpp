// To the replica whose prefix cache holds most of the prompt, unless the load is uneven: then, and where no cache holds
// half of it, to the replica with the fewest requests. The rule and its numbers are those of SGLang's cache-aware
// router (sgl-router 0.1: balance_abs_threshold 32, balance_rel_threshold 1.1, cache_threshold 0.5), which guesses what
// the caches hold; here they are asked.
#include "wordline/serve/router.h"

namespace wordline::serve::policy {
namespace {

constexpr std::int64_t uneven_by = 32;
constexpr double uneven_times = 1.1, enough_cached = 0.5;

class PrefixAware final : public Router {
 public:
  std::optional<std::size_t> choose(std::uint64_t, const Request& request, const FleetView& fleet) override {
    std::size_t least = 0, most = 0, best = 0;
    std::int64_t best_cached = -1;
    for (std::size_t i = 0; i < fleet.size(); ++i) {
      if (fleet.load(i).requests < fleet.load(least).requests) least = i;
      if (fleet.load(i).requests > fleet.load(most).requests) most = i;
      const std::int64_t cached = fleet.cached_tokens(i, request);
      if (cached > best_cached) best = i, best_cached = cached;
    }
    const std::int64_t low = fleet.load(least).requests, high = fleet.load(most).requests;
    const bool uneven = high - low > uneven_by && static_cast<double>(high) > uneven_times * static_cast<double>(low);
    const bool cached = static_cast<double>(best_cached) > enough_cached * request.prompt_tokens;
    return uneven || !cached ? least : best;
  }
  bool asks_caches() const override { return true; }
};

}  // namespace

std::unique_ptr<Router> prefix_aware(std::uint64_t) { return std::make_unique<PrefixAware>(); }

}  // namespace wordline::serve::policy
