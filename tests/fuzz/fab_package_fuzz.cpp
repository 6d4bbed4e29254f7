// Any text as a package's file: a package that has a cost at both ends of its ranges, or refused with line and column.
#include "fuzz.h"
#include "wordline/fab/package_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  fuzz::refuses_with_a_place([&] {
    core::Catalog catalog = fuzz::catalog();
    catalog.put("fab/packages", "fuzzed", core::parse_toml(fuzz::text_of(data, size), "fuzzed.toml"));
    const fab::PackageSpec spec = fab::load_package(catalog, "fuzzed");
    const fab::PackageResult result = fab::price_of(spec).package;
    if (!(result.good >= 0 && result.good <= result.shipped * (1 + 1e-9) && result.shipped <= 1 + 1e-9))
      fuzz::fault("shares that cannot be", spec.title.c_str());
  });
  return 0;
}
