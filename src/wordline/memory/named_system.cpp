#include "wordline/memory/named_system.h"

#include <fmt/format.h>

#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"

namespace wordline::memory {

namespace {

int small(const core::Reader& table, std::string_view key, int fallback, int least = 0) {
  return static_cast<int>(table.integer_or(key, fallback, least, 1'000'000'000));
}

Settings read_settings(const core::Reader& table) {
  Settings settings;
  settings.read_queue = small(table, "read_queue", settings.read_queue, 1);
  settings.write_queue = small(table, "write_queue", settings.write_queue, 1);
  settings.write_high = small(table, "write_high", settings.write_high, 1);
  settings.write_low = small(table, "write_low", settings.write_low);
  settings.age_cap_clocks = small(table, "age_cap_clocks", settings.age_cap_clocks, 1);
  settings.scheduler = table.text_or("scheduler", settings.scheduler);
  settings.page = table.text_or("page", settings.page);
  settings.page_timeout_clocks = small(table, "page_timeout_clocks", settings.page_timeout_clocks, 1);
  settings.refresh = table.text_or("refresh", settings.refresh);
  settings.postponed_refreshes = small(table, "postponed_refreshes", settings.postponed_refreshes);
  settings.pulled_in_refreshes = small(table, "pulled_in_refreshes", settings.pulled_in_refreshes);
  settings.refreshes_spread = table.flag_or("refreshes_spread", settings.refreshes_spread);
  settings.access_bytes = small(table, "access_bytes", settings.access_bytes);
  settings.address_map = table.text_or("address_map", settings.address_map);
  table.finish();
  return settings;
}

FrontEnd read_front_end(const core::Reader& table) {
  FrontEnd front_end;
  front_end.latency = table.quantity<core::Seconds>("latency");
  front_end.loaders = small(table, "loaders", front_end.loaders, 1);
  front_end.outstanding = small(table, "outstanding", front_end.outstanding, 1);
  front_end.stores = small(table, "stores", front_end.stores);
  front_end.in_order = table.flag_or("in_order", front_end.in_order);
  front_end.streams = small(table, "streams", front_end.streams, 1);
  front_end.run_blocks = small(table, "run_blocks", front_end.run_blocks, 1);
  front_end.page_bytes = table.quantity_or<core::Bytes>("page", core::bytes(front_end.page_bytes)).value();
  front_end.stream_bytes = table.quantity_or<core::Bytes>("stream", core::bytes(front_end.stream_bytes)).value();
  front_end.write_allocate = table.flag_or("write_allocate", front_end.write_allocate);
  front_end.write_back_bytes =
      table.quantity_or<core::Bytes>("write_back", core::bytes(front_end.write_back_bytes)).value();
  table.finish();
  return front_end;
}

// What a file for modules without a machine would say.
core::Value modules_file(const std::string& module, int count) {
  return core::parse_toml(fmt::format("title = \"{0} x {1}\"\nmodule = \"{1}\"\ncount = {0}\nsource = \"the command "
                                      "line\"\nkind = \"assumed\"\n[front_end]\nlatency = \"0 ns\"\n",
                                      count, module),
                          "command line");
}

// Settings are checked where the file stands, so that the message names it.
void check(const core::Reader& reader, const System& system) {
  try {
    system.settings.check();
    AddressMap{system};
  } catch (const core::UsageError& error) {
    reader.fail("controller", error.what());
  }
}

System read_system(const core::Reader& reader, const core::Catalog& catalog) {
  const int count = static_cast<int>(reader.integer("count", 1, 1024));
  const dram::Modes modes = reader.has("modes") ? reader.texts("modes") : dram::Modes{};
  System system = load_system(catalog, reader.text("module"), count, reader.where("module"), modes);
  if (const auto controller = reader.optional_table("controller")) system.settings = read_settings(*controller);
  check(reader, system);
  return system;
}

// Whether `build` finds nothing to object to in a system's settings.
template <class Build>
bool accepted(Build build) {
  try {
    build();
    return true;
  } catch (const core::UsageError&) {
    return false;
  }
}

}  // namespace

NamedSystem load_named_system(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const core::Reader reader = catalog.read("memory/systems", name, asked_at);
  NamedSystem named;
  named.name = name;
  named.title = reader.text("title");
  named.system = read_system(reader, catalog);
  named.front_end = read_front_end(reader.table("front_end"));
  reader.finish();
  return named;
}

System load_controllers(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const core::Reader reader = catalog.read("memory/systems", name, asked_at);
  reader.text("title");
  System system = read_system(reader, catalog);
  reader.table("front_end");  // known, but not read: its numbers are none of the result's
  reader.finish();
  return system;
}

std::optional<FrontEnd> load_cores_in_order(const core::Catalog& catalog, const std::string& name,
                                            const core::Location& asked_at) {
  const core::Reader front_end = catalog.read("memory/systems", name, asked_at).table("front_end");
  if (!front_end.flag_or("in_order", true)) return std::nullopt;
  return read_front_end(front_end);
}

System with_modules(System controllers, Module module, int count) {
  System out = std::move(controllers);
  out.module = std::move(module);
  out.count = count;
  const Settings plain;
  if (!accepted([&] { out.bursts(); })) out.settings.access_bytes = plain.access_bytes;
  if (!accepted([&] { AddressMap{out}; })) out.settings.address_map = plain.address_map;
  if (!accepted([&] { Channel{out}; })) {
    out.settings.refresh = plain.refresh;
    out.settings.postponed_refreshes = plain.postponed_refreshes;
  }
  return out;
}

NamedSystem system_or_module(core::Catalog& catalog, const std::string& system, const std::string& module, int count,
                             const std::vector<std::string>& settings, const core::Location& asked_at) {
  if (system.empty() == module.empty()) throw core::UsageError("wanted either --system NAME or --module NAME");
  const std::string name = system.empty() ? module : system;
  core::Value file;
  if (system.empty()) {
    catalog.load("memory/modules", module, asked_at);  // its own message where there is none
    file = modules_file(module, count);
  } else {
    file = catalog.load("memory/systems", system, asked_at);
    if (settings.empty()) return load_named_system(catalog, system, asked_at);
    auto& table = std::get<core::Table>(file.data);
    table.insert_or_assign("source", core::Value{"the command line", {}});
    table.insert_or_assign("kind", core::Value{"assumed", {}});
  }
  for (const auto& setting : settings) core::set_value(file, setting);
  catalog.put("memory/systems", name, std::move(file));
  return load_named_system(catalog, name, asked_at);
}

}  // namespace wordline::memory
