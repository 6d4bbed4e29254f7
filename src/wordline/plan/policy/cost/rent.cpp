// Rent by the hour, around the clock: the landlord pays for servers, network, building and energy.
#include "wordline/plan/cost.h"

namespace wordline::plan::cost {

MonthlyCost rent(const Purchase& purchase, const Prices& /*all of it is in the rent*/) {
  MonthlyCost cost;
  cost.hardware = purchase.rent.map([&](core::UsdPerHour rate) { return rate * core::months(1) * purchase.chips; });
  return cost;
}

}  // namespace wordline::plan::cost
