// Any text as a standard's file under a shipped part: compiled, or refused with line and column. The first byte chooses
// the part, and so the standard that is replaced.
#include <iterator>

#include "fuzz.h"
#include "wordline/dram/part.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  if (size == 0) return 0;
  constexpr const char* parts[] = {"hbm3-6400-8h-16gb", "ddr5-4800-x8-16gb", "hbm2e-3200-8h-16gb",
                                   "ddr5-mcr-8800-x4-16gb"};
  fuzz::refuses_with_a_place([&] {
    core::Catalog catalog = fuzz::catalog();
    const std::string part = parts[data[0] % std::size(parts)];
    const std::string standard = *catalog.load("dram/parts", part).find("standard")->text();
    catalog.put("dram/standards", standard, core::parse_toml(fuzz::text_of(data + 1, size - 1), "fuzzed.toml"));
    dram::load_part(catalog, part, {});
  });
  return 0;
}
