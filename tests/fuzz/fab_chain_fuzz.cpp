// Any text as a chain's or a budget's file: numbers that can be, or refused with line and column. The first byte says
// which.
#include <cmath>

#include "fuzz.h"
#include "wordline/plan/fab_budget.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  if (size == 0) return 0;
  fuzz::refuses_with_a_place([&] {
    core::Catalog catalog = fuzz::catalog();
    const bool budget = data[0] % 2;
    catalog.put(budget ? "fab/budgets" : "fab/chains", "fuzzed",
                core::parse_toml(fuzz::text_of(data + 1, size - 1), "fuzzed.toml"));
    if (budget) {
      const auto spec = plan::load_budget(catalog, "fuzzed");
      if (!(spec.share.low >= 0 && spec.share.high <= 1)) fuzz::fault("a share that cannot be", spec.title.c_str());
      return;
    }
    const auto spec = plan::load_chain(catalog, "fuzzed");
    const auto chain = plan::chain_of(spec);
    if (!(chain.yield_won() >= 0) || !(chain.after.parametric_yield <= 1))
      fuzz::fault("a yield that cannot be", spec.title.c_str());
  });
  return 0;
}
