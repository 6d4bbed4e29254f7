#include "wordline/chip/chip.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "wordline/chip/engine.h"
#include "wordline/chip/measured_times.h"
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
    rate.energy = engine->quantity_or("energy", core::JoulesPerFlop());
    engine->finish();
    out.emplace(dtype, rate);
  }
  engines.finish();
  if (!out.contains(Dtype::bf16) && !out.contains(Dtype::fp16))
    engines.fail("bf16", "a table: every chip must multiply bf16 or fp16");
  return out;
}

// A quantity above 0.
template <class Q>
Q positive(const core::Reader& table, std::string_view key) {
  const auto out = table.quantity<Q>(key);
  if (out.value() <= 0) table.fail(key, "an amount above 0");
  return out;
}

void read_vector(const core::Reader& file, Chip& out) {
  const auto vector = file.optional_table("vector");
  if (!vector) return;
  out.vector = positive<core::FlopsPerSecond>(*vector, "fp32");
  out.exponentials = vector->quantity_or("exponentials", core::FlopsPerSecond());
  vector->finish();
}

Cores read_cores(const core::Reader& file) {
  Cores out;
  const auto cores = file.optional_table("cores");
  if (!cores) return out;
  out.count = static_cast<int>(cores->integer("count", 1, 1 << 16));
  out.clock = positive<core::Hertz>(*cores, "clock");
  out.clock_under_load = cores->quantity_or("clock_under_load", out.clock);
  if (out.clock_under_load > out.clock || out.clock_under_load.value() <= 0)
    cores->fail("clock_under_load", "above 0, and at most the clock at which the peaks hold");
  out.scratch = cores->quantity_or("scratch", core::Bytes());
  out.accumulator = cores->quantity_or("accumulator", core::Bytes());
  out.array_rows = static_cast<int>(cores->integer_or("array_rows", 0, 1, 4096));
  out.array_columns = static_cast<int>(cores->integer_or("array_columns", 0, 1, 4096));
  cores->finish();
  return out;
}

SharedCache read_cache(const core::Reader& file) {
  SharedCache out;
  const auto cache = file.optional_table("cache");
  if (!cache) return out;
  out.size = positive<core::Bytes>(*cache, "size");
  out.bandwidth = positive<core::BytesPerSecond>(*cache, "bandwidth");
  cache->finish();
  return out;
}

LoadPath read_load(const core::Reader& file) {
  LoadPath out;
  const auto load = file.optional_table("load");
  if (!load) return out;
  out.latency = load->quantity<core::Seconds>("latency");
  out.start_up = load->quantity_or("start_up", core::Seconds());
  out.bandwidth = load->quantity_or("bandwidth", core::BytesPerSecond());
  out.multicast = static_cast<int>(load->integer_or("multicast", 1, 1, 64));
  out.granule = load->quantity_or("granule", core::Bytes());
  out.in_flight = load->quantity_or("in_flight", core::Bytes());
  out.transfers = static_cast<int>(load->integer_or("transfers", 1, 1, 1 << 16));
  load->finish();
  return out;
}

void read_collectives(const core::Reader& file, Port& out) {
  file.text_or("title", "");
  out.bandwidth_share = file.number("bandwidth_share", 0.01, 1);
  out.start = positive<core::Seconds>(file, "start");
  for (const auto& band : file.tables("band")) {
    TransferBand read;
    read.below = positive<core::Bytes>(band, "below");
    if (!out.bands.empty() && read.below <= out.bands.back().below) band.fail("below", "more than in the band before");
    read.low = band.number("low", 0, 1e3);
    read.high = band.number("high", read.low, 1e3);
    band.finish();
    out.bands.push_back(read);
  }
  file.finish();
}

Port read_port(const core::Catalog& catalog, const core::Reader& file) {
  Port out;
  const auto port = file.optional_table("port");
  if (!port) return out;
  out.topology = port->choice("topology", {"all-to-all", "ring", "torus"});
  out.bandwidth = port->quantity<core::BytesPerSecond>("bandwidth");
  if (out.bandwidth.value() <= 0) port->fail("bandwidth", "a bandwidth above 0");
  out.latency = port->quantity<core::Seconds>("latency");
  out.largest_group = static_cast<int>(port->integer("largest_group", 2, 1 << 16));
  out.switched = port->flag_or("switched", out.topology == "all-to-all");
  out.in_network_reduction = port->flag_or("in_network_reduction", false);
  out.energy = port->quantity_or("energy", core::JoulesPerByte());
  if (out.in_network_reduction && !out.switched) port->fail("in_network_reduction", "false: there is no switch");
  out.peer_access = port->flag_or("peer_access", true);
  out.library = port->text_or("library", "");
  if (!out.library.empty()) read_collectives(catalog.read("collectives", out.library, port->where("library")), out);
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
  out.tdp_with_memory = power.flag_or("tdp_with_memory", true);
  out.idle = power.quantity<core::Watts>("idle");
  if (out.idle >= out.tdp) power.fail("idle", "less than the TDP");
  out.running = power.quantity_or("running", out.idle);
  if (out.running < out.idle || out.running >= out.tdp) power.fail("running", "from idle up to less than the TDP");
  out.fabric_energy = power.quantity_or("fabric", core::JoulesPerByte());
  out.cache_energy = power.quantity_or("cache", core::JoulesPerByte());
  power.finish();
}

// The constants of an engine kind or a library from its file; others in it are refused.
std::map<std::string, double> read_constants(const core::Reader& file, const std::vector<Constant>& constants) {
  std::map<std::string, double> out;
  file.text_or("title", "");
  for (const auto& constant : constants) out[constant.name] = file.number(constant.name, constant.low, constant.high);
  file.finish();
  return out;
}

// The chip's own values where its file has such a table, in place of its kind's or its library's.
void read_own(const core::Reader& file, std::string_view table, const std::vector<Constant>& constants,
              std::map<std::string, double>& into) {
  const auto own = file.optional_table(table);
  if (!own) return;
  for (const auto& constant : constants)
    if (own->has(constant.name)) into[constant.name] = own->number(constant.name, constant.low, constant.high);
  own->finish();
}

std::map<std::string, std::vector<Band>> read_bands(const core::Reader& file) {
  std::map<std::string, std::vector<Band>> out;
  for (const auto& kind : kernel_kinds()) {
    auto& bands = out[kind];
    for (const auto& entry : file.tables(kind)) {
      Band band;
      band.below = entry.quantity_or("below", core::Seconds(std::numeric_limits<double>::infinity()));
      band.low = entry.number("low", 0.01, 1);
      band.high = entry.number("high", 1, 100);
      entry.finish();
      if (!bands.empty() && band.below <= bands.back().below) entry.fail("below", "more than the band before");
      bands.push_back(band);
    }
    if (bands.empty() || std::isfinite(bands.back().below.value())) file.fail(kind, "bands, the last without below");
  }
  file.finish();
  return out;
}

}  // namespace

bool Chip::computes(Dtype dtype) const { return engines.contains(multiplied_as(dtype)); }

const MatrixRate& Chip::rate(Dtype dtype) const {
  if (const auto own = engines.find(multiplied_as(dtype)); own != engines.end()) return own->second;
  const auto wide = engines.find(Dtype::bf16);
  return wide != engines.end() ? wide->second : engines.at(Dtype::fp16);
}

core::JoulesPerFlop Chip::energy(Dtype dtype) const {
  const MatrixRate& own = rate(dtype);
  return own.energy.value() > 0 ? own.energy : (tdp - awake()) / own.sustained();
}

core::JoulesPerFlop Chip::vector_energy() const {
  return vector.value() > 0 ? (tdp - awake()) / vector : core::JoulesPerFlop();
}

Chip load(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const core::Reader file = catalog.read("chips", name, asked_at);
  Chip out;
  out.name = name;
  out.title = file.text_or("title", name);
  out.engine = file.text_or("engine", out.engine);
  std::vector<std::string> kinds;
  for (const auto& kind : engine_kinds()) kinds.push_back(kind.name);
  if (file.has("engine")) file.choice("engine", kinds);
  if (const auto& kind = engine_kind(out.engine); !kind.constants.empty())
    out.constants = read_constants(catalog.read("engines", out.engine, file.where("engine")), kind.constants);
  out.bands = read_bands(catalog.read("bands", out.engine, file.where("engine")));
  if (file.has("library"))
    out = with_library(std::move(out), catalog, file.text("library"), file.where("library"));
  else if (!engine_kind(out.engine).factors.empty())
    file.fail("library", "the kernel library that the chip's kernels come from");
  read_own(file, "constants", engine_kind(out.engine).constants, out.constants);
  read_own(file, "factors", engine_kind(out.engine).factors, out.factors);
  out.engines = read_engines(file);
  read_vector(file, out);
  out.cores = read_cores(file);
  out.cache = read_cache(file);
  out.load = read_load(file);
  out.memory = read_memory(catalog, file.table("memory"));
  const core::Reader kernels = file.table("kernels");
  out.launch = kernels.quantity<core::Seconds>("launch");
  kernels.finish();
  if (file.has("profile")) {
    const std::filesystem::path beside = *file.where("profile").file;
    out.profile = std::make_shared<const MeasuredTimes>(read_profile(beside.parent_path() / file.text("profile")));
  }
  out.port = read_port(catalog, file);
  read_power(file, out);
  out.price = read_price(file);
  file.finish();
  return out;
}

Chip with_library(Chip chip, const core::Catalog& catalog, const std::string& library, const core::Location& asked_at) {
  chip.library = library;
  chip.factors = read_constants(catalog.read("libraries", library, asked_at), engine_kind(chip.engine).factors);
  return chip;
}

Chip with_memory_speed(Chip chip, const core::Catalog& catalog, const std::string& module, int count) {
  const core::Bytes capacity = chip.memory.capacity;
  chip.memory = with_modules(std::move(chip.memory), catalog, module, count);
  chip.memory.capacity = capacity;
  return chip;
}

Chip with_memory_capacity(Chip chip, core::Bytes capacity) {
  chip.memory.capacity = capacity;
  return chip;
}

Chip with_memory(Chip chip, const core::Catalog& catalog, const std::string& module, int count,
                 std::optional<core::Bytes> capacity) {
  chip.memory = with_modules(std::move(chip.memory), catalog, module, count);
  if (capacity) chip.memory.capacity = *capacity;
  return chip;
}

}  // namespace wordline::chip
