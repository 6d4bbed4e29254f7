// Virtual metrology on the PHM 2016 challenge's CMP runs, by the causal protocol of the shared notes.
#include "phm2016.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace wordline::fab {
namespace {

TEST(Phm2016, Look) {
  const auto table = phm2016();
  if (!table) GTEST_SKIP() << "the shared data are not there";
  const auto catalog = core::Catalog::open();
  for (const char* name : {"linear", "all"}) {
    const auto bank = std::make_shared<const Bank>(load_bank(catalog, name));
    for (const std::int64_t n : {1, 5, 25}) {
      ReplaySettings settings;
      settings.warm_up_share = 0.2;
      settings.sampling = settings.delay = n;
      const auto s = replay(*table, bank, settings);
      std::printf("%s 1/%d: %lld wafers, mse %.3f coverage %.3f width %.2f\n", name, int(n), (long long)s.wafers,
                  s.mse(), s.coverage(), s.mean_width());
      for (std::size_t i = 0; i < bank->experts.size(); ++i)
        std::printf("   %-36s %.3f\n", bank->experts[i].c_str(), s.expert_mse(i));
      settings.choose = true;
      const auto c = replay(*table, bank, settings);
      std::printf("   chosen: %lld of %lld measured, mse %.3f coverage %.3f\n", (long long)c.measured,
                  (long long)s.measured, c.mse(), c.coverage());
    }
  }
}

}  // namespace
}  // namespace wordline::fab
