// What `wordline fab yield` is asked, and its two answers: of a die on a node's wafers, and of recorded wafer maps.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "args.h"
#include "report_parts.h"
#include "wordline/fab/die.h"

namespace wordline::cli {

struct YieldOptions {
  // Of a die.
  std::string node, die;
  std::string density, model;
  std::optional<double> clustering, known_yield;
  std::string offset;
  int parts = 0;
  std::string part_area;
  std::vector<std::string> grades;
  // Of maps.
  std::optional<std::filesystem::path> maps;
  std::string label, windows = "2,3,4", fit = "counts";
  // Of both.
  std::optional<std::filesystem::path> dies, report;
};

int die_yield(const YieldOptions&, const Common&);
int maps_yield(const YieldOptions&, const Common&);

// "11 mm x 10 mm", or an area such as "110 mm2", which is taken as square. Throws core::UsageError naming --die.
fab::DieSize die_size(const std::string& text);
double in_mm(core::Metres);
double in_mm2(core::SquareMetres);
double per_cm2(core::PerSquareMetre);

// A series of a map: places by their middles in units of the axes, drawn as squares `size` pixels from middle to
// corner.
Json map_series(const std::string& name, const Json& points, const Json& color, double size);
// The map itself, from -half to half on both axes.
Json map_chart(const std::string& title, const Json& series, double half, const std::string& unit,
               const std::string& reading);

}  // namespace wordline::cli
