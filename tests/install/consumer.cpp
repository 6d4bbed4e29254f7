// A stranger's program: asks the memory room for a module of the catalogue that came with the library.
#include <wordline/core/catalog.h>
#include <wordline/core/units.h>
#include <wordline/memory/system.h>

#include <cstdio>

int main() {
  using namespace wordline;
  const auto catalog = core::Catalog::open();
  const auto system = memory::load_system(catalog, "hbm3-5200-8h-16gb", 5);
  std::printf("%zu chips; five HBM3 stacks: %.0f GB/s\n", catalog.names("chips").size(),
              system.peak().in(core::gigabytes_per_second(1)));
  return system.peak() > core::BytesPerSecond(0) ? 0 : 1;
}
