#include "wordline/dram/part.h"

#include "wordline/dram/compile.h"

namespace wordline::dram {

namespace {

// Joules and watts of one rank on one data path from the currents of its [power] table: the usual IDD equations.
// per = "device": currents of one die, of which several answer together; per = "pseudochannel": of one pseudo-channel
// of a stack, all its stack ids together, so that standby and refresh are shared out among them.
Power read_power(const core::Reader& table, const Standard& standard, core::Seconds tick, int devices) {
  const bool per_device = table.choice("per", {"device", "pseudochannel"}) == "device";
  const double dies = per_device ? devices : 1;
  const double share =
      per_device ? devices : 1.0 / standard.geometry.sizes[static_cast<std::size_t>(standard.geometry.rank_level())];
  const auto volts = table.quantity<core::Volts>("vdd");
  const auto guard_band = table.optional_table("guard_band");  // typical over data sheet, where known
  const auto amperes = [&](const char* key) {
    const double factor = guard_band ? guard_band->number_or(key, 1.0, 0.0, 2.0) : 1.0;
    return factor * table.quantity<core::Amperes>(key);
  };
  const auto seconds = [&](const char* timing) { return tick * static_cast<double>(standard.timing(timing)); };
  const auto burst = seconds("tBURST");
  const core::Amperes active = amperes("idd3n"), standby = amperes("idd2n");
  const core::Amperes all_active = table.has("idd3n_all") ? amperes("idd3n_all") : active;

  Power power;
  power.activate = dies * (volts * (amperes("idd0") * (seconds("tRAS") + seconds("tRP")) - active * seconds("tRAS") -
                                    standby * seconds("tRP")));
  if (!(power.activate > core::Joules())) table.fail("idd0", "a current above what idd3n and idd2n explain");
  const double toggle = table.number_or("data_factor", 1.0, 0.0, 10.0);
  power.read = dies * toggle * (volts * (amperes("idd4r") - active) * burst);
  power.write = dies * toggle * (volts * (amperes("idd4w") - active) * burst);
  if (table.has("iddq4r")) power.read_io = dies * (table.quantity<core::Volts>("vddq") * amperes("iddq4r") * burst);
  power.idle = share * (volts * standby);
  power.first_bank = share * (volts * (active - standby));
  const int banks = standard.geometry.banks_below[static_cast<std::size_t>(standard.geometry.rank_level())];
  power.each_bank = share * (volts * (all_active - active)) / std::max(1, banks - 1);

  const CommandId all = standard.usual.ref_all;
  const auto refresh =
      share * (volts * (amperes("idd5b") - all_active) * (tick * static_cast<double>(standard.spec(all).busy)));
  double all_credit = 1;
  for (const auto& spec : standard.refreshes)
    if (spec.command == all) all_credit = static_cast<double>(spec.credit) * banks;
  for (const auto& spec : standard.refreshes)  // by rows refreshed: a bank's refresh costs its share of an all-bank one
    power.refresh.push_back(refresh * (static_cast<double>(spec.credit) *
                                       static_cast<double>(standard.reached(spec.command, 0).size()) / all_credit));
  if (guard_band) guard_band->finish();
  table.finish();
  return power;
}

}  // namespace

Part load_part(const core::Catalog& catalog, const std::string& name, const LevelSizes& sizes, const Modes& modes) {
  const core::Reader file = catalog.read("dram/parts", name);
  const std::string standard_name = file.text("standard");
  const core::Reader table = catalog.read("dram/standards", standard_name, file.where("standard"));
  const Clocks clocks = clocks_of(table, file);
  file.text_or("title", "");
  table.text_or("title", "");

  Part part;
  part.name = name;
  part.standard = compile(standard_name, table, file, clocks, sizes, modes);
  table.finish();
  part.clock = clocks.tick;
  part.transfers_per_second = clocks.transfers_per_second;
  const Geometry& geometry = part.standard.geometry;
  part.channel_bytes = core::bytes(static_cast<double>(geometry.bytes()));
  const int paths = geometry.nodes[static_cast<std::size_t>(part.standard.data_bus_level)];
  const auto data_bits = table.integer("data_bits");
  part.channel_peak = core::BytesPerSecond(paths * part.transfers_per_second * static_cast<double>(data_bits) / 8);
  const auto organisation = file.table("organisation");
  const auto device_bits = organisation.integer("device_bits", 4, data_bits);
  if (data_bits % device_bits != 0) organisation.fail("device_bits", "a divisor of the data path's width");
  part.devices_per_rank = static_cast<int>(data_bits / device_bits);
  part.power = read_power(file.table("power"), part.standard, part.clock.period(), part.devices_per_rank);
  file.finish();
  return part;
}

}  // namespace wordline::dram
