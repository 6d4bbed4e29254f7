#include "wordline/plan/cost.h"

#include <gtest/gtest.h>
#include <filesystem>

namespace {

using namespace wordline;

constexpr double hours_a_month = 730;

plan::Prices prices() {
  plan::Prices p;
  p.exchange_rate = {core::KrwPerUsd(1000), core::KrwPerUsd(1250), core::KrwPerUsd(2000)};
  p.tariff = core::exactly(core::KrwPerEnergy(200 / 3.6e6));  // 200 KRW/kWh
  p.pue = {1.0, 1.5, 2.0};
  p.hosting = core::exactly(plan::UsdPerEnergy(100 / (1000 * hours_a_month * 3600)));  // 100 USD/kW/month
  p.host_share = {0.1, 0.25, 0.5};
  p.network_share = core::exactly(0.05);
  p.host_power_share = core::exactly(0.5);
  p.amortisation = core::months(40);
  p.utilisation = {0.5, 0.8, 1.0};
  p.upkeep_share = core::exactly(0.12);
  return p;
}

plan::Purchase ten_chips() {
  return {10,
          {core::UsdPerHour(2.0 / 3600), core::UsdPerHour(3.0 / 3600), core::UsdPerHour(5.0 / 3600)},
          {core::Usd(8000), core::Usd(10000), core::Usd(20000)},
          core::watts(6000),
          core::watts(2000)};
}

TEST(Cost, RentIsHoursTimesRate) {
  const auto cost = plan::cost_policy("rent")(ten_chips(), prices());
  EXPECT_NEAR(cost.total().low.value(), 10 * 2 * hours_a_month, 1e-6);
  EXPECT_NEAR(cost.total().mid.value(), 10 * 3 * hours_a_month, 1e-6);
  EXPECT_NEAR(cost.total().high.value(), 10 * 5 * hours_a_month, 1e-6);
  EXPECT_EQ(cost.energy.high.value(), 0);
}

// By hand, in the middle: 10 x 10,000 USD x 1.30 = 130,000 USD; / 40 months / 0.8 = 4,062.5; upkeep 12 % a year =
// 1,300. Space: 6 kW x 1.5 x 100 USD = 900. Energy: 2 kW x 730 h x 1.5 x 1.5 x 200 KRW / 1250 KRW/USD = 525.6.
TEST(Cost, OwningByHand) {
  const auto cost = plan::cost_policy("own")(ten_chips(), prices());
  EXPECT_NEAR(cost.hardware.mid.value(), 4062.5 + 1300, 1e-6);
  EXPECT_NEAR(cost.hosting.mid.value(), 900, 1e-6);
  EXPECT_NEAR(cost.energy.mid.value(), 525.6, 1e-6);
  EXPECT_NEAR(cost.total().mid.value(), 4062.5 + 1300 + 900 + 525.6, 1e-6);
}

// Low: 80,000 x 1.15 = 92,000; / 40 = 2,300 (all of the life used); upkeep 920; energy at PUE 1 and 2000 KRW/USD = 219.
// High: 200,000 x 1.55 = 310,000; / 40 / 0.5 = 15,500; upkeep 3,100; energy at PUE 2 and 1000 KRW/USD = 876.
TEST(Cost, RangesTakeTheEndsThatBelongTogether) {
  const auto cost = plan::cost_policy("own")(ten_chips(), prices());
  EXPECT_NEAR(cost.hardware.low.value(), 2300 + 920, 1e-6);
  EXPECT_NEAR(cost.energy.low.value(), 219, 1e-6);
  EXPECT_NEAR(cost.hardware.high.value(), 15500 + 3100, 1e-6);
  EXPECT_NEAR(cost.energy.high.value(), 876, 1e-6);
}

TEST(Cost, TokensShareTheMonth) {
  const auto month = core::exactly(core::Usd(86400 * 365.0 / 12));  // a dollar a second
  EXPECT_NEAR(plan::per_million(month, 1e6).mid.value(), 1, 1e-12);
  EXPECT_NEAR(plan::per_million(month, 2e5).mid.value(), 5, 1e-12);
}

TEST(Cost, WonByTheRateOfTheSameEnd) {
  const core::Range<core::Usd> usd = {core::Usd(1), core::Usd(2), core::Usd(3)};
  const auto won = plan::in_won(usd, prices());
  EXPECT_DOUBLE_EQ(won.low.value(), 1000);
  EXPECT_DOUBLE_EQ(won.mid.value(), 2500);
  EXPECT_DOUBLE_EQ(won.high.value(), 6000);
}

TEST(Cost, FacilityAddsServersAndCooling) {
  const auto power = plan::facility_power(core::watts(1000), prices());
  EXPECT_DOUBLE_EQ(power.low.value(), 1500);
  EXPECT_DOUBLE_EQ(power.mid.value(), 2250);
  EXPECT_DOUBLE_EQ(power.high.value(), 3000);
}

TEST(Cost, UnknownChoicesNameTheNearest) {
  try {
    plan::cost_policy("rents");
    FAIL();
  } catch (const core::InputError& error) {
    EXPECT_NE(std::string(error.what()).find("rent"), std::string::npos);
  }
}

TEST(Cost, ShippedPricesRead) {
  core::Facts facts;
  const auto document =
      core::read_document(std::filesystem::path(WORDLINE_SOURCE_DIR) / "catalog/prices/korea-2026.toml");
  const core::Reader reader(document, &facts, "prices/korea-2026");
  reader.text("title");
  const auto p = plan::Prices::read(reader);
  reader.finish();
  EXPECT_EQ(facts.size(), 10u);
  EXPECT_NEAR(p.tariff.mid.value() * 3.6e6, 182.6, 1e-9);
  EXPECT_NEAR(p.hosting.mid.value() * 1000 * 730 * 3600, 150, 1e-9);
}

}  // namespace
