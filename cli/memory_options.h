// What `wordline memory run` and `curve` share: which memory, how its controllers behave, what its energies rest on.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "args.h"
#include "wordline/core/catalog.h"
#include "wordline/memory/named_system.h"

namespace wordline::cli {

// The options' values; add_memory_options() fills them in. What is not said is the system's own, or the default of
// memory::Settings.
struct MemoryOptions {
  std::string system, module;
  int count = 1;
  bool hot = false, fine_granularity = false;
  std::optional<std::string> scheduler, page, refresh, address_map;
  std::optional<int> queue, write_high, write_low, age_cap, page_timeout, postponed, pulled_in, access_bytes;
  bool refreshes_spread = false;
  std::string energy = "model", data = "random";
};
void add_memory_options(Args& args, MemoryOptions& options);

// The memory that the options and --set ask for: the file, then --set, then the options. Throws UsageError for values
// that make no sense, InputError for names that the catalogue does not have.
memory::NamedSystem memory_of(const MemoryOptions& options, const Common& common, core::Catalog& catalog);

// "settings": every controller setting by its name in a system's file.
nlohmann::ordered_json settings_json(const memory::NamedSystem& named);
// What the energies rest on: "energy_mode", "data_rates".
void append_energy_json(nlohmann::ordered_json& document, const MemoryOptions& options);
// The settings for a person, as a line like those of memory::to_table.
std::string settings_text(const memory::NamedSystem& named, const MemoryOptions& options);

}  // namespace wordline::cli
