#include "fab_study.h"

#include "catalog_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "wordline/core/error.h"

namespace wordline::cli {

namespace {

constexpr std::size_t inputs_told = 8;  // in words; JSON has them all

constexpr double percentiles[] = {5, 10, 25, 50, 75, 90, 95};

}  // namespace

void StudyOptions::add_to(Args& args, const std::string& name, const std::string& help) {
  args.positional(name, subject, help).required().called("NAME|FILE");
  args.option("--samples", samples, "draws over the ranges of all inputs").called("N");
  args.option("--distribution", distribution, "how an input is drawn from low, mid and high")
      .choices({"triangular", "pert"});
  args.option("--report", report, "write a report to this HTML file; it works offline").called("FILE.html");
}

std::string StudyOptions::put_into(core::Catalog& catalog, const std::string& kind, const Common& common) const {
  return named_file(catalog, kind, subject, "NAME", common.settings);
}

fab::Drawing StudyOptions::drawing(const Common& common) const {
  if (samples < 1 || samples > 10000000) throw core::UsageError("--samples must be 1 to 10,000,000");
  return {samples, common.seed.value_or(1), fab::distribution_of(distribution), common.threads};
}

std::string called(const fab::Origin& origin, const std::string& subject) {
  if (origin.subject == subject) return origin.path;
  return origin.subject.substr(origin.subject.rfind('/') + 1) + " " + origin.path;
}

std::string as_stated(const core::Facts& facts, const fab::Origin& origin) {
  for (const core::Fact& fact : facts)
    if (fact.subject == origin.subject && fact.path == origin.path) return fact.value;
  return "";
}

void put_study(Json& document, const fab::Study& study, const core::Facts& facts, const std::string& subject) {
  Json answers;
  for (const fab::Answer& answer : study.answers) {
    Json& one = answers[answer.name] = {{"at_mid", answer.at_mid}, {"mean", answer.drawn.mean()}};
    for (const double p : percentiles) one[fmt::format("p{:.0f}", p)] = answer.drawn.percentile(p);
  }
  document["uncertainty"] = {
      {"samples", study.drawing.samples},
      {"seed", study.drawing.seed},
      {"distribution", study.drawing.distribution == fab::Distribution::pert ? "pert" : "triangular"},
      {"answers", answers}};
  Json bars = Json::array();
  for (const auto& bar : study.tornado)
    bars.push_back({{"input", called(bar.input, subject)},
                    {"range", as_stated(facts, bar.input)},
                    {"at_low", bar.at_low},
                    {"at_high", bar.at_high}});
  document["tornado"] = {{"of", study.answers.front().name}, {"inputs", bars}};
}

Json lines_json(const std::vector<fab::CostLine>& lines) {
  Json out = Json::array();
  for (const auto& line : lines)
    out.push_back({{"name", line.name}, {"good_usd", line.good.value()}, {"lost_usd", line.lost.value()}});
  return out;
}

Json steps_json(const std::vector<fab::StackStep>& steps) {
  Json out = Json::array();
  for (const auto& step : steps)
    out.push_back({{"name", step.name}, {"reached", step.reached}, {"passed", step.passed}});
  return out;
}

std::string count(double n) {
  return std::abs(n) >= 1e6 ? three_digits(n / 1e6) + " million" : three_digits(std::round(n));
}

std::string nine_of_ten(const fab::Answer& answer) {
  return fmt::format("{} to {} in nine of ten draws, {} in the middle", three_digits(answer.drawn.percentile(5)),
                     three_digits(answer.drawn.percentile(95)), three_digits(answer.drawn.percentile(50)));
}

std::string spread(const fab::Answer& answer) {
  return fmt::format("{} (drawn {}, {} to {})", three_digits(answer.at_mid), three_digits(answer.drawn.percentile(50)),
                     three_digits(answer.drawn.percentile(5)), three_digits(answer.drawn.percentile(95)));
}

std::string tornado_text(const fab::Study& study, const core::Facts& facts, const std::string& subject) {
  std::string text = fmt::format("\nwhat moves it most, each input alone, USD\n{:<36}{:>10}{:>10}  {}\n", "input",
                                 "at low", "at high", "low .. mid .. high");
  for (std::size_t i = 0; i < std::min(inputs_told, study.tornado.size()); ++i) {
    const auto& bar = study.tornado[i];
    text += fmt::format("{:<36}{:>10}{:>10}  {}\n", called(bar.input, subject), three_digits(bar.at_low),
                        three_digits(bar.at_high), as_stated(facts, bar.input));
  }
  return text;
}

std::string lines_text(const std::vector<fab::CostLine>& lines) {
  std::string text = fmt::format("\n{:<36}{:>10}{:>10}{:>10}\n", "USD for a good one", "in it", "lost", "both");
  core::Usd good, lost;
  for (const auto& line : lines) {
    good += line.good;
    lost += line.lost;
    text += fmt::format("{:<36}{:>10.2f}{:>10.2f}{:>10.2f}\n", line.name, line.good.value(), line.lost.value(),
                        line.total().value());
  }
  return text +
         fmt::format("{:<36}{:>10.2f}{:>10.2f}{:>10.2f}\n", "all", good.value(), lost.value(), (good + lost).value());
}

Json lines_section(const std::vector<fab::CostLine>& lines, const std::string& text) {
  // A waterfall: each bar begins where the one before it ends; the last is all of them.
  Json names = Json::array(), before = Json::array(), good = Json::array(), lost = Json::array();
  core::Usd all_good, all_lost;
  for (const auto& line : lines) {
    names.push_back(line.name);
    before.push_back((all_good + all_lost).value());
    good.push_back(line.good.value());
    lost.push_back(line.lost.value());
    all_good += line.good;
    all_lost += line.lost;
  }
  names.push_back("all");
  before.push_back(0);
  good.push_back(all_good.value());
  lost.push_back(all_lost.value());
  Json out = section("chart", "lines", "Where the money goes", text);
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"stacked", true},
                    {"height", 124 + 34 * static_cast<int>(lines.size())},
                    {"unit", "USD"},
                    {"series",
                     {{{"name", "before it"}, {"values", before}, {"blank", true}},
                      {{"name", "in the good one"}, {"values", good}, {"color", 0}},
                      {{"name", "lost with others"}, {"values", lost}, {"color", 1}}}},
                    {"x", {{"label", "USD for a good one"}}},
                    {"y", {{"categories", names}}},
                    {"summary", "Cost by purpose: what is in a good one, and what is lost with others"}}};
  return out;
}

Json tornado_section(const fab::Study& study, const core::Facts& facts, const std::string& subject) {
  constexpr std::size_t drawn = 15;
  Json names = Json::array(), low = Json::array(), high = Json::array(), rows = Json::array();
  const double mid = study.answers.front().at_mid;
  for (std::size_t i = 0; i < study.tornado.size(); ++i) {
    const auto& bar = study.tornado[i];
    const std::string name = called(bar.input, subject);
    rows.push_back(
        {{"name", name}, {"range", as_stated(facts, bar.input)}, {"low", bar.at_low}, {"high", bar.at_high}});
    if (i >= drawn) continue;
    names.push_back(name);
    low.push_back(bar.at_low - mid);
    high.push_back(bar.at_high - mid);
  }
  Json out = section("chart", "tornado", "What matters most",
                     fmt::format("Each input alone at its low and its high end, all others at mid: how far the cost "
                                 "moves from {} USD.{}",
                                 three_digits(mid),
                                 rows.size() > drawn ? fmt::format(" The widest {} of {}.", drawn, rows.size()) : ""));
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"stacked", true},
                    {"height", 90 + 30 * static_cast<int>(names.size())},
                    {"unit", "USD"},
                    {"series",
                     {{{"name", "at its low end"}, {"values", low}, {"color", 6}},
                      {{"name", "at its high end"}, {"values", high}, {"color", 1}}}},
                    {"x", {{"label", "USD from the cost at mid"}}},
                    {"y", {{"categories", names}}},
                    {"summary", "How far each input moves the cost"}}};
  return out;
}

Json drawn_section(const fab::Study& study, const std::string& of) {
  const fab::Answer& answer = study.answers.front();
  constexpr int bins = 40;
  const double low = answer.drawn.percentile(0.5), high = answer.drawn.percentile(99.5);
  const double width = high > low ? (high - low) / bins : 1;
  std::vector<double> counts(bins, 0);
  for (const double x : answer.drawn.values())
    if (std::isfinite(width) && x >= low && x <= high)
      ++counts[std::min<std::size_t>(bins - 1, static_cast<std::size_t>((x - low) / width))];
  Json points = Json::array();
  for (int i = 0; i < bins; ++i)
    points.push_back({{"x", low + (i + 0.5) * width},
                      {"y", 100 * counts[static_cast<std::size_t>(i)] / static_cast<double>(answer.drawn.count())}});
  Json marks = Json::array();
  for (const double p : {5.0, 50.0, 95.0})
    marks.push_back({{"axis", "x"},
                     {"at", answer.drawn.percentile(p)},
                     {"label", fmt::format("{:.0f} %: {}", p, three_digits(answer.drawn.percentile(p)))}});
  Json out = section("chart", "drawn", "How sure that is",
                     fmt::format("{} draws of all inputs at once, each on its own and {} between low, mid and high "
                                 "(seed {}): {}.",
                                 three_digits(static_cast<double>(study.drawing.samples)),
                                 study.drawing.distribution == fab::Distribution::pert ? "PERT" : "triangular",
                                 study.drawing.seed, of));
  out["charts"] = {
      {{"type", "line"},
       {"series", {{{"name", "share of the draws"}, {"points", points}, {"stepped", true}, {"fill", true}}}},
       {"x", {{"label", "USD"}, {"zero", false}}},
       {"y", {{"label", "% of the draws"}, {"min", 0}}},
       {"marks", marks},
       {"summary", "Distribution of the cost over the draws"}}};
  return out;
}

}  // namespace wordline::cli
