// The candidates as CSV.
#include <fmt/format.h>

#include "wordline/core/csv.h"
#include "wordline/plan/output.h"

namespace wordline::plan {

namespace {

template <class Q>
std::string three(bool known, const core::Range<Q>& range) {
  return known ? fmt::format("{},{},{}", range.low.value(), range.mid.value(), range.high.value()) : ",,";
}

std::string line(const Plan& plan, const Outcome& o) {
  const bool meets = o.replica.meets, fits = o.replica.fits, priced = meets && o.bill.known;
  const auto number = [](bool known, auto x) { return known ? fmt::format("{}", x) : std::string(); };
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                     core::csv_field(plan.scenario.models[o.candidate.model].name), core::csv_field(o.candidate.chip),
                     o.candidate.tp, chip::name_of(o.candidate.weights), chip::name_of(o.candidate.kv), fits, meets,
                     number(meets, o.replica.max_rps), number(meets, o.fleet.replicas()), number(meets, o.chips),
                     number(meets, o.facility.in(core::watts(1000))), three(priced, o.bill.month.total()),
                     three(priced, o.bill.usd_per_mtok), three(priced, o.bill.krw_per_mtok),
                     core::csv_field(o.replica.binds),
                     fits ? fmt::format("{},{}", o.replica.at.ttft.p99.in(core::milliseconds(1)),
                                        o.replica.at.tpot.p99.in(core::milliseconds(1)))
                          : ",");
}

}  // namespace

std::string to_csv(const Plan& plan) {
  std::string out =
      "model,chip,tp,dtype,kv_cache_dtype,fits,meets_slo,max_rps,replicas,chips,kw,usd_month_low,usd_month_mid,"
      "usd_month_high,usd_per_mtok_low,usd_per_mtok_mid,usd_per_mtok_high,krw_per_mtok_low,krw_per_mtok_mid,"
      "krw_per_mtok_high,binds,p99_ttft_ms,p99_tpot_ms\n";
  for (const auto& outcome : plan.outcomes) out += line(plan, outcome);
  return out;
}

}  // namespace wordline::plan
