// A stranger's program: reads the catalogue that came with the library.
#include <wordline/core/catalog.h>
#include <wordline/core/units.h>

#include <cstdio>

int main() {
  const auto catalog = wordline::core::Catalog::open();
  std::printf("%zu chips, one nanosecond is %g s\n", catalog.names("chips").size(),
              wordline::core::nanoseconds(1).value());
  return catalog.names("chips").empty() ? 1 : 0;
}
