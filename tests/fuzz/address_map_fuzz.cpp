// Any text as an address map: a bijection as far as sampled, or refused with what was wanted. It is one line of a
// command, so a rejection quotes the map and the word instead of line and column. The first byte chooses the memory.
#include <iterator>

#include "fuzz.h"
#include "wordline/core/random.h"
#include "wordline/memory/address_map.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  if (size == 0) return 0;
  static const core::Catalog catalog = fuzz::catalog();
  static const memory::System systems[] = {
      memory::load_system(catalog, "hbm3-6400-8h-16gb"), memory::load_system(catalog, "ddr5-4800-2rx4-64gb", 12),
      memory::load_system(catalog, "hbm3e-9200-12h-36gb", 5), memory::load_system(catalog, "mcr-8800-2rx4-64gb", 6)};
  const memory::System& system = systems[data[0] % std::size(systems)];
  try {
    const std::string text = fuzz::text_of(data + 1, size - 1);
    const memory::AddressMap map(system, text.c_str());  // a command line has no NUL
    core::Random random(size);
    for (int i = 0; i < 64; ++i) {
      const std::uint64_t block = i == 0 ? map.blocks() - 1 : random.below(map.blocks());
      const memory::Place place = map.place(block);
      if (map.block(place) != block || place.channel >= system.channels() ||
          place.bank >= system.module.part->standard.geometry.banks())
        fuzz::fault("no bijection", map.text().c_str());
    }
  } catch (const core::UsageError& error) {
    const std::string_view message = error.what();
    if (!message.starts_with("address map") || message.find("wanted") == std::string_view::npos)
      fuzz::fault("a rejection that does not say what was wanted", error.what());
  }
  return 0;
}
