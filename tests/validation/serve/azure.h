// The public Azure conversation trace, where the reference data is at hand.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "wordline/serve/trace.h"

namespace wordline::serve {

inline std::filesystem::path reference() {
  if (const char* folder = std::getenv("WORDLINE_REFERENCE")) return folder;
  return std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference";
}

class Azure : public testing::Test {
 protected:
  void SetUp() override {
    const auto file = reference() / "traces/azure2023_conv.csv.gz";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
    trace_ = read_trace(file);
  }
  Workload trace_;
};

}  // namespace wordline::serve
