// Wafer maps: which dies of a wafer's grid are good, which are bad.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wordline::fab {

enum class DieResult : std::uint8_t { none = 0, good = 1, bad = 2 };  // none: no die at that place

struct WaferMap {
  std::string lot, wafer, label;  // the label names a pattern of the bad ones ("none", "Edge-Ring"); may be empty
  int width = 0, height = 0;
  std::vector<DieResult> dies;  // row by row, width * height

  DieResult at(int x, int y) const {
    return dies[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
  std::int64_t count(DieResult) const;
  // Good dies over all; 0 where the map has none.
  double yield() const;
};

// Maps of a file, `.gz` and `.zst` unpacked. Its first bytes tell the form:
//   WMAP1   "WMAP1\n", u32 maps, u32 labels, each label as u8 length and bytes; then each map as u32 lot, u16 wafer, u8
//           label, u16 height, u16 width and height * width bytes of 0 (no die), 1 (good) or 2 (bad); little-endian
//   CSV     columns wafer, x, y, result ("good" or "bad") and, where there are any, lot and label; a row each die, the
//           wafers in the order of their first rows
// Throws core::InputError: with line and column for CSV, with the byte for WMAP1.
std::vector<WaferMap> read_wafer_maps(const std::filesystem::path& file);
// The same from the text of a file that messages call `name`.
std::vector<WaferMap> parse_wafer_maps(std::string text, const std::string& name);

// The CSV form of these maps.
std::string to_csv(const std::vector<WaferMap>&);

}  // namespace wordline::fab
