// Any text as a probe's script: run to its end, or refused with line and column. The first byte chooses the part.
#include <iterator>

#include "fuzz.h"
#include "wordline/dram/part.h"
#include "wordline/dram/probe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  if (size == 0) return 0;
  static const core::Catalog catalog = fuzz::catalog();
  static const dram::Part parts[] = {dram::load_part(catalog, "hbm3-6400-8h-16gb"),
                                     dram::load_part(catalog, "ddr5-4800-x8-16gb")};
  const dram::Part& part = parts[data[0] % std::size(parts)];
  fuzz::refuses_with_a_place([&] {
    dram::Probe probe(part.standard);
    for (const auto& answer : probe.run(fuzz::text_of(data + 1, size - 1), "fuzzed.txt"))
      if (probe.line(answer).empty()) fuzz::fault("an answer without words", part.name.c_str());
  });
  return 0;
}
