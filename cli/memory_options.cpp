#include "memory_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "wordline/core/error.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/policies.h"

namespace wordline::cli {

namespace {

// "random", "static", or the three rates "dq,tsv,busflip".
dram::DataRates data_rates_of(const std::string& text) {
  if (text == "random") return {};
  if (text == "static") return {0, 0, 0};
  std::vector<double> rates;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, value);
    if (error != std::errc{} || stop != text.data() + end || !(value >= 0 && value <= 1)) break;
    rates.push_back(value);
    at = end + 1;
  }
  if (rates.size() == 3 && std::count(text.begin(), text.end(), ',') == 2) return {rates[0], rates[1], rates[2]};
  const std::string nearest = core::nearest_name(text, {"random", "static"});
  throw core::UsageError(
      fmt::format("--data: found \"{}\"; wanted random, static, or the rates DQ,TSV,BUSFLIP from 0 to 1{}", text,
                  nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

// Where only the queue's size is said, the watermarks keep to three quarters and a quarter of it.
void set_queues(const MemoryOptions& options, memory::Settings& settings) {
  if (options.queue) {
    settings.read_queue = settings.write_queue = *options.queue;
    settings.write_high = std::max(1, *options.queue * 3 / 4);
    settings.write_low = *options.queue / 4;
  }
  settings.write_high = options.write_high.value_or(settings.write_high);
  settings.write_low = options.write_low.value_or(settings.write_low);
}

void set_policies(const MemoryOptions& options, memory::Settings& settings) {
  settings.age_cap_clocks = options.age_cap.value_or(settings.age_cap_clocks);
  settings.scheduler = options.scheduler.value_or(settings.scheduler);
  settings.page = options.page.value_or(settings.page);
  settings.page_timeout_clocks = options.page_timeout.value_or(settings.page_timeout_clocks);
  settings.refresh = options.refresh.value_or(settings.refresh);
  settings.postponed_refreshes = options.postponed.value_or(settings.postponed_refreshes);
  settings.pulled_in_refreshes = options.pulled_in.value_or(settings.pulled_in_refreshes);
  settings.access_bytes = options.access_bytes.value_or(settings.access_bytes);
  settings.refreshes_spread |= options.refreshes_spread;
  settings.address_map = options.address_map.value_or(settings.address_map);
}

void set_energies(const MemoryOptions& options, memory::Module& module) {
  const dram::EnergyMode mode = dram::energy_mode(options.energy);
  const dram::DataRates rates = data_rates_of(options.data);
  if (options.data != "random" && !module.part->power_table.data)
    throw core::UsageError(
        fmt::format("--data {}: {} has no [power.data]; the stacks have", options.data, module.part->name));
  if (mode != dram::EnergyMode::model || options.data != "random")
    module = memory::with_energies(std::move(module), mode, rates);
}

std::vector<std::string> settings_with_modes(const MemoryOptions& options, const Common& common) {
  auto settings = common.settings;
  if (options.hot && options.fine_granularity)
    settings.emplace_back("modes=[\"hot\", \"fine-granularity\"]");
  else if (options.hot || options.fine_granularity)
    settings.push_back(fmt::format("modes=[\"{}\"]", options.hot ? "hot" : "fine-granularity"));
  return settings;
}

}  // namespace

void add_memory_options(Args& args, MemoryOptions& o) {
  args.option("--system", o.system, "memory of a known machine (wordline list memory/systems)");
  args.option("--module", o.module, "module from the catalogue, instead of --system (wordline list memory/modules)");
  args.option("--count", o.count, "modules behind one address map, beside --module");
  args.option("--hot", o.hot, "above 85 C: refreshes come twice as often");
  args.option("--fine-granularity", o.fine_granularity, "shorter all-bank refreshes, twice as often (DDR4, DDR5)");
  args.option("--map", o.address_map, "address map: a policy's name, or fields from the lowest to the highest");
  args.option("--scheduler", o.scheduler, "which access goes first").choices(memory::scheduler_names());
  args.option("--page", o.page, "when rows are closed").choices(memory::page_policy_names());
  args.option("--page-timeout", o.page_timeout, "after so long unused: timeout; where it begins: adaptive")
      .called("CLOCKS");
  args.option("--refresh", o.refresh, "which banks are refreshed together").choices(memory::refresh_policy_names());
  args.option("--postponed", o.postponed, "refreshes that may stay owed while their banks have work").called("N");
  args.option("--pulled-in", o.pulled_in, "refreshes that may come early while their banks have none").called("N");
  args.option("--refreshes-spread", o.refreshes_spread, "channels begin their refreshes one after the other");
  args.option("--queue", o.queue, "read entries, and as many for writes, in front of each data bus; 1 to 1024")
      .called("N");
  args.option("--write-high", o.write_high, "queued writes from which on they drain; three quarters").called("N");
  args.option("--write-low", o.write_low, "queued writes down to which they drain; a quarter").called("N");
  args.option("--age-cap", o.age_cap, "an access older than this may close a row that others hit").called("CLOCKS");
  args.option("--access-bytes", o.access_bytes, "that one access moves: whole bursts; 64, or a longer burst")
      .called("N");
  args.option("--energy", o.energy, "what energies rest on").choices(dram::energy_mode_names());
  args.option("--data", o.data, "data of a stack's bursts: random, static, or rates from 0 to 1")
      .called("random|static|DQ,TSV,BUSFLIP");
}

memory::NamedSystem memory_of(const MemoryOptions& options, const Common& common, core::Catalog& catalog) {
  auto named =
      memory::system_or_module(catalog, options.system, options.module, options.count,
                               settings_with_modes(options, common), {std::make_shared<std::string>("command line")});
  set_queues(options, named.system.settings);
  set_policies(options, named.system.settings);
  named.system.settings.check();
  set_energies(options, named.system.module);
  return named;
}

nlohmann::ordered_json settings_json(const memory::NamedSystem& named) {
  const memory::Settings& s = named.system.settings;
  return {{"scheduler", s.scheduler},
          {"page", s.page},
          {"page_timeout_clocks", s.page_timeout_clocks},
          {"refresh", s.refresh},
          {"postponed_refreshes", s.postponed_refreshes},
          {"pulled_in_refreshes", s.pulled_in_refreshes},
          {"refreshes_spread", s.refreshes_spread},
          {"read_queue", s.read_queue},
          {"write_queue", s.write_queue},
          {"write_high", s.write_high},
          {"write_low", s.write_low},
          {"age_cap_clocks", s.age_cap_clocks},
          {"access_bytes", named.system.access_bytes()},
          {"modes", named.system.module.modes}};
}

void append_energy_json(nlohmann::ordered_json& document, const MemoryOptions& options) {
  const dram::DataRates rates = data_rates_of(options.data);
  document["energy_mode"] = options.energy;
  document["data_rates"] = {{"dq", rates.dq}, {"tsv", rates.tsv}, {"busflip", rates.busflip}};
}

std::string settings_text(const memory::NamedSystem& named, const MemoryOptions& options) {
  const memory::Settings& s = named.system.settings;
  std::string page = s.page, refresh = s.refresh;
  if (s.page == "timeout" || s.page == "adaptive") page += fmt::format(" {} clocks", s.page_timeout_clocks);
  if (s.refresh != "none")
    refresh += fmt::format(", postponed {}, pulled in {}{}", s.postponed_refreshes, s.pulled_in_refreshes,
                           s.refreshes_spread ? ", spread" : "");
  const auto& modes = named.system.module.modes;
  const auto line = [](const char* name, const std::string& value) { return fmt::format("{:<24}{}\n", name, value); };
  return line("scheduler", fmt::format("{}, age cap {} clocks", s.scheduler, s.age_cap_clocks)) + line("page", page) +
         line("refresh", refresh) +
         line("queues", fmt::format("{} reads, {} writes, drained from {} to {}", s.read_queue, s.write_queue,
                                    s.write_high, s.write_low)) +
         line("address map", memory::AddressMap(named.system).text()) +
         (modes.empty() ? "" : line("modes", fmt::format("{}", fmt::join(modes, ", ")))) +
         line("energies", fmt::format("{}, {} data", options.energy, options.data));
}

}  // namespace wordline::cli
