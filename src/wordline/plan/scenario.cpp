#include "wordline/plan/scenario.h"

#include <algorithm>
#include <array>

#include "wordline/chip/chip.h"
#include "wordline/plan/candidates.h"
#include "wordline/serve/engine_memory.h"

namespace wordline::plan {

namespace {

serve::Slo read_slo(const core::Reader& table) {
  const serve::Slo slo{table.quantity<core::Seconds>("p99_ttft"), table.quantity<core::Seconds>("p99_tpot")};
  if (slo.ttft.value() <= 0) table.fail("p99_ttft", "a time above 0");
  if (slo.tpot.value() <= 0) table.fail("p99_tpot", "a time above 0");
  table.finish();
  return slo;
}

// vLLM's names; what is left out is the engine's own choice.
serve::Engine read_engine(const core::Reader& table, const core::Catalog& catalog) {
  serve::Engine engine;
  if (table.has("policy")) engine.policy = table.choice("policy", serve::engine_policies());
  engine.max_num_seqs = static_cast<std::int32_t>(table.integer_or("max_num_seqs", 0, 1, 1 << 20));
  engine.max_num_batched_tokens = static_cast<std::int32_t>(table.integer_or("max_num_batched_tokens", 0, 1, 1 << 20));
  engine.max_model_len = static_cast<std::int32_t>(table.integer_or("max_model_len", 0, 1, 1 << 24));
  engine.gpu_memory_utilization = table.number_or("gpu_memory_utilization", engine.gpu_memory_utilization, 0.01, 1);
  engine.block_size = static_cast<std::int32_t>(table.integer_or("block_size", engine.block_size, 1, 1024));
  engine.async_scheduling = table.flag_or("async_scheduling", engine.async_scheduling);
  if (table.has("host")) engine.host = serve::load_host(catalog, table.text("host"), table.where("host"));
  table.finish();
  return engine;
}

serve::CapacityOptions read_search(const core::Reader& table) {
  serve::CapacityOptions search;
  search.seed = static_cast<std::uint64_t>(table.integer_or("seed", 1, 0));
  search.arrival_cv = table.number_or("arrival_cv", search.arrival_cv, 0.01, 100);
  search.precision = table.number_or("precision", search.precision, 0.001, 0.5);
  search.min_requests = static_cast<std::size_t>(table.integer_or("min_requests", 2000, 50, 1000000));
  search.max_requests = static_cast<std::size_t>(table.integer_or("max_requests", 10000, 50, 1000000));
  if (search.max_requests < search.min_requests) table.fail("max_requests", "at least min_requests");
  table.finish();
  return search;
}

// The numbers that the scenario states in place of the catalogue's; a bare one counts as assumed by the scenario.
core::Value with_source(const core::Value& overrides) {
  core::Value out = overrides;
  for (auto& [key, value] : std::get<core::Table>(out.data)) {
    if (!value.is_table()) value = core::Value{core::Table{{"value", value}}, value.where};
    auto& members = std::get<core::Table>(value.data);
    members.try_emplace("source", core::Value{std::string("the scenario"), value.where});
    members.try_emplace("kind", core::Value{std::string("assumed"), value.where});
  }
  return out;
}

// An override takes the whole place of the catalogue's entry: no half of the one range with half of the other.
core::Value prices_document(const core::Value& shipped, const core::Value* overrides) {
  core::Value out = shipped;
  if (!overrides) return out;
  const core::Value stated = with_source(*overrides);
  for (const auto& [key, value] : *stated.table()) std::get<core::Table>(out.data).insert_or_assign(key, value);
  return out;
}

void read_cost(const core::Reader& table, const core::Catalog& catalog, Scenario& scenario) {
  scenario.cost_choice = table.choice("choice", cost_policies());
  scenario.prices_name = table.text("prices");
  const core::Value& shipped = catalog.load("prices", scenario.prices_name, table.where("prices"));
  if (table.has("override") && !table.value("override").is_table()) table.fail("override", "a table");
  const core::Value merged = prices_document(shipped, table.has("override") ? &table.value("override") : nullptr);
  const core::Reader prices(merged, &scenario.facts, "prices/" + scenario.prices_name);
  prices.text_or("title", "");
  scenario.prices = Prices::read(prices);
  prices.finish();
  table.finish();
}

// Which chips, how many of them: choices, not facts.
bool is_choice(const core::Fact& fact) {
  const std::array<std::string_view, 4> choices = {"models", "memory_steps", "engine", "simulation"};
  return std::any_of(choices.begin(), choices.end(), [&](auto prefix) { return fact.path.starts_with(prefix); });
}

}  // namespace

Scenario read_scenario(const core::Value& document, const core::Catalog& catalog) {
  core::Facts facts;
  const core::Reader root(document, &facts, "scenario");
  const core::Reader service = root.table("service");
  Scenario scenario;
  scenario.lengths_name = service.text("lengths");
  scenario.lengths =
      serve::LengthModel::read(catalog.read("services", scenario.lengths_name, service.where("lengths")));
  scenario.title = root.text("title");
  scenario.service = Service::read(service);
  service.finish();
  scenario.slo = read_slo(root.table("slo"));
  const core::Reader fleet = root.table("fleet");
  scenario.replicas_per_spare = fleet.integer("replicas_per_spare", 0, 1000000);
  fleet.finish();
  read_cost(root.table("cost"), catalog, scenario);
  if (const auto engine = root.optional_table("engine")) scenario.engine = read_engine(*engine, catalog);
  scenario.engine.outside_torch = serve::outside_torch_of(catalog, scenario.engine.policy);
  if (const auto search = root.optional_table("simulation")) scenario.search = read_search(*search);
  read_candidates(root, catalog, scenario);
  read_memory_steps(root, catalog, scenario);
  root.finish();
  std::erase_if(facts, is_choice);
  scenario.facts.insert(scenario.facts.begin(), facts.begin(), facts.end());
  return scenario;
}

}  // namespace wordline::plan
