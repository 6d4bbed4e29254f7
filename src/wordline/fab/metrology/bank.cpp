#include "wordline/fab/metrology/bank.h"

#include "wordline/fab/capability.h"

namespace wordline::fab {
namespace {

std::vector<std::unique_ptr<Expert>> experts_of(const core::Reader& reader, std::vector<std::string>* names) {
  std::vector<std::unique_ptr<Expert>> experts;
  for (const auto& table : reader.tables("experts")) {
    if (names) names->push_back(table.text("name"));
    experts.push_back(make_expert(table));
    if (names) table.finish();
  }
  return experts;
}

void read_watches(const core::Reader& reader, Bank& bank) {
  const auto interval = reader.table("interval"), drift = reader.table("drift"), shift = reader.table("shift"),
             sampling = reader.table("sampling");
  bank.coverage = interval.number("coverage", 0.01, 0.999);
  bank.deviations = normal_quantile(0.5 + 0.5 * bank.coverage);
  bank.conformal = Conformal(bank.coverage, interval.number("rate", 0, 1),
                             static_cast<std::size_t>(interval.integer("first", 1, 100000)),
                             static_cast<std::size_t>(interval.integer("window", 1, 100000)));
  bank.ages = interval.integers("ages");
  if (bank.ages.empty()) interval.fail("ages", "at least one");
  for (std::size_t i = 0; i < bank.ages.size(); ++i)
    if (bank.ages[i] < 1 || (i > 0 && bank.ages[i] <= bank.ages[i - 1]))
      interval.fail("ages", "whole numbers, ascending");
  bank.drift = DriftWatch(drift.number("allowance", 0, 100), drift.number("limit", 0, 1e6));
  bank.shift = ShiftWatch(shift.number("gain", 1e-6, 1), shift.number("limit", 1, 1e9),
                          static_cast<int>(shift.integer("in_a_row", 1, 1000)));
  bank.reserve = sampling.number("reserve", 0, 1000);
  for (const auto* table : {&interval, &drift, &shift, &sampling}) table->finish();
}

}  // namespace

Bank load_bank(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const auto reader = catalog.read("fab/banks", name, asked_at);
  Bank bank;
  bank.name = name;
  bank.title = reader.text("title");
  bank.warm_up = static_cast<std::size_t>(reader.integer("warm_up", 10, 100000));
  bank.pending = static_cast<std::size_t>(reader.integer("pending", 1, 1000000));
  bank.clip = reader.number("clip", 1, 1e6);
  read_watches(reader, bank);
  const auto aggregation = reader.table("aggregation");
  fab::make_aggregation(aggregation);
  aggregation.finish();
  if (experts_of(reader, &bank.experts).empty()) reader.fail("experts", "at least one [[experts]]");
  reader.finish();
  bank.document = reader.value();
  return bank;
}

std::vector<std::unique_ptr<Expert>> Bank::make_experts() const { return experts_of(core::Reader(document), nullptr); }

std::unique_ptr<Aggregation> Bank::make_aggregation() const {
  return fab::make_aggregation(core::Reader(document).table("aggregation"));
}

}  // namespace wordline::fab
