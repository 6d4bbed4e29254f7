#include "wordline/plan/demand.h"

#include <gtest/gtest.h>

#include <numeric>

namespace {

using namespace wordline;

core::Value service(const std::string& changes = "") {
  core::Value document = core::parse_toml(R"(
name = "test"
subscribers = 4_000_000
active_share = 1.0
requests_per_active_subscriber_and_day = 3.7
peak_hour_factor = 1.46
burst_factor = 3.3
)",
                                          "service.toml");
  if (!changes.empty()) core::set_value(document, changes);
  return document;
}

plan::Demand demand(const core::Value& document) {
  return plan::demand_of(plan::Service::read(core::Reader(document)));
}

TEST(Demand, FourMillionSubscribersAskAsTheIssueSays) {
  const auto d = demand(service());
  EXPECT_NEAR(d.mean.value(), 171, 0.5);  // 4e6 * 3.7 / 86400
  EXPECT_NEAR(d.peak_hour.value(), 250, 0.5);
  EXPECT_NEAR(d.burst.value(), 565, 0.5);
  EXPECT_DOUBLE_EQ(d.mean.value(), 4e6 * 3.7 / 86400);
}

TEST(Demand, FactorsAreBothOverTheMean) {
  const auto plain = demand(service()), doubled = demand(service("peak_hour_factor=2.92"));
  EXPECT_DOUBLE_EQ(doubled.burst.value(), plain.burst.value());
  EXPECT_DOUBLE_EQ(doubled.peak_hour.value(), 2 * plain.peak_hour.value());
}

TEST(Demand, OnlyActiveSubscribersAsk) {
  EXPECT_DOUBLE_EQ(demand(service("active_share=0.25")).mean.value(), demand(service()).mean.value() / 4);
}

TEST(Demand, HoursKeepTheDaysMean) {
  const auto d =
      demand(service("day_shape=[0.84,0.71,0.73,0.68,0.71,0.66,0.68,0.85,1.02,1.05,1.13,1.09,"
                     "1.06,1.07,1.06,1.05,1.09,1.08,1.01,1.23,1.46,1.40,1.27,1.06]"));
  ASSERT_EQ(d.hours.size(), 24u);
  double sum = 0;
  for (const auto hour : d.hours) sum += hour.value();
  EXPECT_NEAR(sum / 24, d.mean.value(), 1e-9);
  EXPECT_GT(d.hours[20], d.hours[5]);
}

TEST(Demand, ShapesThatAreNoDayAreRefused) {
  EXPECT_THROW(demand(service("day_shape=[1.0, 1.0]")), core::InputError);
  EXPECT_THROW(demand(service("day_shape=[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2]")), core::InputError);
  EXPECT_THROW(demand(service("active_share=1.5")), core::InputError);
  EXPECT_THROW(demand(service("burst_factor=0.5")), core::InputError);
  EXPECT_THROW(demand(service("requests_per_active_subscriber_and_day=0")), core::InputError);
}

}  // namespace
