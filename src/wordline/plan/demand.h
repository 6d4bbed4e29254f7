// What the users ask of the service: requests per second on average, in the peak hour, in the worst ten minutes.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/core/units.h"

namespace wordline::plan {

// A service as its owner describes it. The two factors are both over the day's mean; they do not multiply.
struct Service {
  std::string name;
  double subscribers = 0;
  double active_share = 1;                                     // of the subscribers, on a day
  double requests_per_day = 0;                                 // of one active subscriber
  std::vector<double> day_shape = std::vector<double>(24, 1);  // each hour over the day's mean, from midnight
  double peak_hour_factor = 1;
  double burst_factor = 1;  // worst ten minutes

  // Reads [service]; the shape must have 24 positive numbers with a mean of 1 (within 2 %).
  static Service read(const core::Reader& table);
};

// Rates in requests per second.
struct Demand {
  core::Hertz mean, peak_hour, burst;
  std::vector<core::Hertz> hours;  // 24, from midnight
};

// mean = subscribers * active share * requests per day / 86,400 s; the others are the mean times their factor.
Demand demand_of(const Service& service);

}  // namespace wordline::plan
