// Where the reference data lies, if it is at hand.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace wordline::dram {

inline std::filesystem::path reference(const char* file) {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  return (folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference") /
         file;
}

}  // namespace wordline::dram
