#include "wordline/fab/cost.h"

#include "wordline/fab/study.h"

namespace wordline::fab {

double usd_per_gb(core::UsdPerByte price) { return price.value() * core::gibibytes(1).value(); }

Study study_of(const StackSpec& spec, const Drawing& how) {
  return study(spec, how, {"cost_per_good_usd", "usd_per_gb", "price_usd", "good"}, [](const StackSpec& s) {
    const StackResult r = result_of(s);
    return std::vector<double>{r.cost_per_good.value(), usd_per_gb(r.cost_per_byte), price_of(s, r).value(), r.good};
  });
}

Study study_of(const PackageSpec& spec, const Drawing& how) {
  const std::vector<std::string> names = {"cost_usd",      "memory_usd", "logic_usd", "memory_used_usd",
                                          "packaging_usd", "test_usd",   "sale_usd",  "good"};
  return study(spec, how, names, [](const PackageSpec& s) {
    const Price p = price_of(s);
    std::vector<double> out = {p.cost.value(), p.memory.value()};
    for (const Group group : {Group::logic, Group::memory, Group::packaging, Group::test})
      out.push_back(p.package.of(group).value());
    out.insert(out.end(), {p.sale.value(), p.package.good});
    return out;
  });
}

}  // namespace wordline::fab
