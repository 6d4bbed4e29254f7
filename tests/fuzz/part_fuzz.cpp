// Any text as a DRAM part's file: compiled, or refused with line and column.
#include "fuzz.h"
#include "wordline/dram/part.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  fuzz::refuses_with_a_place([&] {
    core::Catalog catalog = fuzz::catalog();
    catalog.put("dram/parts", "fuzzed", core::parse_toml(fuzz::text_of(data, size), "fuzzed.toml"));
    const dram::Part part = dram::load_part(catalog, "fuzzed");
    if (part.standard.geometry.banks() < 1) fuzz::fault("a part without banks", part.name.c_str());
  });
  return 0;
}
