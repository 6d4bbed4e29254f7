// What a fleet costs a month, rented or owned, as low, middle and high.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/core/units.h"

namespace wordline::plan {

using UsdPerEnergy = core::Quantity<core::Dimension{.joule = -1, .usd = 1}>;  // "150 USD/kW/month"

// The prices of a place and a year that are not the chip's own: from catalog/prices.
struct Prices {
  core::Range<core::KrwPerUsd> exchange_rate;
  core::Range<core::KrwPerEnergy> tariff;
  core::Range<double> pue;            // energy into the building over energy into the machines
  core::Range<UsdPerEnergy> hosting;  // space and cooling, without energy, for each kW of the machines' peak and time
  core::Range<double> host_share;     // server around the chips, over the chips' price
  core::Range<double> network_share;  // switches and cables, over the chips' price
  core::Range<double> host_power_share;  // power of the server around the chips, over the chips' power
  core::Seconds amortisation;            // a bought chip's life
  core::Range<double> utilisation;       // share of that life in which it serves; delivery and repair take the rest
  core::Range<double> upkeep_share;      // repair contracts and staff a year, over the purchase price

  static Prices read(const core::Reader& table);
};

// What is to be paid for. Powers are of all chips alone: their servers and the cooling come by the prices' shares.
struct Purchase {
  double chips = 0;
  core::Range<core::UsdPerHour> rent;  // of one chip
  core::Range<core::Usd> price;        // of one chip
  core::Watts peak_power, mean_power;
};

// US dollars a month.
struct MonthlyCost {
  core::Range<core::Usd> hardware, hosting, energy;
  core::Range<core::Usd> total() const { return hardware + hosting + energy; }
};

// A way to pay: policy/cost/<name>.cpp.
using CostPolicy = MonthlyCost (*)(const Purchase&, const Prices&);
std::vector<std::string> cost_policies();
CostPolicy cost_policy(const std::string& name);

// What a purchase costs a month: written off over the share of its life in which it serves, and kept up.
core::Usd a_month(core::Usd paid, core::Seconds life, double utilisation, double upkeep_share);

// Machines' power into the building: chips, their servers, and cooling.
core::Range<core::Watts> facility_power(core::Watts chips, const Prices& prices);

// Cost of a million tokens where `cost` a month serves `tokens_per_second` on average.
core::Range<core::Usd> per_million(core::Range<core::Usd> cost, double tokens_per_second);

// The same amount in won: low by the low rate, high by the high rate.
core::Range<core::Krw> in_won(core::Range<core::Usd> amount, const Prices& prices);

}  // namespace wordline::plan
