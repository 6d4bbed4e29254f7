// What a line makes a month, how long it takes, and how much lies in it.
#pragma once

#include "wordline/core/units.h"

namespace wordline::fab {

// A line that begins so many wafers a time, each of which leaves it after `cycle_time`.
struct Line {
  core::Hertz wafer_starts;
  core::Seconds cycle_time;       // wafer start to finished product
  double good_per_wafer = 0;      // good products for each wafer begun (dies per wafer / dies consumed per good one)
  core::Bytes bytes_per_product;  // 0 for what stores nothing
};

struct Capacity {
  double products_per_month = 0;
  core::Bytes bytes_per_month;
  double wafers_in_progress = 0;  // Little's law: starts * cycle time
};
Capacity capacity_of(const Line&);

// Wafers to begin for that many good products, and how long the line takes from the first start to the last product:
// products / rate + cycle time.
struct Order {
  double wafers = 0;
  core::Seconds until_done;
};
Order order_of(const Line&, double products);

}  // namespace wordline::fab
