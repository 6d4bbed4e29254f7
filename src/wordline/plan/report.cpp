// The report: the answer first, then what stands behind it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <set>

#include "wordline/core/result.h"
#include "wordline/plan/output.h"
#include "wordline/plan/report_parts.h"
#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

Json figure(const std::string& label, const std::string& value, const std::string& unit, const std::string& note) {
  return {{"label", label}, {"value", value}, {"unit", unit}, {"note", note}};
}

// "0.69 to 1.29", or nothing where the range is a point.
std::string spread(const core::Range<double>& range) {
  return range.low == range.high ? "" : fmt::format("{} to {}", plain(range.low), plain(range.high));
}

Json figures(const Plan& plan, const Outcome& best) {
  const auto usd = best.bill.usd_per_mtok.map([](core::Usd x) { return x.value(); });
  const auto krw = best.bill.krw_per_mtok.map([](core::Krw x) { return x.value(); });
  const auto month = best.bill.month.total().map([](core::Usd x) { return x.value() / 1e6; });
  const double subscriber = best.bill.month.total().mid * plan.scenario.prices.exchange_rate.mid / core::Krw(1) /
                            plan.scenario.service.subscribers;
  Json out = Json::array();
  out.push_back(figure("Machines", plain(best.chips), best.chip_title,
                       fmt::format("{} replicas of {}, {} of them spare", plain(best.fleet.replicas()),
                                   best.candidate.tp, best.fleet.spare)));
  out.push_back(figure("A month", plain(month.mid), "million USD",
                       spread(month) + (best.price_kind == "assumed" ? "; the chip's price is assumed" : "")));
  out.push_back(
      figure("A million output tokens", plain(usd.mid), "USD", fmt::format("{}; KRW {}", spread(usd), plain(krw))));
  out.push_back(figure("A subscriber and month", plain(subscriber), "KRW", "of the middle cost"));
  out.push_back(
      figure("Power at the peak", plain(best.facility.in(core::watts(1e6))), "MW", "servers and cooling included"));
  return out;
}

// What was asked: load, promise, way to pay.
std::string question(const Plan& plan) {
  return fmt::format(
      "{} requests a second on average, {} in the peak hour, {} in the worst ten minutes, which the fleet is "
      "sized for. Promised to 99 of 100 users: the first word within {} s, each further one within {} ms. {}.",
      plain(plan.demand.mean.value()), plain(plan.demand.peak_hour.value()), plain(plan.demand.burst.value()),
      fmt::format("{:g}", plan.scenario.slo.ttft.value()),
      fmt::format("{:g}", plan.scenario.slo.tpot.in(core::milliseconds(1))),
      plan.scenario.cost_choice == "rent" ? "Machines are rented by the hour" : "Machines are bought");
}

Json answer(const Plan& plan) {
  Json out;
  out["headline"] = headline(plan);
  out["question"] = {question(plan)};
  out["text"] = explanation(plan);
  if (const Outcome* best = plan.best(0)) out["figures"] = figures(plan, *best);
  return out;
}

}  // namespace

Json section(const char* kind, const char* id, const std::string& title, const std::vector<std::string>& text) {
  return {{"kind", kind}, {"id", id}, {"title", title}, {"text", text}};
}

std::vector<const Outcome*> winners(const Plan& plan, std::size_t model) {
  std::vector<const Outcome*> out;
  std::set<std::string> seen;
  for (const auto& outcome : plan.outcomes)
    if (outcome.candidate.model == model && outcome.replica.meets && seen.insert(outcome.candidate.chip).second)
      out.push_back(&outcome);
  return out;
}

Json report_of(const Plan& plan, const core::Catalog& catalog) {
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = plan.scenario.title;
  out["subtitle"] = plan.scenario.service.name;
  out["answer"] = answer(plan);
  out["sections"] = Json::array({ranking_section(plan)});
  if (!plan.steps.empty()) out["sections"].push_back(steps_section(plan));
  if (plan.possible())
    for (const auto& part : {pareto_section(plan), kernels_section(plan), latency_section(plan)})
      out["sections"].push_back(part);
  out["sections"].push_back(day_section(plan));
  out["sections"].push_back(assumptions_section(plan));
  out["foot"] = {
      fmt::format("Wordline {} ({}), catalogue {}. Every number is computed from the scenario and the catalogue; the "
                  "same input gives the same report.",
                  core::program_version(), core::program_commit(), catalog.hash()),
      "Charts by Chart.js, Expat (MIT) licence."};
  return out;
}

}  // namespace wordline::plan
