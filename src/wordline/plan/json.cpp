#include "wordline/plan/output.h"

#include <nlohmann/json.hpp>

#include "wordline/core/result.h"
#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

using Json = nlohmann::ordered_json;

template <class Q>
Json range(const core::Range<Q>& value) {
  return core::range_json(value.map([](Q x) { return x.value(); }));
}

Json demand_json(const Plan& plan) {
  Json hours = Json::array();
  for (const auto hour : plan.demand.hours) hours.push_back(hour.value());
  return {{"mean_rps", plan.demand.mean.value()},
          {"peak_hour_rps", plan.demand.peak_hour.value()},
          {"burst_rps", plan.demand.burst.value()},
          {"mean_prompt_tokens", plan.mean_prompt_tokens},
          {"mean_output_tokens", plan.mean_output_tokens},
          {"from_trace", plan.from_trace},
          {"hours_rps", hours}};
}

// Money, or nulls where it is unknown.
void put_bill(Json& out, const Bill& bill, bool known) {
  out["usd_month"] = known ? range(bill.month.total()) : Json();
  out["usd_per_mtok"] = known ? range(bill.usd_per_mtok) : Json();
  out["krw_per_mtok"] = known ? range(bill.krw_per_mtok) : Json();
}

Json candidate_json(const Plan& plan, const Outcome& o) {
  const Evaluation& replica = o.replica;
  const bool fits = replica.fits, meets = replica.meets;
  Json out;
  out["model"] = plan.scenario.models[o.candidate.model].name;
  out["chip"] = o.candidate.chip;
  out["tp"] = o.candidate.tp;
  out["dtype"] = chip::name_of(o.candidate.weights);
  out["kv_cache_dtype"] = chip::name_of(o.candidate.kv);
  out["fits"] = fits;
  out["short_gb_per_chip"] = fits ? Json() : Json(replica.short_gb);
  out["meets_slo"] = meets;
  out["max_rps"] = meets ? Json(replica.max_rps) : Json(0);
  out["replicas"] = meets ? Json(o.fleet.replicas()) : Json();
  out["spare_replicas"] = meets ? Json(o.fleet.spare) : Json();
  out["chips"] = meets ? Json(o.chips) : Json();
  out["kw"] = meets ? Json(o.facility.in(core::watts(1000))) : Json();
  put_bill(out, o.bill, meets && o.bill.known);
  out["price_kind"] = o.price_kind;
  out["binds"] = replica.binds;
  out["limit"] = replica.limit;
  out["p99_ttft_ms"] = fits ? Json(replica.at.ttft.p99.in(core::milliseconds(1))) : Json();
  out["p99_tpot_ms"] = fits ? Json(replica.at.tpot.p99.in(core::milliseconds(1))) : Json();
  for (const auto& [resource, gain] : replica.gains) out["gain_from_a_quarter_more"][resource] = gain;
  out["time_share"] = replica.at.time_share_by_bound;
  out["kv_peak"] = fits ? Json(replica.at.kv_peak) : Json();
  out["preemptions"] = fits ? Json(replica.at.preemptions) : Json();
  out["joules_per_output_token"] = fits ? Json(replica.at.joules_per_output_token) : Json();
  return out;
}

Json step_json(const Plan& plan, const StepOutcome& step) {
  Json out;
  out["chip"] = step.step.base.chip;
  out["memory"] = step.base_memory;
  out["memory_of"] = step.step.memory_of;
  out["other_memory"] = step.other_memory;
  out["model"] = plan.scenario.models[step.step.base.model].name;
  out["tp"] = step.step.base.tp;
  out["dtype"] = chip::name_of(step.step.base.weights);
  out["kv_cache_dtype"] = chip::name_of(step.step.base.kv);
  out["variants"] = Json::array();
  for (const auto& variant : step.variants) {
    Json entry;
    entry["name"] = variant.name;
    entry["peak_gbps"] = variant.peak.in(core::gigabytes_per_second(1));
    entry["capacity_gb"] = variant.capacity.in(core::gigabytes(1));
    entry["fits"] = variant.outcome.replica.fits;
    entry["max_rps"] = variant.outcome.replica.max_rps;
    entry["output_tokens_per_second"] = variant.tokens_per_second;
    entry["watts_per_chip"] = variant.outcome.replica.busy.value() / step.step.base.tp;
    entry["joules_per_output_token"] = variant.outcome.replica.at.joules_per_output_token;
    put_bill(entry, variant.outcome.bill, variant.outcome.replica.meets && variant.outcome.bill.known);
    out["variants"].push_back(std::move(entry));
  }
  out["worth_times_the_price"] = step.worth();
  const bool sold = step.variants.back().outcome.replica.meets && step.sold_as_other.known;
  out["usd_per_mtok_at_the_other_chips_price"] = sold ? range(step.sold_as_other.usd_per_mtok) : Json();
  return out;
}

}  // namespace

Json to_json(const Plan& plan, const core::Catalog& catalog) {
  Json out = core::result_document("plan", catalog);
  out["title"] = plan.scenario.title;
  out["demand"] = demand_json(plan);
  out["slo"] = {{"p99_ttft_ms", plan.scenario.slo.ttft.in(core::milliseconds(1))},
                {"p99_tpot_ms", plan.scenario.slo.tpot.in(core::milliseconds(1))}};
  out["cost"] = {{"choice", plan.scenario.cost_choice}, {"prices", plan.scenario.prices_name}};
  out["possible"] = plan.possible();
  out["answer"] = headline(plan);
  out["explanation"] = explanation(plan);
  out["candidates"] = Json::array();
  for (const auto& outcome : plan.outcomes) out["candidates"].push_back(candidate_json(plan, outcome));
  out["memory_steps"] = Json::array();
  for (const auto& step : plan.steps) out["memory_steps"].push_back(step_json(plan, step));
  out["facts"] = plan.facts.size();
  out["assumed"] = core::facts_json(plan.facts, "assumed");
  return out;
}

}  // namespace wordline::plan
