// Any text as a process node: read, or refused with line and column; what is read gives a yield.
#include "fuzz.h"
#include "wordline/fab/node.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  const auto text = fuzz::text_of(data, size);
  fuzz::refuses_with_a_place([&] {
    core::Facts facts;
    const auto document = core::parse_toml(text, "fuzzed.toml");
    const auto node = fab::read_node("fuzzed", core::Reader(document, &facts, "fab/nodes/fuzzed"));
    const double yield = fab::yield_of(node.defects, core::square_millimetres(100));
    if (!(yield >= 0 && yield <= 1)) fuzz::fault("a yield outside 0 to 1", text.c_str());
  });
  return 0;
}
