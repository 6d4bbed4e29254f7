// Yield and clustering from recorded wafer maps: windows of dies, what each model makes of them, where the bad dies
// lie.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "fab_yield.h"
#include "output.h"
#include "web/page.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/fab/cluster_fit.h"

namespace wordline::cli {

namespace {

struct MapsYield {
  std::string name;
  std::size_t read = 0;
  std::vector<fab::WaferMap> maps;  // those asked for
  std::int64_t good = 0, bad = 0;
  std::vector<fab::WindowCounts> windows;
  std::vector<fab::ClusterFit> fits;  // the likeliest first
  std::optional<fab::DieSize> die;

  double yield() const { return static_cast<double>(good) / static_cast<double>(good + bad); }
};

std::vector<int> sides(const std::string& text) {
  std::vector<int> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    int side = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, side);
    if (error != std::errc{} || stop != text.data() + end || side < 1 || side > 16)
      throw core::UsageError(
          fmt::format("--windows: found \"{}\"; wanted sides from 1 to 16 with commas between them", text));
    out.push_back(side);
    at = end + 1;
  }
  return out;
}

void keep_label(MapsYield& all, const std::string& label) {
  if (label.empty()) return;
  std::set<std::string> known;
  for (const auto& map : all.maps) known.insert(map.label);
  if (!known.contains(label))
    throw core::InputError({std::make_shared<std::string>("--label")}, "\"" + label + "\"",
                           fmt::format("one of {}", fmt::join(known, ", ")),
                           core::nearest_name(label, {known.begin(), known.end()}));
  std::erase_if(all.maps, [&](const auto& map) { return map.label != label; });
}

MapsYield answer_of(const YieldOptions& options) {
  MapsYield out;
  out.name = options.maps->filename().string();
  out.maps = fab::read_wafer_maps(*options.maps);
  out.read = out.maps.size();
  if (out.maps.empty())
    throw core::InputError({std::make_shared<std::string>(options.maps->string())}, "no wafer", "one or more");
  keep_label(out, options.label);
  for (const auto& map : out.maps) {
    out.good += map.count(fab::DieResult::good);
    out.bad += map.count(fab::DieResult::bad);
  }
  if (!options.die.empty()) out.die = die_size(options.die);
  for (const int side : sides(options.windows)) out.windows.push_back(fab::count_windows(out.maps, side));
  for (const auto& model : fab::yield_models())
    out.fits.push_back(
        fab::fit_clustering(model, out.windows, options.fit == "counts" ? fab::FitTo::counts : fab::FitTo::shares));
  std::stable_sort(out.fits.begin(), out.fits.end(),
                   [](const auto& a, const auto& b) { return a.log_likelihood > b.log_likelihood; });
  return out;
}

std::string clustering_words(double clustering) {
  return std::isinf(clustering) ? "none" : fmt::format("{:.2f}", clustering);
}

bool clusters(const fab::ClusterFit& fit) { return fab::yield_model(fit.model).clusters; }

std::string words(const MapsYield& a, const std::string& fitted_to) {
  std::string text = fmt::format("{}: {} of {} wafers, {} dies, {:.2f} % of them good\n", a.name, a.maps.size(), a.read,
                                 a.good + a.bad, 100 * a.yield());
  text += fmt::format("\n{:<20}{:>14}{:>12}{:>12}{:>16}\n", "model", "faults a die", "clustering", "worst miss",
                      "log likelihood");
  for (const auto& fit : a.fits)
    text += fmt::format("{:<20}{:>14.4f}{:>12}{:>12.4f}{:>16.0f}\n", fit.model, fit.faults,
                        clusters(fit) ? clustering_words(fit.clustering) : "", fab::worst_miss(fit, a.windows),
                        fit.log_likelihood);
  if (a.die)
    text += fmt::format("{:.4g} faults a cm2 on dies of {:.4g} mm2 ({})\n",
                        a.fits[0].faults / (in_mm2(a.die->area()) / 100), in_mm2(a.die->area()), a.fits[0].model);
  text += fmt::format("\n{:<8}{:>9}{:>11}", "window", "count", "fault-free");
  for (const auto& fit : a.fits) text += fmt::format("{:>19}", fit.model);
  text += fmt::format("{:>10}\n", "moments");
  for (const auto& counts : a.windows) {
    text +=
        fmt::format("{:<8}{:>9}{:>11.4f}", fmt::format("{0} x {0}", counts.side), counts.total(), counts.fault_free());
    for (const auto& fit : a.fits) text += fmt::format("{:>19.4f}", fit.fault_free(counts.side));
    text += fmt::format("{:>10}\n", clustering_words(counts.clustering_by_moments()));
  }
  text += fmt::format(
      "fitted by maximum likelihood to {} in full windows side by side; moments: clustering where each bad die is one "
      "fault\n",
      fitted_to == "counts" ? "how many dies are bad" : "whether any die is bad");
  return text;
}

Json number_or_null(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json to_json(const MapsYield& a, const YieldOptions& options, const core::Catalog& catalog) {
  auto document = core::result_document("fab.yield.maps", catalog);
  document["maps"] = {{"file", a.name}, {"read", a.read}, {"used", a.maps.size()}, {"label", options.label}};
  document["dies"] = {{"good", a.good}, {"bad", a.bad}, {"yield", a.yield()}};
  document["fitted_to"] = options.fit;
  document["fits"] = Json::array();
  for (const auto& fit : a.fits) {
    Json one{{"model", fit.model}, {"faults_a_die", fit.faults}};
    if (clusters(fit)) one["clustering"] = number_or_null(fit.clustering);
    if (a.die) one["density_per_cm2"] = fit.faults / (in_mm2(a.die->area()) / 100);
    one["worst_miss"] = fab::worst_miss(fit, a.windows);
    one["log_likelihood"] = fit.log_likelihood;
    document["fits"].push_back(one);
  }
  document["windows"] = Json::array();
  for (const auto& counts : a.windows) {
    Json one{{"side", counts.side},
             {"count", counts.total()},
             {"fault_free", counts.fault_free()},
             {"bad_dies_mean", counts.mean()},
             {"bad_dies_variance", counts.variance()},
             {"clustering_by_moments", number_or_null(counts.clustering_by_moments())}};
    for (const auto& fit : a.fits) one["models"][fit.model] = fit.fault_free(counts.side);
    document["windows"].push_back(one);
  }
  return document;
}

std::string to_csv(const MapsYield& a) {
  std::string text = "side,windows,fault_free,bad_dies_mean,bad_dies_variance";
  for (const auto& model : fab::yield_models()) text += "," + model;
  for (const auto& counts : a.windows) {
    text += fmt::format("\n{},{},{:.6g},{:.6g},{:.6g}", counts.side, counts.total(), counts.fault_free(), counts.mean(),
                        counts.variance());
    for (const auto& model : fab::yield_models()) {
      const auto fit = std::find_if(a.fits.begin(), a.fits.end(), [&](const auto& f) { return f.model == model; });
      text += fmt::format(",{:.6g}", fit->fault_free(counts.side));
    }
  }
  return text + "\n";
}

// Bad and all dies at one place, over several wafers.
struct Tally {
  std::int64_t bad = 0, all = 0;
  void add(fab::DieResult die) {
    bad += die == fab::DieResult::bad;
    all += die != fab::DieResult::none;
  }
  double share() const { return all > 0 ? static_cast<double>(bad) / static_cast<double>(all) : 0; }
};

Json fit_section(const MapsYield& a) {
  Json seen = Json::array(), all = Json::array();
  int widest = 1;
  for (const auto& counts : a.windows) {
    seen.push_back({{"x", counts.side * counts.side},
                    {"y", 100 * counts.fault_free()},
                    {"label", fmt::format("{0} × {0} dies", counts.side)},
                    {"detail", {fmt::format("{:.2f} % of {} windows", 100 * counts.fault_free(), counts.total())}}});
    widest = std::max(widest, counts.side);
  }
  all.push_back({{"name", "seen"}, {"points", seen}, {"color", "ink"}, {"size", 6}});
  int color = 0;
  for (const auto& fit : a.fits) {
    Json points = Json::array();
    for (double side = 1; side <= widest + 0.01; side += 0.25)
      points.push_back({{"x", side * side},
                        {"y", 100 * fab::yield_model(fit.model).yield(side * side * fit.faults, fit.clustering)}});
    all.push_back({{"name", fit.model},
                   {"points", points},
                   {"line", true},
                   {"size", 0},
                   {"color", color++},
                   {"dashed", &fit != &a.fits.front()}});
  }
  Json out = section(
      "chart", "fit", "Yield against area",
      "A window of k × k dies without a bad one is what a die of that area would be without a fault. Lines: each "
      "model with the density of faults that fits it best.");
  out["charts"] =
      Json::array({{{"type", "scatter"},
                    {"series", all},
                    {"x", {{"label", "dies in a window"}, {"min", 0}}},
                    {"y", {{"label", "% of the windows without a bad die"}, {"min", 0}, {"max", 100}}},
                    {"summary", "Share of windows without a bad die against their size, seen and by each model"}}});
  return out;
}

// All wafers of the commonest grid on top of each other, in bands of the share of bad dies.
Json map_section(const MapsYield& a) {
  std::map<std::pair<int, int>, int> grids;
  for (const auto& map : a.maps) ++grids[{map.width, map.height}];
  const auto [size, wafers] =
      *std::max_element(grids.begin(), grids.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
  const auto [width, height] = size;
  std::vector<Tally> places(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (const auto& map : a.maps)
    if (map.width == width && map.height == height)
      for (std::size_t i = 0; i < places.size(); ++i) places[i].add(map.dies[i]);
  const double mean = 1 - a.yield();
  const std::pair<const char*, double> bands[] = {
      {"under half the mean", 0.5}, {"about the mean", 1.5}, {"up to 3 times the mean", 3}, {"more", 1e9}};
  const char* colors[] = {"good", "s9", "s1", "bad"};
  std::vector<Json> points(std::size(bands), Json::array());
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const Tally& place =
          places[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
      if (place.all == 0) continue;
      std::size_t band = 0;
      while (place.share() > bands[band].second * mean) ++band;
      points[band].push_back({{"x", (x - 0.5 * (width - 1)) / width},
                              {"y", (0.5 * (height - 1) - y) / height},
                              {"label", fmt::format("x {}, y {}", x, y)},
                              {"detail", {fmt::format("{} of {} bad", place.bad, place.all)}}});
    }
  Json all = Json::array();
  for (std::size_t i = 0; i < points.size(); ++i)
    all.push_back(
        map_series(bands[i].first, points[i], colors[i], std::max(1.5, 480.0 / std::max(width, height) * 0.56)));
  Json out = section("chart", "map", "Where the bad dies lie",
                     fmt::format("The {} wafers of the commonest grid, {} × {} dies, on top of each other; in the mean "
                                 "{} of the dies are bad.",
                                 wafers, width, height, percent(mean)));
  out["charts"] = Json::array({map_chart("Share of bad dies by place", all, 0.53, "share of the grid", "")});
  return out;
}

Json radius_section(const MapsYield& a) {
  std::vector<Tally> rings(20);
  for (const auto& map : a.maps)
    for (int y = 0; y < map.height; ++y)
      for (int x = 0; x < map.width; ++x) {
        const double radius =
            std::hypot((2.0 * x - map.width + 1) / map.width, (2.0 * y - map.height + 1) / map.height);
        rings[std::min(rings.size() - 1, static_cast<std::size_t>(radius * static_cast<double>(rings.size())))].add(
            map.at(x, y));
      }
  Json points = Json::array();
  for (std::size_t i = 0; i < rings.size(); ++i)
    if (rings[i].all > 0)
      points.push_back(
          {{"x", (static_cast<double>(i) + 0.5) / static_cast<double>(rings.size())}, {"y", 100 * rings[i].share()}});
  Json out = section("chart", "radius", "From the centre to the edge",
                     "Share of bad dies in rings of the wafer, all wafers together.");
  out["charts"] = Json::array({{{"type", "line"},
                                {"series", {{{"name", "bad dies"}, {"points", points}}}},
                                {"x", {{"label", "radius over the wafer's"}, {"min", 0}, {"max", 1}}},
                                {"y", {{"label", "% of the dies"}, {"min", 0}}},
                                {"summary", "Share of bad dies against the radius"}}});
  return out;
}

void write_report(const std::filesystem::path& file, const MapsYield& a, const YieldOptions& options,
                  const core::Catalog& catalog) {
  const auto& best = a.fits.front();
  Json report, figures = Json::array();
  report["title"] = "Wafer maps";
  report["subtitle"] = a.name + (options.label.empty() ? "" : ", label " + options.label);
  figures.push_back(
      figure("Wafers", three_digits(static_cast<double>(a.maps.size())), "", fmt::format("of {} in the file", a.read)));
  figures.push_back(figure("Good dies", percent(a.yield()), "",
                           fmt::format("of {}", three_digits(static_cast<double>(a.good + a.bad)))));
  figures.push_back(figure("Faults", three_digits(best.faults), "a die", best.model));
  for (const auto& fit : a.fits)
    if (clusters(fit))
      figures.push_back(
          figure("Clustering", clustering_words(fit.clustering), "alpha", "the smaller, the more faults share a die"));
  const double miss = fab::worst_miss(best, a.windows);
  report["answer"] = {
      {"headline", fmt::format("Best fit: {}, off by at most {}", best.model, percent(miss))},
      {"question",
       {fmt::format(
           "How many windows of dies are without a bad one, and which yield model says so? Fitted to {}.",
           options.fit == "counts" ? "how many dies of a window are bad" : "whether any die of a window is bad")}},
      {"figures", figures}};
  if (miss > 0.03)
    report["answer"]["text"] = {
        "That is far off: one density law does not describe these wafers. Fit each pattern apart (--label)."};
  report["sections"] = Json::array({fit_section(a), map_section(a), radius_section(a)});
  report["foot"] = foot(catalog);
  core::write_text(file, web::page(report));
}

}  // namespace

int maps_yield(const YieldOptions& options, const Common& common) {
  if (!options.node.empty()) throw core::UsageError("--maps and --node are two questions: wanted one of them");
  if (!common.settings.empty()) throw core::UsageError("--set: there is no node whose file it could change");
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto answer = answer_of(options);
  if (common.csv) core::write_text(*common.csv, to_csv(answer));
  if (options.dies) core::write_text(*options.dies, fab::to_csv(answer.maps));
  if (options.report) write_report(*options.report, answer, options, catalog);
  write_result(common, to_json(answer, options, catalog), words(answer, options.fit));
  return core::exit_done;
}

}  // namespace wordline::cli
