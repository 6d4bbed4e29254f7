#include "wordline/fab/capacity.h"

namespace wordline::fab {

Capacity capacity_of(const Line& line) {
  const double products = line.wafer_starts * core::months(1) * line.good_per_wafer;
  return {products, line.bytes_per_product * products, line.wafer_starts * line.cycle_time};
}

Order order_of(const Line& line, double products) {
  const double wafers = products / line.good_per_wafer;
  return {wafers, wafers / line.wafer_starts + line.cycle_time};
}

}  // namespace wordline::fab
