// wordline fab yield: what share of dies is good, how many that is a wafer, and how recorded wafers' bad dies cluster.
#include "fab_yield.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "fab_commands.h"
#include "wordline/core/error.h"
#include "wordline/core/reader.h"
#include "wordline/fab/yield.h"

namespace wordline::cli {

double in_mm(core::Metres length) { return length.in(core::millimetres(1)); }
double in_mm2(core::SquareMetres area) { return area.in(core::square_millimetres(1)); }
double per_cm2(core::PerSquareMetre density) { return density.in(core::per_square_centimetre(1)); }

fab::DieSize die_size(const std::string& text) {
  const auto refuse = [&](const std::string& why) {
    throw core::UsageError(fmt::format("--die: found \"{}\"{}; wanted \"11 mm x 10 mm\" or an area such as \"110 mm2\"",
                                       text, why.empty() ? "" : " (" + why + ")"));
  };
  const auto positive = [&](const std::string& part, core::Dimension dimension) {
    std::string why;
    const auto parsed = core::parse_quantity(part, &why);
    if (!parsed) refuse(why);
    if (!(parsed->dimension == dimension) || !(parsed->base_units > 0)) refuse("");
    return parsed->base_units;
  };
  const auto cross = text.find(" x ");
  if (cross == std::string::npos)
    return fab::square_die(core::SquareMetres(positive(text, core::SquareMetres::dimension)));
  return {core::Metres(positive(text.substr(0, cross), core::Metres::dimension)),
          core::Metres(positive(text.substr(cross + 3), core::Metres::dimension))};
}

Json map_series(const std::string& name, const Json& points, const Json& color, double size) {
  return {{"name", name}, {"points", points}, {"color", color}, {"shape", 1}, {"size", size}};
}

Json map_chart(const std::string& title, const Json& series, double half, const std::string& unit,
               const std::string& reading) {
  const Json axis{{"label", unit}, {"min", -half}, {"max", half}, {"zero", false}};
  return {{"type", "scatter"},  {"title", title},   {"series", series}, {"x", axis},     {"y", axis},
          {"reading", reading}, {"summary", title}, {"height", 560},    {"square", true}};
}

void add_fab_yield(Args& fab) {
  auto& args = fab.command("yield", "good dies of a wafer: of a node's wafers, or of recorded maps with --maps");
  auto o = std::make_shared<YieldOptions>();
  args.option("--node", o->node, "process node: a name in catalog/fab/nodes; --set changes its file").called("NAME");
  args.option("--die", o->die, "the die: \"11 mm x 10 mm\", or an area such as \"110 mm2\"").called("SIZE");
  args.option("--density", o->density, "faults per area instead of the node's, such as \"0.1 /cm2\"").called("D0");
  args.option("--known-yield", o->known_yield, "the yield of this die, from which the density of faults follows")
      .called("SHARE");
  args.option("--model", o->model, "yield model instead of the node's").choices(fab::yield_models());
  args.option("--clustering", o->clustering, "alpha of the negative binomial instead of the node's").called("ALPHA");
  args.option("--offset", o->offset,
              "where the centre of a die lies from the wafer's, \"0 mm x 0 mm\"; left out: where most fit")
      .called("OFFSET");
  args.option("--parts", o->parts, "like parts of the die (cores, channels), of which a grade may lose some")
      .called("N");
  args.option("--part-area", o->part_area, "area of one part, such as \"4 mm2\"").called("AREA");
  args.option("--grade", o->grades, "a grade that dies are sold as where N parts work; repeated, the best first")
      .called("NAME:N");
  args.option("--maps", o->maps, "wafer maps, WMAP1 or CSV: what clustering of faults they show").called("FILE");
  args.option("--label", o->label, "only maps with that label").called("LABEL");
  args.option("--windows", o->windows, "sides of the square windows of dies that are counted").called("SIDES");
  args.option("--fit", o->fit,
              "what is fitted by maximum likelihood: how many dies of a window are bad (counts), or whether any is "
              "(shares)")
      .choices({"counts", "shares"});
  args.option("--dies", o->dies, "writes each die, and where it lies, to this CSV file").called("FILE.csv");
  args.option("--report", o->report, "writes a report with the wafer's map to this HTML file; it works offline")
      .called("FILE.html");
  args.footer(
      "Examples: wordline fab yield --node logic-5nm --die \"26 mm x 31 mm\" --parts 144 --part-area \"4 mm2\" --grade "
      "full:144 "
      "--grade cut:132\n"
      "          wordline fab yield --maps maps.csv --label none --report maps.html");
  args.action([o, &common = args.common()] { return o->maps ? maps_yield(*o, common) : die_yield(*o, common); });
}

}  // namespace wordline::cli
