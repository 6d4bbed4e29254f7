// wordline memory run: one pattern through one module or several.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "memory_options.h"
#include "memory_pattern.h"
#include "memory_watch.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/run.h"

namespace wordline::cli {

void add_memory_curve(Args& memory);

namespace {

struct Options {
  MemoryOptions memory;
  PatternOptions pattern;
  std::optional<std::uint64_t> gap;
  bool single = false, reference = false;
  std::optional<std::filesystem::path> commands;
  WatchFiles watch;
};

// "random accesses of 64 bytes, 70 % of them reads"
std::string work_words(const memory::System& system, const memory::Pattern& pattern, bool split) {
  std::string reads;
  if (!pattern.has_own_mix()) reads = fmt::format("{:g} % of them reads, ", 100 * pattern.reads);
  return fmt::format("{} accesses of {} bytes, {}{}", pattern.kind, system.access_bytes(), reads,
                     split ? "each data bus fed as fast as it accepts" : "offered by one injector for all channels");
}

// One CSV for all channels: the channel's number before the columns of a command trace.
std::string commands_text(const memory::System& system, const std::vector<dram::CommandTrace>& traces) {
  const auto& standard = system.module.part->standard;
  std::string text = "channel," + dram::trace_header(standard) + "\n";
  for (std::size_t c = 0; c < traces.size(); ++c)
    for (const auto& command : traces[c]) text += fmt::format("{},{}\n", c, dram::trace_line(standard, command));
  return text;
}

// All numbers of the result as one line under their names, inner ones as "energy_j.total".
std::string to_csv(const nlohmann::ordered_json& document) {
  std::string names, values;
  const auto add = [&](const std::string& name, const nlohmann::ordered_json& value) {
    if (!value.is_number()) return;
    const char* const comma = names.empty() ? "" : ",";
    names += comma + name;
    values += comma + value.dump();
  };
  for (const auto& [key, value] : document.items()) {
    add(key, value);
    if (value.is_object())
      for (const auto& [inner, number] : value.items()) add(key + "." + inner, number);
  }
  return names + "\n" + values + "\n";
}

memory::RunOptions run_options_of(const Options& options, const Common& common, const memory::Pattern& pattern) {
  memory::RunOptions out;
  out.threads = common.threads;
  out.reference = options.reference;
  out.gap_clocks = options.gap.value_or(0);
  if (options.single || options.gap || memory::paced(pattern)) out.injector = memory::Injector::single;
  return out;
}

// What was asked: the memory, its controllers, the pattern.
void append_question(nlohmann::ordered_json& document, const Options& options, const memory::NamedSystem& named,
                     const memory::Pattern& pattern, bool split) {
  if (!options.memory.system.empty()) document["system"] = named.name;
  document["module"] = named.system.module.name;
  document["modules"] = named.system.count;
  document["pattern"] = pattern.kind;
  document["address_map"] = memory::AddressMap(named.system).text();
  document["injector"] = split ? "split" : "single";
  document["controller"] = options.reference ? "reference" : "fast";
  document["settings"] = settings_json(named);
  append_energy_json(document, options.memory);
}

int run_memory(const Options& options, const Common& common) {
  auto catalog = core::Catalog::open(common.catalogs);
  const memory::NamedSystem named = memory_of(options.memory, common, catalog);
  const memory::System& system = named.system;
  const memory::Pattern pattern = pattern_of(options.pattern, common, system);
  std::vector<dram::CommandTrace> commands;
  memory::RunOptions run_options = run_options_of(options, common, pattern);
  const bool split = run_options.injector == memory::Injector::split;
  if (options.commands) run_options.commands = &commands;
  memory::Watch watch(system, watch_options(options.watch));
  run_options.observers = watch.observers();
  if (options.commands && !run_options.observers.empty())
    throw core::UsageError("--commands: wanted without --losses, --timeline and --report");
  const auto result = memory::run(system, pattern, run_options);
  watch.finish(result.ticks);
  if (options.commands) core::write_text(*options.commands, commands_text(system, commands));

  auto document = core::result_document("memory-run", catalog);
  append_question(document, options, named, pattern, split);
  nlohmann::ordered_json numbers;
  memory::append_json(numbers, system, result);
  document.update(numbers);
  write_watched(options.watch, watch, system, result, work_words(system, pattern, split), catalog, document);
  if (common.csv) core::write_text(*common.csv, to_csv(numbers));
  write_result(
      common, document,
      memory::to_table(system, result) + settings_text(named, options.memory) + watched_text(options.watch, watch));
  return core::exit_done;
}

}  // namespace

void add_memory(Args& program) {
  auto& memory = program.command("memory", "when does this access finish?");
  add_memory_curve(memory);
  auto& args = memory.command("run", "one pattern through one module or several, command by command");
  auto o = std::make_shared<Options>();
  add_memory_options(args, o->memory);
  add_pattern_options(args, o->pattern);
  args.option("--gap", o->gap,
              "memory clocks between offers to the whole system, by a single injector that waits when refused")
      .called("CLOCKS");
  args.option("--single", o->single,
              "a single injector without gaps, at most 32 accesses a clock; else each data bus is fed on its own");
  args.option("--reference", o->reference, "the reference controller: the same commands, tick by tick");
  args.option("--commands", o->commands, "writes every DRAM command to a CSV file").called("OUT");
  add_watch_options(args, o->watch);
  args.footer(
      "Options win over --set controller.KEY=VALUE, which wins over the system's file.\n"
      "Example: wordline memory run --module hbm3-5200-8h-16gb --pattern random --accesses 1000000 --json -");
  args.action([o, &common = args.common()] { return run_memory(*o, common); });
}

}  // namespace wordline::cli
