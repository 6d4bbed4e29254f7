#include "wordline/dram/power_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace wordline::dram {

namespace {

constexpr DataRates still{0, 0, 0};

DataEnergy read_data(const core::Reader& table) {
  DataEnergy out{table.quantity<core::JoulesPerByte>("base"), table.quantity<core::JoulesPerByte>("dq"),
                 table.quantity<core::JoulesPerByte>("tsv"), table.quantity<core::JoulesPerByte>("busflip")};
  if (!(out.base > core::JoulesPerByte())) table.fail("base", "an energy above 0");
  table.finish();
  return out;
}

// By rows refreshed: a bank's refresh costs its share of an all-bank one.
std::vector<core::Joules> refreshes(const Standard& standard, core::Joules of_all) {
  const int banks = standard.geometry.banks_below[static_cast<std::size_t>(standard.geometry.rank_level())];
  double all_credit = 1;
  for (const auto& spec : standard.refreshes)
    if (spec.command == standard.usual.ref_all) all_credit = static_cast<double>(spec.credit) * banks;
  std::vector<core::Joules> out;
  for (const auto& spec : standard.refreshes)
    out.push_back(of_all * (static_cast<double>(spec.credit) *
                            static_cast<double>(standard.reached(spec.command, 0).size()) / all_credit));
  return out;
}

// All of the maker's figure is in the bursts; he does not say what of it is I/O.
Power vendor_power(const PowerTable& table, const Standard& standard) {
  if (!table.vendor)
    throw core::InputError(table.where, "a [power] table without the maker's joules a bit",
                           "vendor_energy = \"3.9 pJ/bit\", or another mode than \"vendor\"");
  Power power;
  power.read = power.write = *table.vendor * core::bytes(standard.geometry.burst_bytes);
  power.refresh = refreshes(standard, {});
  return power;
}

}  // namespace

const std::vector<std::string>& energy_mode_names() {
  static const std::vector<std::string> names = {"model", "datasheet", "vendor"};
  return names;
}

EnergyMode energy_mode(std::string_view name) {
  const auto& names = energy_mode_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw core::UsageError(fmt::format("energies by \"{}\": wanted model, datasheet or vendor", name));
  return static_cast<EnergyMode>(found - names.begin());
}

core::Amperes PowerTable::all_open(EnergyMode mode) const { return std::max(idd3n_all.in(mode), idd2n.in(mode)); }

core::Amperes PowerTable::one_open(EnergyMode mode) const {
  const core::Amperes standby = idd2n.in(mode);
  if (idd3n) return std::max(idd3n->in(mode), standby);
  return standby + (all_open(mode) - standby) / static_cast<double>(banks);
}

core::Amperes PowerTable::one_open_down(EnergyMode mode) const {
  if (!idd3p) return one_open(mode);
  const core::Amperes closed = (idd2p ? *idd2p : *idd3p).in(mode), stated = std::max(idd3p->in(mode), closed);
  return idd3n ? stated : closed + (stated - closed) / static_cast<double>(banks);
}

core::Amperes PowerTable::burst_current(const Current& stated, EnergyMode mode, const DataRates& rates) const {
  if (mode != EnergyMode::model) return stated.in(mode);
  const double factor = data ? data->at(rates) / data->at(still) : data_factor;
  return while_bursting(mode) + (stated.in(mode)-while_bursting(mode)) * factor;
}

PowerTable read_power_table(const core::Reader& table, const Standard& standard, int devices) {
  PowerTable out;
  out.where = table.where();
  const bool per_device = table.choice("per", {"device", "pseudochannel"}) == "device";
  out.dies = per_device ? devices : 1;
  const int ranks = standard.geometry.sizes[static_cast<std::size_t>(standard.geometry.rank_level())];
  out.share = per_device ? devices : 1.0 / ranks;
  out.vdd = table.quantity<core::Volts>("vdd");
  out.vddq = table.quantity_or("vddq", out.vdd);
  const auto guard_band = table.optional_table("guard_band");  // typical over stated, where known
  const auto current = [&](const char* key) {
    return PowerTable::Current{table.quantity<core::Amperes>(key),
                               guard_band ? guard_band->number_or(key, 1.0, 0.0, 2.0) : 1.0};
  };
  const auto maybe = [&](const char* key) { return table.has(key) ? std::optional(current(key)) : std::nullopt; };
  out.idd0 = current("idd0");
  out.idd2n = current("idd2n");
  out.banks = standard.geometry.banks_below[static_cast<std::size_t>(standard.geometry.rank_level())];
  out.idd3n_all = current(per_device ? "idd3n" : "idd3n_all");
  if (!per_device) out.idd3n = current("idd3n");
  out.idd4r = current("idd4r");
  out.idd4w = current("idd4w");
  out.idd5b = current("idd5b");
  out.iddq4r = maybe("iddq4r");
  out.idd2p = maybe("idd2p");
  out.idd3p = maybe("idd3p");
  out.idd6 = maybe("idd6");
  if (const auto data = table.optional_table("data")) out.data = read_data(*data);
  out.data_factor = table.number_or("data_factor", 1.0, 0.0, 10.0);
  if (out.data && table.has("data_factor")) table.fail("data_factor", "either data_factor or [power.data]");
  if (table.has("vendor_energy")) out.vendor = table.quantity<core::JoulesPerByte>("vendor_energy");
  out.floor = table.quantity_or("floor", core::Watts()) / standard.geometry.channels;
  if (guard_band) guard_band->finish();
  table.finish();
  return out;
}

Power power_of(const PowerTable& table, const Standard& standard, core::Seconds tick, EnergyMode mode,
               const DataRates& rates) {
  if (mode == EnergyMode::vendor) return vendor_power(table, standard);
  const auto seconds = [&](const char* timing) { return tick * static_cast<double>(standard.timing(timing)); };
  const core::Amperes standby = table.idd2n.in(mode), one = table.one_open(mode), all = table.all_open(mode);
  const core::Volts vdd = table.vdd;

  Power power;
  power.activate = table.dies * (vdd * (table.idd0.in(mode) * (seconds("tRAS") + seconds("tRP")) -
                                        one * seconds("tRAS") - standby * seconds("tRP")));
  if (!(power.activate > core::Joules()))
    throw core::InputError(table.where, "an idd0 that idd3n and idd2n explain", "a current above theirs");

  // The pins' share of a read is on VDDQ (the split-rail rule of HBM4); writes stay on VDD.
  const double pins = table.data && mode == EnergyMode::model ? table.data->pin_share(rates) : 0;
  const auto burst = table.dies * seconds("tBURST");
  const core::Amperes reading = table.burst_current(table.idd4r, mode, rates) - table.while_bursting(mode);
  const core::Amperes writing = table.burst_current(table.idd4w, mode, rates) - table.while_bursting(mode);
  power.read = vdd * reading * burst * (1 - pins);
  power.read_io = table.vddq * reading * burst * pins;
  power.write = vdd * writing * burst * (1 - pins);
  power.write_io = vdd * writing * burst * pins;
  if (table.iddq4r) power.read_io += table.vddq * table.iddq4r->in(mode)*burst;

  power.idle = table.share * (vdd * standby);
  power.first_bank = table.share * (vdd * (one - standby));
  power.each_bank = table.share * (vdd * (all - one)) / std::max(1, table.banks - 1);
  const auto state = [&](const std::optional<PowerTable::Current>& current, core::Amperes otherwise) {
    return table.share * (vdd * (current ? current->in(mode) : otherwise));
  };
  power.power_down = state(table.idd2p, standby);
  power.active_power_down = table.share * (vdd * table.one_open_down(mode));
  power.self_refresh = state(table.idd6, standby);
  power.floor = table.floor;
  // Banks count as closed while they refresh: back-to-back refreshes then draw idd5b.
  const auto duration = tick * static_cast<double>(standard.spec(standard.usual.ref_all).busy);
  power.refresh = refreshes(standard, table.share * (vdd * (table.idd5b.in(mode)-standby) * duration));
  return power;
}

}  // namespace wordline::dram
