#include "wordline/chip/chip.h"

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/core/reader.h"

namespace wordline::chip {

namespace {

std::map<Dtype, MatrixRate> read_engines(const core::Reader& file) {
  std::map<Dtype, MatrixRate> out;
  const core::Reader engines = file.table("engines");
  for (const Dtype dtype : all_dtypes()) {
    const auto engine = engines.optional_table(name_of(dtype));
    if (!engine) continue;
    MatrixRate rate;
    rate.peak = engine->quantity<core::FlopsPerSecond>("peak");
    if (rate.peak.value() <= 0) engine->fail("peak", "a rate above 0");
    rate.best_achieved = engine->number_or("best_achieved", 1, 0.01, 1);
    engine->finish();
    out.emplace(dtype, rate);
  }
  engines.finish();
  if (!out.contains(Dtype::bf16)) engines.fail("bf16", "a table: every chip must multiply bf16");
  return out;
}

Port read_port(const core::Reader& file) {
  Port out;
  const auto port = file.optional_table("port");
  if (!port) return out;
  out.topology = port->choice("topology", {"all-to-all", "ring", "torus"});
  out.bandwidth = port->quantity<core::BytesPerSecond>("bandwidth");
  if (out.bandwidth.value() <= 0) port->fail("bandwidth", "a bandwidth above 0");
  out.latency = port->quantity<core::Seconds>("latency");
  out.largest_group = static_cast<int>(port->integer("largest_group", 2, 1 << 16));
  port->finish();
  return out;
}

Price read_price(const core::Reader& file) {
  Price out;
  const core::Reader price = file.table("price");
  if (price.has("rent")) out.rent = price.range<core::UsdPerHour>("rent");
  if (price.has("buy")) out.buy = price.range<core::Usd>("buy");
  if (!out.rent && !out.buy) price.fail("rent", "a price to rent or to buy");
  price.finish();
  return out;
}

void read_power(const core::Reader& file, Chip& out) {
  const core::Reader power = file.table("power");
  out.tdp = power.quantity<core::Watts>("tdp");
  out.idle = power.quantity<core::Watts>("idle");
  if (out.idle >= out.tdp) power.fail("idle", "less than the TDP");
  power.finish();
}

}  // namespace

bool Chip::computes(Dtype dtype) const { return engines.contains(dtype); }

const MatrixRate& Chip::rate(Dtype dtype) const { return engines.at(computes(dtype) ? dtype : Dtype::bf16); }

core::JoulesPerFlop Chip::energy(Dtype dtype) const { return (tdp - idle) / rate(dtype).sustained(); }

Chip load(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const core::Reader file = catalog.read("chips", name, asked_at);
  Chip out;
  out.name = name;
  out.title = file.text_or("title", name);
  out.engines = read_engines(file);
  out.memory = read_memory(catalog, file.table("memory"));
  const core::Reader kernels = file.table("kernels");
  out.launch = kernels.quantity<core::Seconds>("launch");
  kernels.finish();
  out.port = read_port(file);
  read_power(file, out);
  out.price = read_price(file);
  file.finish();
  return out;
}

Chip with_memory_speed(Chip chip, const core::Catalog& catalog, const std::string& module, int count) {
  const core::Bytes capacity = chip.memory.capacity;
  chip.memory = modules_of(catalog, module, count);
  chip.memory.capacity = capacity;
  return chip;
}

Chip with_memory_capacity(Chip chip, core::Bytes capacity) {
  chip.memory.capacity = capacity;
  return chip;
}

Chip with_memory(Chip chip, const core::Catalog& catalog, const std::string& module, int count,
                 std::optional<core::Bytes> capacity) {
  chip.memory = modules_of(catalog, module, count);
  if (capacity) chip.memory.capacity = *capacity;
  return chip;
}

}  // namespace wordline::chip
