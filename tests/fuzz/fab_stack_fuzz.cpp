// Any text as a stack's file: a stack that has a cost at both ends of its ranges, or refused with line and column.
#include "fuzz.h"
#include "wordline/fab/stack_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  fuzz::refuses_with_a_place([&] {
    core::Catalog catalog = fuzz::catalog();
    catalog.put("fab/stacks", "fuzzed", core::parse_toml(fuzz::text_of(data, size), "fuzzed.toml"));
    const fab::StackResult result = fab::result_of(fab::load_stack(catalog, "fuzzed"));
    if (!(result.good >= 0 && result.good <= result.shipped * (1 + 1e-9) && result.shipped <= 1 + 1e-9))
      fuzz::fault("shares that cannot be", fab::name_of(result.flow).c_str());
  });
  return 0;
}
