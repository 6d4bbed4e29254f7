#include "wordline/plan/fab_budget.h"

#include "wordline/core/error.h"

namespace wordline::plan {

namespace {

core::Range<double> share(const core::Reader& table, const char* key) {
  const auto range = table.number_range(key);
  if (range.low < 0 || range.high > 1) table.fail(key, "a share from 0 to 1");
  return range;
}

core::Range<double> product(const core::Range<double>& a, const core::Range<double>& b) {
  return {a.low * b.low, a.mid * b.mid, a.high * b.high};
}

}  // namespace

BudgetSpec load_budget(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const auto file = catalog.read("fab/budgets", name, asked_at);
  BudgetSpec b;
  b.name = name;
  b.title = file.text("title");
  b.investment = file.range<core::Krw>("investment");
  const auto prices = catalog.read("prices", file.text("prices"), file.where("prices"));
  b.exchange_rate = prices.range<core::KrwPerUsd>("exchange_rate");
  b.period = file.quantity<core::Seconds>("period");
  b.share = share(file, "share");
  b.per_monthly_wafer = file.range<core::Usd>("per_monthly_wafer");
  b.running = share(file, "running");
  b.to_accelerators = share(file, "to_accelerators");
  b.in_service = share(file, "in_service");
  if (!(b.exchange_rate.low.value() > 0)) prices.fail("exchange_rate", "a rate above 0");
  if (!(b.per_monthly_wafer.low.value() > 0)) file.fail("per_monthly_wafer", "a price above 0");
  if (b.period < core::months(1)) file.fail("period", "a time of at least a month");
  if (file.has("sources")) file.table("sources");
  file.finish();
  return b;
}

Budget budget_of(const BudgetSpec& b, const ChainSpec& chain, const ChainEnd& end,
                 std::optional<double> users_per_accelerator) {
  const auto& stacks = chain.package.stacks.front();
  Budget out;
  out.investment = {b.investment.low / b.exchange_rate.high, b.investment.mid / b.exchange_rate.mid,
                    b.investment.high / b.exchange_rate.low};
  out.wafers_a_month = {out.investment.low * b.share.low / b.per_monthly_wafer.high,
                        out.investment.mid * b.share.mid / b.per_monthly_wafer.mid,
                        out.investment.high * b.share.high / b.per_monthly_wafer.low};
  const double months = b.period / core::months(1);
  out.wafers = product(out.wafers_a_month, b.running.map([&](double x) { return x * months; }));
  out.stacks_a_wafer = 1 / fab::wafers_of(stacks.stack, end.stack);
  out.stacks = out.wafers.map([&](double x) { return x * out.stacks_a_wafer; });
  const double each = stacks.count * end.package.begun_per_good;
  out.accelerators = product(out.stacks, b.to_accelerators).map([&](double x) { return x / each; });
  if (users_per_accelerator)
    out.users = product(out.accelerators, b.in_service).map([&](double x) { return x * *users_per_accelerator; });
  return out;
}

double users_per_chip(const Plan& plan, const TokenCost& cost) {
  return plan.scenario.service.subscribers / static_cast<double>(cost.outcome->chips);
}

}  // namespace wordline::plan
