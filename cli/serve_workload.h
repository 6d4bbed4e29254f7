// `wordline serve workload`, and its HTML report.
#pragma once

#include <filesystem>
#include <string>

#include "args.h"
#include "report_parts.h"
#include "wordline/serve/workload/describe.h"

namespace wordline::cli {

// Adds the command to `serve`.
void add_serve_workload(Args& serve);

// The report of a workload in the form that web/README.md describes, as one HTML file that works offline.
void write_workload_report(const std::filesystem::path& file, const serve::Description& description,
                           const std::string& name, const core::Catalog& catalog);

}  // namespace wordline::cli
