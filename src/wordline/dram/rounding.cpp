#include "wordline/dram/rounding.h"

#include "wordline/core/wide.h"

namespace wordline::dram {

using core::Int128;

std::int64_t clocks_up(std::int64_t femtoseconds, const core::Clock& clock, Rounding rounding) {
  if (rounding == Rounding::jedec_ddr5) {
    const std::int64_t tck_ps = clock.numerator_ps() / clock.denominator();
    const std::int64_t thousandths = femtoseconds / 1000 * 997 / tck_ps;
    return (thousandths + 1000) / 1000;
  }
  const Int128 numerator = Int128{femtoseconds} * clock.denominator();
  const Int128 denominator = Int128{clock.numerator_ps()} * 1000;
  return static_cast<std::int64_t>((numerator + denominator - 1) / denominator);
}

std::int64_t clocks_down(std::int64_t femtoseconds, const core::Clock& clock) {
  return static_cast<std::int64_t>(Int128{femtoseconds} * clock.denominator() / (Int128{clock.numerator_ps()} * 1000));
}

}  // namespace wordline::dram
