// The sections of the memory report. Internal to it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "memory_report.h"
#include "report_parts.h"

namespace wordline::cli {

Json losses_section(const MemoryReport& report);
Json loss_table_section(const MemoryReport& report);
Json curves_section(const MemoryReport& report);
Json energy_section(const MemoryReport& report);
Json power_section(const MemoryReport& report);
Json commands_section(const MemoryReport& report);

}  // namespace wordline::cli
