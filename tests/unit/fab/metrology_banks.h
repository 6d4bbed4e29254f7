// A bank for tests: few experts, a short warm-up.
#pragma once

#include <memory>

#include "wordline/core/catalog.h"
#include "wordline/core/document.h"
#include "wordline/core/random.h"
#include "wordline/fab/metrology/bank.h"

namespace wordline::fab {

inline std::shared_ptr<const Bank> small_bank(const std::string& change = "", const std::string& of = "mixed") {
  auto catalog = core::Catalog::open();
  core::Value document = catalog.load("fab/banks", of);
  for (const auto* setting : {"warm_up=30", "pending=64"}) core::set_value(document, setting);
  if (!change.empty()) core::set_value(document, change);
  catalog.put("fab/banks", "small", document);
  return std::make_shared<const Bank>(load_bank(catalog, "small"));
}

// A process that drifts, jumps now and then, and depends on two of its five features.
struct DriftingWafers {
  explicit DriftingWafers(std::uint64_t seed) : random(seed) {}
  core::Random random;
  double level = 100;
  std::vector<double> x = std::vector<double>(5);
  double next() {
    level += 0.1 * random.normal();
    if (random.below(300) == 0) level += 5 * random.normal();
    for (double& value : x) value = 10 + 3 * random.normal();
    return level + x[0] - 0.5 * x[3] + 0.4 * random.normal();
  }
};

}  // namespace wordline::fab
