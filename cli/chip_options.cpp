#include "chip_options.h"

#include "catalog_file.h"
#include "wordline/core/error.h"

namespace wordline::cli {

core::Catalog open_catalog(const Common& common, const std::string& chip) {
  auto catalog = core::Catalog::open(common.catalogs);
  if (common.settings.empty()) return catalog;
  if (chip.empty()) throw core::UsageError("--set: there is no chip whose file it could change");
  lay_over(catalog, "chips", chip, "--chip", common.settings);
  return catalog;
}

void ChipOptions::add_to(Args& args) {
  args.option("--chip", chip, "chip from the catalogue").required().called("NAME");
  args.option("--library", library, "kernel library instead of the chip's own: a name in catalog/libraries")
      .called("NAME");
  args.option(
          "--residency", residency,
          "caches at a kernel's start: cold (only what the kernel before it wrote), warm (what it left there itself)")
      .choices({"cold", "warm"});
}

chip::Chip ChipOptions::load(const core::Catalog& catalog) const {
  chip::Chip out = chip::load(catalog, chip, chip_said);
  if (library.empty()) return out;
  if (chip::engine_kind(out.engine).factors.empty())
    throw core::UsageError("--library: chips of the engine kind " + out.engine + " take no kernel library");
  return chip::with_library(std::move(out), catalog, library, {std::make_shared<std::string>("--library")});
}

chip::Residency ChipOptions::caches() const {
  return residency == "warm" ? chip::Residency::warm : chip::Residency::cold;
}

}  // namespace wordline::cli
