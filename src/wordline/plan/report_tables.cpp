// The ranked table and the memory steps.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "wordline/plan/report_parts.h"
#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

Json column(const char* key, const char* label, const char* unit = "", const char* hint = "") {
  return {{"key", key}, {"label", label}, {"unit", unit}, {"align", "right"}, {"hint", hint}};
}

Json ranking_columns() {
  Json chip = column("chip", "One replica"), usd = column("usd", "Cost", "USD per million output tokens"),
       binds = column("binds", "What binds");
  chip["head"] = true, chip["align"] = "left", binds["align"] = "left", usd["bar"] = true;
  return {chip,
          usd,
          column("krw", "Cost", "KRW per million"),
          column("month", "Month", "million USD"),
          column("rate", "Rate", "requests/s a replica"),
          column("chips", "Chips"),
          column("kw", "Power", "kW"),
          binds,
          column("ttft", "p99 TTFT", "s", "time to the first token, 99 of 100 users wait less"),
          column("tpot", "p99 TPOT", "ms", "time per further token, 99 of 100 users wait less")};
}

std::string tone(const std::string& binds) { return binds == "SLO" ? "bad" : ""; }

Json binds_cell(const Outcome& o) {
  if (!o.replica.fits)
    return {{"tag", "does not fit"},
            {"tone", "bad"},
            {"note", fmt::format("{} GB short on each chip", plain(o.replica.short_gb))}};
  if (!o.replica.meets)
    return {{"tag", "promise missed"}, {"tone", "bad"}, {"note", "shown: the best that can be reached"}};
  const std::string& binds = o.replica.binds;
  return {{"tag", binds},
          {"tone", tone(binds)},
          {"note", fmt::format("with \u00bc more: {:+.0f}\u00a0%", 100 * gain_from(o.replica.gains, binds))}};
}

Json ranking_row(const Outcome& o, bool best) {
  Json row;
  row["chip"] = {{"text", fmt::format("{} x {}", o.candidate.tp, o.chip_title)},
                 {"note", format_name(o.candidate) + (o.price_kind == "assumed" ? ", price assumed" : "")}};
  const bool meets = o.replica.meets;
  if (meets && o.bill.known) {
    row["usd"] = range_of(o.bill.usd_per_mtok);
    row["krw"] = range_of(o.bill.krw_per_mtok);
    row["month"] = range_of(o.bill.month.total().map([](core::Usd x) { return x / 1e6; }));
  }
  if (meets) {
    row["rate"] = o.replica.max_rps;
    row["chips"] = o.chips;
    row["kw"] = o.facility.in(core::watts(1000));
  }
  row["binds"] = binds_cell(o);
  if (o.replica.fits) {
    row["ttft"] = o.replica.at.ttft.p99.value();
    row["tpot"] = o.replica.at.tpot.p99.in(core::milliseconds(1));
  }
  row["_best"] = best;
  row["_no"] = !meets;
  return row;
}

Json step_row(const StepOutcome& step, const StepVariant& variant) {
  const auto& replica = variant.outcome.replica;
  const double before = step.variants.front().outcome.replica.max_rps;
  Json row;
  row["name"] = variant.name;
  row["peak"] = variant.peak.in(core::gigabytes_per_second(1));
  row["capacity"] = variant.capacity.in(core::gigabytes(1));
  row["rate"] = replica.max_rps;
  row["gain"] = &variant == &step.variants.front() ? ""
                : before > 0                       ? fmt::format("{:+.1f} %", 100 * (replica.max_rps / before - 1))
                                                   : "-";
  row["tokens"] = variant.tokens_per_second;
  if (replica.meets && variant.outcome.bill.known) row["usd"] = range_of(variant.outcome.bill.usd_per_mtok);
  row["watts"] = replica.busy.value() / step.step.base.tp;
  row["_best"] = &variant == &step.variants.back();
  return row;
}

Json step_columns() {
  Json name = column("name", "Memory"), usd = column("usd", "Cost", "USD per million tokens");
  name["head"] = true, name["align"] = "left", usd["bar"] = true;
  return {name,
          column("peak", "Peak", "GB/s a chip"),
          column("capacity", "Capacity", "GB a chip"),
          column("rate", "Rate", "requests/s a replica"),
          column("gain", "Change"),
          column("tokens", "Answers", "tokens/s a replica"),
          usd,
          column("watts", "Power", "W a chip")};
}

std::string worth_sentence(const StepOutcome& step) {
  if (step.worth() <= 0) return "";
  std::string text = fmt::format(
      "At the same price of the chip a token costs {} of what it did; the better memory is worth up to "
      "{:.0f} % on the chip's price.",
      plain(1 / step.worth()), 100 * (step.worth() - 1));
  if (step.sold_as_other.known && step.variants.back().outcome.replica.meets)
    text += fmt::format(" At the price of {}, a million tokens cost {} USD.", step.other_title,
                        plain(step.sold_as_other.usd_per_mtok.map([](core::Usd x) { return x.value(); })));
  return text;
}

}  // namespace

Json ranking_section(const Plan& plan) {
  Json out = section(
      "table", "ranking", "Which machines, at what cost",
      {"Cheapest first. A replica is a group of chips that holds the model once; its rate is the highest at which 99 "
       "of 100 users still get their words in time. The bar shows the range that the prices leave open, on a "
       "logarithmic scale. What binds was tried: with a quarter more of it, a replica serves that many more "
       "requests."});
  out["tables"] = Json::array();
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model) {
    Json rows = Json::array();
    for (const auto& outcome : plan.outcomes)
      if (outcome.candidate.model == model) rows.push_back(ranking_row(outcome, &outcome == plan.best(model)));
    if (!rows.empty())
      out["tables"].push_back(
          {{"title", plan.scenario.model_titles[model]}, {"columns", ranking_columns()}, {"rows", rows}});
  }
  return out;
}

Json steps_section(const Plan& plan) {
  Json out = section(
      "table", "memory", "What one step up in memory buys",
      {"The same chip, and nothing changed but its memory: first only its speed, then only its size, then both. "
       "All four are priced as the chip is sold today, so the cost shows what the memory alone is worth."});
  out["tables"] = Json::array();
  for (const auto& step : plan.steps) {
    Json rows = Json::array();
    for (const auto& variant : step.variants) rows.push_back(step_row(step, variant));
    const std::string title =
        fmt::format("{}: {} x {}, {}, {}", step.step.title, step.step.base.tp, step.base_title,
                    plan.scenario.model_titles[step.step.base.model], format_name(step.step.base));
    out["tables"].push_back(
        {{"title", title}, {"columns", step_columns()}, {"rows", rows}, {"caption", worth_sentence(step)}});
  }
  return out;
}

}  // namespace wordline::plan
