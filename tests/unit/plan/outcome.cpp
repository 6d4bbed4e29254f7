#include "wordline/plan/outcome.h"

#include <gtest/gtest.h>

#include "wordline/plan/binding.h"

namespace {

using namespace wordline;

plan::Scenario scenario() {
  plan::Scenario s;
  s.cost_choice = "rent";
  s.replicas_per_spare = 10;
  s.slo = {core::seconds(2), core::milliseconds(100)};
  s.prices.exchange_rate = core::exactly(core::KrwPerUsd(1000));
  s.prices.pue = core::exactly(1.5);
  s.prices.host_power_share = core::exactly(1.0);
  return s;
}

plan::Demand demand() { return {core::Hertz(20), core::Hertz(30), core::Hertz(100), {}}; }

chip::Chip chip_at(double usd_per_hour) {
  chip::Chip chip;
  chip.price.rent = core::exactly(core::UsdPerHour(usd_per_hour / 3600));
  return chip;
}

plan::Outcome outcome(double max_rps, int tp = 2) {
  plan::Outcome o;
  o.candidate.tp = tp;
  o.replica.fits = o.replica.meets = true;
  o.replica.max_rps = max_rps;
  o.replica.idle = core::watts(200);
  o.replica.busy = core::watts(1000);
  return o;
}

// 100 requests/s at 10 a replica: 10 and 1 spare, 22 chips. At the burst each of 11 carries 100/110 of its best:
// 200 + 800 / 1.1 W; on average 200 + 800 * 20 / 110 W.
TEST(Outcome, FleetPowerAndBillByHand) {
  auto o = outcome(10);
  plan::size_fleet(scenario(), demand(), 250, chip_at(2), 10, o);
  EXPECT_EQ(o.fleet.replicas(), 11);
  EXPECT_EQ(o.chips, 22);
  EXPECT_NEAR(o.chips_peak.value(), 11 * (200 + 800 / 1.1), 1e-9);
  EXPECT_NEAR(o.chips_mean.value(), 11 * (200 + 800 * 20 / 110.0), 1e-9);
  EXPECT_NEAR(o.facility.value(), o.chips_peak.value() * 2 * 1.5, 1e-9);
  // 22 chips x 2 USD x 730 h = 32,120 USD; 20 x 250 tokens/s x 2,628,000 s = 13,140 million tokens.
  EXPECT_NEAR(o.bill.month.total().mid.value(), 32120, 1e-6);
  EXPECT_NEAR(o.bill.usd_per_mtok.mid.value(), 32120 / 13140.0, 1e-9);
  EXPECT_NEAR(o.bill.krw_per_mtok.mid.value(), 1000 * 32120 / 13140.0, 1e-6);
}

TEST(Outcome, RangesOfPricesReachTheTokens) {
  auto chip = chip_at(2);
  chip.price.rent = core::Range<core::UsdPerHour>{core::UsdPerHour(1.0 / 3600), core::UsdPerHour(2.0 / 3600),
                                                  core::UsdPerHour(4.0 / 3600)};
  auto o = outcome(10);
  plan::size_fleet(scenario(), demand(), 250, chip, 10, o);
  EXPECT_NEAR(o.bill.usd_per_mtok.low.value() * 2, o.bill.usd_per_mtok.mid.value(), 1e-12);
  EXPECT_NEAR(o.bill.usd_per_mtok.high.value(), 2 * o.bill.usd_per_mtok.mid.value(), 1e-12);
}

TEST(Outcome, WithoutAPriceThereIsNoBill) {
  auto o = outcome(10);
  plan::size_fleet(scenario(), demand(), 250, chip::Chip{}, 10, o);
  EXPECT_FALSE(o.bill.known);
  EXPECT_EQ(o.chips, 22);
}

TEST(Outcome, RankedByCostThenByMissThenByWhatIsShort) {
  const auto s = scenario();
  std::vector<plan::Outcome> list(6);
  const char* names[] = {"dear", "short", "missed", "cheap", "unpriced", "nearly"};
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i] = outcome(10);
    list[i].candidate.chip = names[i];
  }
  plan::size_fleet(s, demand(), 250, chip_at(3), 10, list[0]);
  list[1].replica.fits = list[1].replica.meets = false;
  list[2].replica.meets = list[5].replica.meets = false;
  list[2].replica.at.ttft.p99 = core::seconds(9);
  list[5].replica.at.tpot.p99 = core::milliseconds(120);
  plan::size_fleet(s, demand(), 250, chip_at(1), 10, list[3]);
  plan::size_fleet(s, demand(), 250, chip::Chip{}, 10, list[4]);
  plan::rank(s, list);
  std::vector<std::string> order;
  for (const auto& o : list) order.push_back(o.candidate.chip);
  EXPECT_EQ(order, (std::vector<std::string>{"cheap", "dear", "unpriced", "nearly", "missed", "short"}));
}

TEST(Outcome, ModelsAreRankedApart) {
  const auto s = scenario();
  std::vector<plan::Outcome> list(2, outcome(10));
  list[0].candidate.model = 1;
  plan::size_fleet(s, demand(), 250, chip_at(1), 10, list[0]);
  plan::size_fleet(s, demand(), 250, chip_at(9), 10, list[1]);
  plan::rank(s, list);
  EXPECT_EQ(list[0].candidate.model, 0u);
}

TEST(Binding, TheLargestGainBinds) {
  EXPECT_EQ(plan::what_binds({{"compute", 0.05}, {"memory bandwidth", 0.2}, {"SLO", 0.3}}), "memory bandwidth");
  EXPECT_EQ(plan::what_binds({{"compute", 0.05}, {"memory bandwidth", 0.1}, {"SLO", 0.3}}), "SLO");
  EXPECT_EQ(plan::what_binds({}), "SLO");
}

}  // namespace
