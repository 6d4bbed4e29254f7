// What every command that times kernels on one chip takes: which chip, whose kernels, and what the caches hold.
#pragma once

#include <memory>
#include <string>

#include "args.h"
#include "wordline/chip/kernel_timer.h"
#include "wordline/core/catalog.h"

namespace wordline::cli {

// The catalogue, with what --set replaces in the chip's file ("load.latency=\"200 ns\""); throws core::UsageError where
// there is something to set but no chip ("").
core::Catalog open_catalog(const Common&, const std::string& chip);

// The options' values; add_to() fills them in. `residency` before that is the default.
struct ChipOptions {
  std::string chip, library, residency = "cold";
  core::Location chip_said{std::make_shared<std::string>("--chip")};  // where its name stands

  void add_to(Args& args);
  // The chip, with the kernels of --library where that was given.
  chip::Chip load(const core::Catalog&) const;
  chip::Residency caches() const;
};

}  // namespace wordline::cli
