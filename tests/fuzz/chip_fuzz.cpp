// Any text as a chip's file: a chip with bf16 or fp16 and a memory, or refused with line and column.
#include "fuzz.h"
#include "wordline/chip/chip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  fuzz::refuses_with_a_place([&] {
    core::Catalog catalog = fuzz::catalog();
    catalog.put("chips", "fuzzed", core::parse_toml(fuzz::text_of(data, size), "fuzzed.toml"));
    const chip::Chip chip = chip::load(catalog, "fuzzed");
    if (!(chip.rate(chip::Dtype::bf16).sustained().value() > 0)) fuzz::fault("a chip that multiplies nothing", "bf16");
    if (!(chip.memory.peak.value() > 0)) fuzz::fault("a chip without memory", chip.memory.module.c_str());
  });
  return 0;
}
