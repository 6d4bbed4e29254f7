#include "wordline/cluster/machine.h"

#include <algorithm>

#include "wordline/core/reader.h"
#include "wordline/memory/named_system.h"
#include "wordline/memory/profile.h"

namespace wordline::cluster {
namespace {

Link read_link(const core::Reader& table) {
  Link link{table.quantity<core::BytesPerSecond>("bandwidth"), table.quantity<core::Seconds>("latency")};
  if (!(link.bandwidth.value() > 0)) table.fail("bandwidth", "more than nothing");
  return link;
}

std::shared_ptr<const memory::System> load_memory(const core::Catalog& catalog, const std::string& name,
                                                  const core::Location& asked_at) {
  return std::make_shared<const memory::System>(memory::load_controllers(catalog, name, asked_at));
}

}  // namespace

Machine load_machine(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const auto reader = catalog.read("machines", name, asked_at);
  Machine machine;
  machine.name = name;
  machine.title = reader.text_or("title", name);
  machine.chips = static_cast<int>(reader.integer("chips", 1, 1024));
  const auto host_link = reader.table("host_link"), network = reader.table("network");
  machine.host_link = read_link(host_link);
  machine.copies_at_once = static_cast<int>(host_link.integer("copies_at_once", 1, 4096));
  machine.network = read_link(network);
  host_link.finish();
  network.finish();
  const auto memory = reader.table("memory");
  machine.memory_name = memory.text("system");
  machine.sockets = static_cast<int>(memory.integer("sockets", 1, 64));
  machine.memory = load_memory(catalog, machine.memory_name, memory.where("system"));
  memory.finish();
  reader.finish();
  return machine;
}

Machine with_memory(Machine machine, const core::Catalog& catalog, const std::string& system,
                    const core::Location& asked_at) {
  machine.memory = load_memory(catalog, system, asked_at);
  machine.memory_name = system;
  return machine;
}

HostMemory host_memory(const Machine& machine, double reads, core::Bytes piece, const core::Cache& cache) {
  const memory::AccessPattern pattern{reads, static_cast<std::uint64_t>(piece.value()), machine.copies_at_once};
  const auto profile = memory::streamed(*machine.memory, pattern, cache);
  const auto above_idle = std::max(profile.energy - profile.idle / profile.bandwidth, core::JoulesPerByte(0));
  return {profile.bandwidth * machine.sockets, above_idle};
}

}  // namespace wordline::cluster
