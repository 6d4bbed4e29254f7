// The answer first, then latencies as distributions, load and cache over time, what bound the steps, single requests.
#include "serve_report.h"

#include "serve_fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "web/page.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

constexpr std::size_t drawn_requests = 100;

double ms(core::Seconds time) { return time.value() * 1e3; }
Json point(double x, double y) { return {{"x", x}, {"y", y}}; }
Json series(const std::string& name, const Json& points, int color) {
  return {{"name", name}, {"points", points}, {"color", color}};
}

Json chart(const char* title, const Json& all, const Json& x, const Json& y, const std::string& summary) {
  return {{"type", "line"}, {"title", title}, {"series", all}, {"x", x}, {"y", y}, {"summary", summary}};
}

std::string time_words(double milliseconds) {
  return milliseconds < 1000 ? three_digits(milliseconds) + "\u00a0ms" : three_digits(milliseconds / 1000) + "\u00a0s";
}

// The bound that most of the step time goes to, and its share.
std::pair<std::string, double> longest_bound(const serve::Result& result) {
  const auto& all = result.time_share_by_bound;
  const auto most =
      std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return *most;
}

std::string title_of(const ServeReport& report) {
  std::string out;
  for (const ServePart& part : report.setup->parts) {
    const auto& deployment = part.deployment;
    const int chips = model::chips_of(deployment);
    const int replicas = part.group.replicas / deployment.dp;
    const bool all = part.group.role == serve::Role::both;
    out += fmt::format("{}{}{}{}{}", out.empty() ? deployment.architecture.name + " on " : " and ",
                       replicas > 1 ? fmt::format("{} × ", replicas) : "", chips > 1 ? fmt::format("{} × ", chips) : "",
                       deployment.chip.title, all ? "" : fmt::format(" ({})", name_of(part.group.role)));
  }
  return out;
}

Json answer(const ServeReport& report) {
  const serve::Result& r = *report.result;
  Json out, figures = Json::array();
  out["headline"] = fmt::format("{} output tokens a second, first tokens within {} for 99\u00a0% of the requests",
                                three_digits(r.output_throughput), time_words(ms(r.ttft.p99)));
  out["question"] = {fmt::format("{} requests ({}) in {}, {} a second; {} refused.",
                                 three_digits(static_cast<double>(r.requests)),
                                 (*report.document)["workload"].get<std::string>(), time_words(ms(r.duration)),
                                 three_digits(r.request_throughput), r.rejected)};
  figures.push_back(figure("TTFT", time_words(ms(r.ttft.median)), "median", "p99 " + time_words(ms(r.ttft.p99))));
  figures.push_back(figure("TPOT", time_words(ms(r.tpot.median)), "median", "p99 " + time_words(ms(r.tpot.p99))));
  if (r.request_goodput)
    figures.push_back(figure("Goodput", three_digits(*r.request_goodput), "requests/s",
                             percent(r.request_throughput > 0 ? *r.request_goodput / r.request_throughput : 0) +
                                 " of the answered are within the promises"));
  figures.push_back(figure("KV cache", percent(r.kv_mean), "in the mean",
                           fmt::format("{} at most, {} preemptions", percent(r.kv_peak), r.preemptions)));
  if (r.prefix_hits > 0)
    figures.push_back(figure("Prefix cache",
                             percent(static_cast<double>(r.prefix_hits) / static_cast<double>(r.prefix_queries)),
                             "of prompt tokens", "found there, not computed"));
  if (r.host_blocks_stored > 0)
    figures.push_back(
        figure("Host memory", percent(static_cast<double>(r.host_hits) / static_cast<double>(r.prefix_queries)),
               "of prompt tokens", fmt::format("found there alone, {} blocks fetched", r.host_blocks_fetched)));
  if (const auto& drafts = r.speculation)
    figures.push_back(figure("Speculation", three_digits(drafts->acceptance_length()), "tokens a sequence and step",
                             percent(drafts->num_draft_tokens > 0 ? static_cast<double>(drafts->num_accepted_tokens) /
                                                                        static_cast<double>(drafts->num_draft_tokens)
                                                                  : 0) +
                                 " of the drafts accepted"));
  figures.push_back(
      figure("Energy", three_digits(r.joules_per_output_token), "J an output token",
             fmt::format("{} W in the mean, idle power included",
                         three_digits(r.duration.value() > 0 ? r.energy.value() / r.duration.value() : 0))));
  const auto [bound, share] = longest_bound(r);
  figures.push_back(figure("Steps", percent(share), "bound by " + bound,
                           fmt::format("{} sequences a step; busy {} of the time", three_digits(r.mean_batch_size),
                                       percent(r.utilization))));
  out["figures"] = figures;
  return out;
}

Json distribution(const core::Sketch& sketch) {
  Json points = Json::array();
  const auto add = [&](double p) { points.push_back(point(std::max(1e-3, sketch.percentile(p) * 1e3), p)); };
  for (int p = 0; p <= 98; ++p) add(p);
  for (int p = 0; p <= 20; ++p) add(99 + p / 20.0);
  return points;
}

Json latency_section(const ServeReport& report) {
  Json out =
      section("chart", "latency", "How long users wait",
              "Share of the requests that wait at most so long. TTFT: from arrival to the first token. TPOT: the "
              "mean time per token after it. E2E: from arrival to the last token.");
  Json all = Json::array(), marks = Json::array();
  const ReportWatch& watch = *report.watch;
  if (watch.tpot().count() > 0) all.push_back(series("TPOT", distribution(watch.tpot()), 2));
  if (watch.ttft().count() > 0) all.push_back(series("TTFT", distribution(watch.ttft()), 0));
  if (watch.e2el().count() > 0) all.push_back(series("E2E", distribution(watch.e2el()), 1));
  if (report.slo) {
    for (const auto& [name, bound] : {std::pair{"TTFT", report.slo->ttft}, std::pair{"TPOT", report.slo->tpot}})
      if (std::isfinite(bound.value()))
        marks.push_back(
            {{"axis", "x"}, {"at", ms(bound)}, {"label", fmt::format("{} {}", name, time_words(ms(bound)))}});
  }
  Json c = chart("", all, {{"label", "ms"}, {"scale", "log"}},
                 {{"label", "% of the requests"}, {"min", 0}, {"max", 100}}, "Distributions of TTFT, TPOT and E2E");
  c["marks"] = marks;
  out["charts"] = Json::array({c});
  return out;
}

// Points of one column of the rows.
template <class Column>
Json over_time(const std::vector<serve::SeriesRow>& rows, Column&& column, double interval) {
  Json points = Json::array();
  for (const auto& row : rows) points.push_back(point(row.begin_s + interval / 2, column(row)));
  return points;
}

Json load_section(const ServeReport& report, const std::vector<serve::SeriesRow>& rows) {
  const double interval = report.watch->series().interval().value();
  const auto line = [&](auto column) { return over_time(rows, column, interval); };
  const Json x{{"label", "s"}, {"zero", false}};
  Json out = section("chart", "load", "Load over time",
                     fmt::format("Means over intervals of {} s, all replicas together.", three_digits(interval)));
  Json charts = Json::array();
  charts.push_back(chart("Requests a second",
                         Json::array({series("arrive", line([](const auto& r) { return r.arrivals; }), 0),
                                      series("end", line([](const auto& r) { return r.completed; }), 1)}),
                         x, {{"label", "requests/s"}, {"min", 0}}, "Arrivals and ends a second over time"));
  charts.push_back(chart("Requests in the service",
                         Json::array({series("running", line([](const auto& r) { return r.running; }), 0),
                                      series("waiting", line([](const auto& r) { return r.waiting; }), 3)}),
                         x, {{"label", "requests"}, {"min", 0}}, "Running and waiting requests over time"));
  charts.push_back(chart("Tokens a second",
                         Json::array({series("prompt", line([](const auto& r) { return r.tokens_in; }), 4),
                                      series("output", line([](const auto& r) { return r.tokens_out; }), 2)}),
                         x, {{"label", "tokens/s"}, {"min", 0}}, "Prompt and output tokens a second over time"));
  Json ttft = Json::array();
  for (const auto& row : rows)
    if (row.ttft > 0) ttft.push_back(point(row.begin_s + interval / 2, row.ttft * 1e3));
  charts.push_back(chart("TTFT by time of arrival", Json::array({series("mean TTFT", ttft, 0)}), x,
                         {{"label", "ms"}, {"min", 0}}, "Mean TTFT of the requests that arrive then"));
  out["charts"] = charts;
  return out;
}

Json machine_section(const ServeReport& report, const std::vector<serve::SeriesRow>& rows) {
  const double interval = report.watch->series().interval().value();
  const auto line = [&](auto column) { return over_time(rows, column, interval); };
  const Json x{{"label", "s"}, {"zero", false}};
  Json out = section("chart", "machine", "The machine over time",
                     "Share of all KV blocks that hold something, sequences of a step while steps run, and power, idle "
                     "power included.");
  Json kv{{"label", "% of the blocks"}, {"min", 0}};
  if (report.result->kv_peak > 0.5) kv["max"] = 100;
  out["charts"] = Json::array(
      {chart("KV cache", Json::array({series("in use", line([](const auto& r) { return 100 * r.kv_use; }), 5)}), x, kv,
             "KV blocks in use over time"),
       chart("Batch", Json::array({series("sequences a step", line([](const auto& r) { return r.batch; }), 0)}), x,
             {{"label", "sequences"}, {"min", 0}}, "Sequences of a step over time"),
       chart("Power", Json::array({series("all chips", line([](const auto& r) { return r.power; }), 6)}), x,
             {{"label", "W"}, {"min", 0}}, "Power over time")});
  return out;
}

const char* meaning(const std::string& bound) {
  if (bound == "tensor") return "the matrix engines";
  if (bound == "vector") return "other arithmetic";
  if (bound == "dram") return "DRAM bandwidth";
  if (bound == "l2") return "on-chip memory";
  if (bound == "in_flight") return "memory latency";
  if (bound == "launch") return "kernels to start and end";
  if (bound == "link") return "links between chips";
  return "the host: chips idle";
}

Json bounds_section(const ServeReport& report) {
  Json out = section("chart", "bounds", "What bound the steps",
                     "Of the time in which steps run: what each kernel of a step waits for, added up.");
  Json all = Json::array();
  int color = 0;
  for (const auto& [bound, share] : report.result->time_share_by_bound) {
    if (share >= 5e-4)
      all.push_back(
          {{"name", fmt::format("{}: {}", bound, meaning(bound))}, {"values", {100 * share}}, {"color", color}});
    ++color;
  }
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"stacked", true},
                    {"height", 240},
                    {"unit", "%"},
                    {"series", all},
                    {"x", {{"label", "% of the step time"}, {"max", 100}}},
                    {"y", {{"categories", {""}}}},
                    {"summary", "Step time by what bounds it"}}};
  out["after"] = {
      fmt::format("{} steps, {} tokens in the mean. Decode steps are within {:.3f} % of the model's own time.",
                  three_digits(static_cast<double>(report.result->steps)),
                  three_digits(report.result->mean_tokens_per_step), 100 * report.deviation)};
  return out;
}

// One line a request, in three colours: from arrival to the step that completes its prompt, to the first, the last
// token.
Json waterfall(const char* title, const std::vector<serve::Ended>& requests) {
  Json queued = Json::array(), prefill = Json::array(), decode = Json::array();
  int row = 0;
  for (const serve::Ended& r : requests) {
    ++row;
    const auto at = [](serve::Ticks ticks) { return serve::to_seconds(ticks).value(); };
    const Json detail = {fmt::format("queued {}", time_words(1e3 * at(r.begun - r.arrival))),
                         fmt::format("prefill {}", time_words(1e3 * at(r.first - r.begun))),
                         fmt::format("decode {}", time_words(1e3 * at(r.last - r.first))),
                         fmt::format("{} prompt, {} output tokens", r.prompt_tokens, r.output_tokens)};
    const auto part = [&](Json& into, serve::Ticks begin, serve::Ticks end) {
      for (const auto tick : {begin, end})
        into.push_back({{"x", at(tick)}, {"y", row}, {"label", fmt::format("request {}", r.id)}, {"detail", detail}});
      into.push_back({{"x", at(end)}, {"y", nullptr}});
    };
    part(queued, r.arrival, r.begun);
    part(prefill, r.begun, r.first);
    part(decode, r.first, r.last);
  }
  Json all = Json::array();
  for (const auto& [name, points, color] :
       {std::tuple{"queued", &queued, 3}, std::tuple{"prefill", &prefill, 4}, std::tuple{"decode", &decode, 2}}) {
    Json one = series(name, *points, color);
    one["line"] = true;
    one["size"] = 0;
    all.push_back(one);
  }
  Json out = chart(title, all, {{"label", "s"}, {"zero", false}},
                   {{"label", "requests, by arrival"}, {"min", 0}, {"max", row + 1}},
                   "Each request from arrival to last token");
  out["type"] = "scatter";
  out["height"] = std::clamp(row * 6 + 120, 200, 720);
  return out;
}

Json requests_section(const ServeReport& report) {
  const auto first = report.watch->first(), slowest = report.watch->slowest();
  Json out = section("chart", "requests", "Request by request",
                     "One line each: queued until the step begins that completes the prompt, then to the first and to "
                     "the last token.");
  const auto& result = *report.result;
  Json charts = Json::array();
  if (result.completed > first.size()) {
    charts.push_back(waterfall(fmt::format("The first {}", first.size()).c_str(), first));
    charts.push_back(waterfall(fmt::format("The {} that waited longest for a token", slowest.size()).c_str(), slowest));
  } else {
    charts.push_back(waterfall("", first));
  }
  out["charts"] = charts;
  return out;
}

// Every setting, dotted where it lies in a table of its own.
void add_rows(Json& rows, const Json& from, const std::string& path) {
  for (const auto& [key, value] : from.items()) {
    const std::string name = path.empty() ? key : path + "." + key;
    if (value.is_object())
      add_rows(rows, value, name);
    else
      rows.push_back({{"name", name},
                      {"value", value.is_string() ? value.get<std::string>()
                                : value.is_null() ? "–"
                                                  : value.dump()}});
  }
}

Json settings_section(const ServeReport& report) {
  const Json& document = *report.document;
  Json settings, rows = Json::array();
  const auto take = [&](std::initializer_list<const char*> keys) {
    for (const char* key : keys)
      if (document.contains(key)) settings[key] = document[key];
  };
  take({"model"});
  if (document.contains("groups")) {
    for (std::size_t i = 0; i < document["groups"].size(); ++i)
      settings[fmt::format("group {}", i + 1)] = document["groups"][i];
  } else {
    take({"chip", "library", "machine", "host_memory", "tp", "pp", "dp", "ep", "expert_skew", "enable_eplb",
          "num_redundant_experts", "expert_imbalance", "dtype", "kv_cache_dtype", "host", "replicas", "engine"});
  }
  take({"router", "max_concurrency", "workload", "seed", "kv_blocks"});
  add_rows(rows, settings, "");
  Json out = section("table", "settings", "Settings", "What was asked for, and what was filled in.");
  out["tables"] = {
      {{"columns", {{{"key", "name"}, {"label", "Setting"}, {"head", true}}, {{"key", "value"}, {"label", "Value"}}}},
       {"rows", rows}}};
  return out;
}

}  // namespace

bool ReportWatch::Slower::operator()(const serve::Ended& a, const serve::Ended& b) const {
  const serve::Ticks of_a = a.first - a.arrival, of_b = b.first - b.arrival;
  return of_a != of_b ? of_a > of_b : a.id < b.id;
}

void ReportWatch::on_end(std::size_t replica, const serve::Ended& ended) {
  series_.on_end(replica, ended);
  if (ended.status == serve::Status::rejected) return;
  ttft_.add(serve::to_seconds(ended.first - ended.arrival).value());
  e2el_.add(serve::to_seconds(ended.last - ended.arrival).value());
  if (ended.output_tokens > 1)
    tpot_.add(serve::to_seconds((ended.last - ended.first) / (ended.output_tokens - 1)).value());
  if (ended.id < drawn_requests) first_.push_back(ended);
  slowest_.push(ended);
  if (slowest_.size() > drawn_requests) slowest_.pop();
}

std::vector<serve::Ended> ReportWatch::first() const {
  auto out = first_;
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return out;
}

std::vector<serve::Ended> ReportWatch::slowest() const {
  std::vector<serve::Ended> out;
  for (auto rest = slowest_; !rest.empty(); rest.pop()) out.push_back(rest.top());
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.arrival != b.arrival ? a.arrival < b.arrival : a.id < b.id; });
  return out;
}

void write_serve_report(const std::filesystem::path& file, const ServeReport& report, const core::Catalog& catalog) {
  const auto rows = report.watch->series().rows(report.scale);
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "A service, request by request";
  out["subtitle"] = title_of(report);
  out["answer"] = answer(report);
  out["sections"] = Json::array({latency_section(report), load_section(report, rows), machine_section(report, rows),
                                 bounds_section(report), requests_section(report), settings_section(report),
                                 sources_section(catalog)});
  out["foot"] = foot(catalog);
  core::write_text(file, web::page(out));
}

}  // namespace wordline::cli
