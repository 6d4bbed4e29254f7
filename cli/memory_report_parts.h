// The sections of the memory report. Internal to it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "memory_report.h"

namespace wordline::cli {

using Json = nlohmann::ordered_json;

// Three significant digits, thousands set apart: "0.0123", "45.6", "12,345".
std::string three_digits(double x);
// Shares in percent with one digit: "8.3 %".
std::string percent(double share);

Json losses_section(const MemoryReport& report);
Json loss_table_section(const MemoryReport& report);
Json curves_section(const MemoryReport& report);
Json energy_section(const MemoryReport& report);
Json power_section(const MemoryReport& report);
Json commands_section(const MemoryReport& report);
Json sources_section(const core::Catalog& catalog);

}  // namespace wordline::cli
