// Any text as a command trace: read, audited and written back the same, or refused with line and column.
#include <sstream>

#include "fuzz.h"
#include "wordline/dram/auditor.h"
#include "wordline/dram/part.h"
#include "wordline/dram/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  static const core::Catalog catalog = fuzz::catalog();
  static const dram::Part part = dram::load_part(catalog, "hbm3-6400-8h-16gb");
  fuzz::refuses_with_a_place([&] {
    const dram::CommandTrace trace = dram::parse_trace(part.standard, fuzz::text_of(data, size), "fuzzed.csv");
    dram::audit(part.standard, trace);
    std::ostringstream out;
    dram::write_trace(out, part.standard, trace);
    if (dram::parse_trace(part.standard, out.str(), "again.csv") != trace)
      fuzz::fault("a trace that is not the same when written and read", out.str().c_str());
  });
  return 0;
}
