// wordline dram energy: counts, state clocks and joules of a command list. Legality is not judged.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "args.h"
#include "dram.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/document.h"
#include "wordline/core/result.h"
#include "wordline/dram/energy_names.h"

namespace wordline::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::filesystem::path spec, trace;
  std::string banks = "rank";
};

template <typename T>
Json object(const dram::Named<T>& values) {
  Json out = Json::object();
  for (const auto& [name, value] : values) out[std::string(name)] = value;
  return out;
}

Json commands_json(const std::array<std::int64_t, dram::energy_ops>& commands) {
  Json out = Json::object();
  for (std::size_t op = 0; op < commands.size(); ++op)
    if (commands[op] > 0) out[dram::to_string(static_cast<dram::EnergyOp>(op))] = commands[op];
  return out;
}

void append(Json& document, const dram::Memspec& spec, const dram::EnergyStats& stats, const dram::ListEnergy& energy) {
  document["memory_type"] = dram::to_string(spec.type);
  document["clocks"] = stats.clocks;
  document["seconds"] = spec.seconds(stats.clocks);
  document["devices"] = spec.devices;
  auto& sums = document["energy_j"] = object(dram::named(energy.sum()));
  for (const auto& [name, joules] : dram::named_of_ranks(energy)) sums[std::string(name)] = joules;
  sums["bank_total"] = energy.sum().total();
  sums["total"] = energy.total();
  auto& ranks = document["ranks"] = Json::array();
  for (std::size_t r = 0; r < stats.rank_states.size(); ++r)
    ranks.push_back({{"rank", r},
                     {"commands", commands_json(stats.commands[r])},
                     {"cycles", object(dram::named(stats.rank_states[r]))}});
  auto& banks = document["banks"] = Json::array();
  for (std::size_t b = 0; b < stats.counts.size(); ++b) {
    banks.push_back({{"rank", b / static_cast<std::size_t>(spec.banks)},
                     {"bank", b % static_cast<std::size_t>(spec.banks)},
                     {"counter", object(dram::named(stats.counts[b], spec.type))},
                     {"cycles", object(dram::named(stats.bank_states[b]))},
                     {"energy_j", object(dram::named(energy.banks[b]))}});
    banks.back()["energy_j"]["total"] = energy.banks[b].total();
  }
}

std::string words(const Json& document) {
  std::string text = fmt::format("{:<20}{}\n{:<20}{}\n", "memory type", document["memory_type"].get<std::string>(),
                                 "clocks", document["clocks"].get<std::int64_t>());
  for (const auto& rank : document["ranks"])
    for (const auto& [state, clocks] : rank["cycles"].items())
      if (clocks != 0)
        text += fmt::format("{:<20}{}\n", fmt::format("rank {} {}", rank["rank"].get<int>(), state),
                            clocks.get<std::int64_t>());
  for (const auto& [cause, joules] : document["energy_j"].items())
    if (joules != 0.0) text += fmt::format("{:<20}{:.6g} pJ\n", cause, joules.get<double>() * 1e12);
  return text;
}

// The specification with what --set replaces in it; a document that wraps it in "memspec" is unwrapped first.
dram::Memspec read_spec(const Options& options, const Common& common) {
  core::Value document = core::read_document(options.spec);
  if (const core::Value* inner = document.find("memspec")) document = core::Value(*inner);
  for (const auto& setting : common.settings) core::set_value(document, setting);
  return dram::read_memspec(document);
}

int energy(const Options& options, const Common& common) {
  const dram::Memspec spec = read_spec(options, common);
  const auto numbers = options.banks == "group" ? dram::BankNumbers::in_group : dram::BankNumbers::through_rank;
  const auto stats = dram::energy_stats(spec, dram::read_energy_trace(spec, options.trace, numbers));
  auto document = core::result_document("dram.energy", core::Catalog::open(common.catalogs));
  append(document, spec, stats, dram::energy_of(spec, stats));
  write_result(common, document, words(document));
  return core::exit_done;
}

}  // namespace

void add_dram_energy(Args& dram) {
  Args& run = dram.command("energy", "counts, state clocks and joules of a command list, legal or not");
  auto options = std::make_shared<Options>();
  run.positional("SPEC", options->spec, "memory specification, .toml or a DRAMPower memspec .json").required();
  run.positional("TRACE", options->trace, "timestamp,command,rank,bankgroup,bank,row,column[,data]").required();
  run.option("--banks", options->banks, "bank numbers count through the rank, or anew in every group")
      .choices({"rank", "group"});
  run.footer("Example: wordline dram energy ddr5.toml list.csv --set memarchitecturespec.nbrOfRanks=2 --json -");
  run.action([options, &common = run.common()] { return energy(*options, common); });
}

}  // namespace wordline::cli
