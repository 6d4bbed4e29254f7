// The answer first, then arrivals over time, gaps, lengths, and reuse by the size of the cache.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "serve_workload.h"
#include "web/page.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

Json point(double x, double y) { return {{"x", x}, {"y", y}}; }

Json line_chart(const char* title, const Json& series, const Json& x, const Json& y, const std::string& summary) {
  return {{"type", "line"}, {"title", title}, {"series", series}, {"x", x}, {"y", y}, {"summary", summary}};
}

double reuse_share(const serve::Reuse& reuse) { return reuse.found / static_cast<double>(reuse.blocks); }

Json answer(const serve::Description& d) {
  Json out, figures = Json::array();
  out["headline"] =
      fmt::format("{} requests at {} a second", three_digits(static_cast<double>(d.requests)), three_digits(d.rate));
  out["question"] = {fmt::format("From the first arrival to the last {} s.", three_digits(d.span_s))};
  figures.push_back(figure("Burstiness", three_digits(d.gap_cv), "CV of the gaps", "1 for a Poisson process"));
  figures.push_back(figure("Prompt", three_digits(d.prompt.mean), "tokens in the mean",
                           fmt::format("p99 {}", three_digits(d.prompt.p99))));
  figures.push_back(figure("Output", three_digits(d.output.mean), "tokens in the mean",
                           fmt::format("p99 {}", three_digits(d.output.p99))));
  figures.push_back(figure("Reuse", percent(reuse_share(d.reuse)), "of prompt blocks",
                           fmt::format("found in a cache without a bound, {} tokens a block", d.reuse.block_size)));
  if (d.sessions > 0)
    figures.push_back(figure("Turns", three_digits(d.mean_turns), "a session",
                             fmt::format("{} sessions", three_digits(static_cast<double>(d.sessions)))));
  out["figures"] = figures;
  return out;
}

Json arrivals_section(const serve::Description& d) {
  Json out =
      section("chart", "arrivals", "Arrivals over time",
              fmt::format("Requests a second in windows of {} s since the first arrival.{}", d.window_s,
                          d.waits ? " Later turns are taken as early as can be: as if answers took no time." : ""));
  Json points = Json::array();
  for (std::size_t i = 0; i < d.arrivals.size(); ++i)
    points.push_back(
        point((static_cast<double>(i) + 0.5) * d.window_s, static_cast<double>(d.arrivals[i]) / d.window_s));
  out["charts"] = Json::array(
      {line_chart("", {{{"name", "requests/s"}, {"points", points}}}, {{"label", "s since the first arrival"}},
                  {{"label", "requests/s"}, {"min", 0}}, "Requests a second over time")});
  std::string after;
  for (const auto& each : d.dispersion)
    after += fmt::format("{}{} over {} s", after.empty() ? "Index of dispersion: " : ", ", three_digits(each.index),
                         each.window_s);
  if (!after.empty()) out["after"] = {after + ". A Poisson process has 1 over any window."};
  return out;
}

Json gaps_section(const serve::Description& d) {
  Json out = section("chart", "gaps", "Gaps between arrivals",
                     "Share of the gaps that are at most so long, beside the gaps of a Poisson process of this rate.");
  // The scale is logarithmic: gaps of 0 s stand at its left end.
  double least = 0.01 / d.rate, most = 7 / d.rate;
  for (const auto& gap : d.gaps) {
    if (gap.seconds > 0) least = std::min(least, gap.seconds);
    most = std::max(most, gap.seconds);
  }
  Json found = Json::array(), poisson = Json::array();
  for (const auto& gap : d.gaps) found.push_back(point(std::max(gap.seconds, least), 100 * gap.share));
  for (int i = 0; i <= 100; ++i) {
    const double at = least * std::pow(most / least, i / 100.0);
    poisson.push_back(point(at, -100 * std::expm1(-at * d.rate)));
  }
  out["charts"] = Json::array(
      {line_chart("",
                  {{{"name", "this workload"}, {"points", found}, {"stepped", true}},
                   {{"name", "Poisson"}, {"points", poisson}, {"dashed", true}}},
                  {{"label", "gap, s"}, {"scale", "log"}}, {{"label", "% of the gaps"}, {"min", 0}, {"max", 100}},
                  "Cumulative distribution of the gaps")});
  return out;
}

Json lengths_section(const serve::Description& d) {
  Json out = section("chart", "lengths", "Lengths",
                     fmt::format("Share of the requests with at most so many tokens. Rank correlation of prompt and "
                                 "output: {:.2f}.",
                                 d.rank_correlation));
  const auto series = [](const char* name, const serve::TokenStatistics& tokens) {
    Json points = Json::array();
    for (const auto& each : tokens.distribution) points.push_back(point(each.tokens, 100 * each.share));
    return Json{{"name", name}, {"points", points}};
  };
  out["charts"] = Json::array(
      {line_chart("", {series("prompt", d.prompt), series("output", d.output)}, {{"label", "tokens"}, {"scale", "log"}},
                  {{"label", "% of the requests"}, {"min", 0}, {"max", 100}},
                  "Cumulative distributions of prompt and output tokens")});
  return out;
}

Json reuse_section(const serve::Description& d) {
  const auto& reuse = d.reuse;
  Json out = section(
      "chart", "reuse", "Reuse by the size of the cache",
      fmt::format("Share of the prompts' blocks of {} tokens that a least-recently-used prefix cache of "
                  "one replica finds.{}",
                  reuse.block_size,
                  reuse.sampled < 1 ? fmt::format(" Estimated from {} of the blocks.", percent(reuse.sampled)) : ""));
  Json points = Json::array();
  for (const auto& each : reuse.curve)
    points.push_back(point(each.cache_blocks * reuse.block_size, 100 * each.found / static_cast<double>(reuse.blocks)));
  out["charts"] = Json::array({line_chart("", {{{"name", "blocks found"}, {"points", points}, {"stepped", true}}},
                                          {{"label", "tokens that the cache holds"}, {"scale", "log"}},
                                          {{"label", "% of the prompts' blocks"}, {"min", 0}},
                                          "Share of blocks found by the size of the cache")});
  out["after"] = {fmt::format("Without a bound {}; {} distinct blocks were used.", percent(reuse_share(reuse)),
                              three_digits(std::round(reuse.distinct_blocks)))};
  return out;
}

}  // namespace

void write_workload_report(const std::filesystem::path& file, const serve::Description& description,
                           const std::string& name, const core::Catalog& catalog) {
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "A workload";
  out["subtitle"] = name;
  out["answer"] = answer(description);
  out["sections"] = Json::array({arrivals_section(description)});
  if (description.rate > 0) out["sections"].push_back(gaps_section(description));
  out["sections"].push_back(lengths_section(description));
  if (!description.reuse.curve.empty()) out["sections"].push_back(reuse_section(description));
  if (!catalog.facts().empty()) out["sections"].push_back(sources_section(catalog));
  out["foot"] = foot(catalog);
  core::write_text(file, web::page(out));
}

}  // namespace wordline::cli
