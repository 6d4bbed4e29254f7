// The options of `wordline memory` that look closer at a run: --losses, --timeline, --report.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "args.h"
#include "wordline/memory/result.h"
#include "wordline/memory/watch.h"

namespace wordline::cli {

// What was asked for; add_watch_options() fills it in.
struct WatchFiles {
  bool losses = false, timeline_ps = false;
  std::optional<std::filesystem::path> timeline, report;
  std::optional<std::string> timeline_clocks;
};
void add_watch_options(Args& args, WatchFiles& files);

// What must be watched for that. Throws UsageError for clocks that make no sense.
memory::WatchOptions watch_options(const WatchFiles& files);

// After the run and watch.finish(): the account and the power into the document, the timeline and the report into their
// files. `work` says in words what came at the memory.
void write_watched(const WatchFiles& files, const memory::Watch& watch, const memory::System& system,
                   const memory::Result& result, const std::string& work, const core::Catalog& catalog,
                   nlohmann::ordered_json& document);

// The account for a person, as lines like those of memory::to_table; nothing without --losses.
std::string watched_text(const WatchFiles& files, const memory::Watch& watch);

}  // namespace wordline::cli
