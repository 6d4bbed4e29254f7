// The points of a sweep: every combination of the values of some options of `wordline serve run`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "serve_options.h"

namespace wordline::cli {

// One combination, as the command line would say it.
struct GridPoint {
  std::vector<std::pair<std::string, std::string>> values;  // what is swept
  std::vector<std::string> words;                           // all that was said, in the order of the help
  ServeOptions options;
  std::vector<std::string> goodput;
  Common common;  // of it only seed, settings and catalogues
};

// The axes of a sweep: options and their values, the last axis being the fastest. An axis "set.a.b" is what --set a.b=
// would set.
class ServeGrid {
 public:
  // "tp=1,2,4". Throws core::UsageError for an option that `serve run` does not know, or a value that it does not take.
  void add(const std::string& sweep);
  // A TOML file whose keys are options: a list is an axis, anything else holds for all points. Throws core::InputError
  // with file, line and column.
  void add(const std::filesystem::path& file);

  // `base`: words that hold for all points, where no axis of their name and no key of the file is in their place.
  std::vector<GridPoint> points(const std::vector<std::string>& base, const Common& common) const;

 private:
  struct Axis {
    std::string name;
    std::vector<std::string> values;
  };
  void add(Axis axis, std::vector<core::Location> places);
  std::vector<Axis> axes_;
};

// The options of a point of the grid, for the command that sweeps.
void add_point_options(Args& args, ServeOptions& options, std::vector<std::string>& goodput);

}  // namespace wordline::cli
