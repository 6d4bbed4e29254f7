#include "wordline/dram/part.h"

#include "wordline/dram/compile.h"

namespace wordline::dram {

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
  part.power_table = read_power_table(file.table("power"), part.standard, part.devices_per_rank);
  part.power = power_of(part.power_table, part.standard, part.clock.period());
  file.finish();
  return part;
}

}  // namespace wordline::dram
