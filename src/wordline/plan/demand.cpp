#include "wordline/plan/demand.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wordline::plan {

namespace {

// The published hours are rounded to two digits, so their mean may miss 1 by a little: they are brought to it.
std::vector<double> read_shape(const core::Reader& table) {
  std::vector<double> shape = table.numbers("day_shape");
  const double mean = std::accumulate(shape.begin(), shape.end(), 0.0) / 24;
  const auto positive = [](double x) { return x > 0; };
  if (shape.size() != 24 || !std::all_of(shape.begin(), shape.end(), positive) || std::abs(mean - 1) > 0.02)
    table.fail("day_shape",
               "24 positive numbers, one an hour from midnight, each over the day's mean (their mean is 1)");
  for (double& hour : shape) hour /= mean;
  return shape;
}

}  // namespace

Service Service::read(const core::Reader& table) {
  Service service;
  service.name = table.text("name");
  service.subscribers = table.number("subscribers", 1);
  service.active_share = table.number("active_share", 0, 1);
  service.requests_per_day = table.number("requests_per_active_subscriber_and_day", 0);
  if (table.has("day_shape")) service.day_shape = read_shape(table);
  service.peak_hour_factor = table.number("peak_hour_factor", 1);
  service.burst_factor = table.number("burst_factor", 1);
  if (service.active_share == 0) table.fail("active_share", "a share above 0");
  if (service.requests_per_day == 0) table.fail("requests_per_active_subscriber_and_day", "a number above 0");
  return service;
}

Demand demand_of(const Service& service) {
  Demand demand;
  demand.mean = service.subscribers * service.active_share * service.requests_per_day / core::days(1);
  demand.peak_hour = demand.mean * service.peak_hour_factor;
  demand.burst = demand.mean * service.burst_factor;
  for (const double hour : service.day_shape) demand.hours.push_back(demand.mean * hour);
  return demand;
}

}  // namespace wordline::plan
