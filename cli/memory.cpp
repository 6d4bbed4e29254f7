// wordline memory run: one pattern through one module or several.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "args.h"
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
  std::string module;
  int count = 1;
  memory::Pattern pattern;
  std::uint64_t piece_bytes = 4096, footprint_bytes = 0;
  std::optional<std::uint64_t> gap, accesses;
  bool single = false, reference = false;
  int queue = 64;
  std::optional<std::filesystem::path> commands, trace;
  std::string address_map = "interleaved";
  WatchFiles watch;
};

// "random accesses of 64 bytes, 70 % of them reads"
std::string work_words(const memory::System& system, const memory::Pattern& pattern, bool split) {
  return fmt::format("{} accesses of {} bytes, {:g} % of them reads, {}", pattern.kind, system.access_bytes(),
                     100 * pattern.reads,
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

memory::Pattern pattern_of(const Options& options, const Common& common, const memory::System& system) {
  memory::Pattern pattern = options.pattern;
  const auto block = static_cast<std::uint64_t>(system.access_bytes());
  pattern.piece_blocks = (options.piece_bytes + block - 1) / block;
  pattern.blocks = options.footprint_bytes / block;
  pattern.accesses = options.accesses.value_or(pattern.accesses);
  if (common.seed) pattern.seed = *common.seed;
  if (options.trace) {
    pattern.kind = "trace";
    pattern.trace = *options.trace;
    pattern.accesses = options.accesses.value_or(0);  // all of it
  } else if (pattern.kind == "trace") {
    throw core::UsageError("--pattern trace: wanted --trace FILE beside it");
  }
  return pattern;
}

memory::Settings settings_of(const Options& options) {
  memory::Settings settings;
  settings.address_map = options.address_map;
  settings.read_queue = settings.write_queue = options.queue;
  settings.write_high = std::max(1, options.queue * 3 / 4);
  settings.write_low = options.queue / 4;
  settings.check();
  return settings;
}

int run_memory(const Options& options, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  auto system =
      memory::load_system(catalog, options.module, options.count, {std::make_shared<std::string>("command line")});
  system.settings = settings_of(options);
  const memory::Pattern pattern = pattern_of(options, common, system);
  std::vector<dram::CommandTrace> commands;
  memory::RunOptions run_options;
  run_options.threads = common.threads;
  run_options.reference = options.reference;
  run_options.gap_clocks = options.gap.value_or(0);
  if (options.single || options.gap) run_options.injector = memory::Injector::single;
  if (options.commands) run_options.commands = &commands;
  memory::Watch watch(system, watch_options(options.watch));
  run_options.observers = watch.observers();
  if (options.commands && !run_options.observers.empty())
    throw core::UsageError("--commands: wanted without --losses, --timeline and --report");
  const auto result = memory::run(system, pattern, run_options);
  watch.finish(result.ticks);
  if (options.commands) core::write_text(*options.commands, commands_text(system, commands));

  auto document = core::result_document("memory-run", catalog);
  document["module"] = system.module.name;
  document["modules"] = system.count;
  document["pattern"] = pattern.kind;
  document["address_map"] = memory::AddressMap(system).text();
  document["injector"] = run_options.injector == memory::Injector::split ? "split" : "single";
  document["controller"] = options.reference ? "reference" : "fast";
  memory::append_json(document, system, result);
  write_watched(options.watch, watch, system, result,
                work_words(system, pattern, run_options.injector == memory::Injector::split), catalog, document);
  write_result(common, document, memory::to_table(system, result) + watched_text(options.watch, watch));
  return core::exit_done;
}

}  // namespace

void add_memory(Args& program) {
  auto& memory = program.command("memory", "when does this access finish?");
  add_memory_curve(memory);
  auto& args = memory.command("run", "one pattern through one module or several, command by command");
  auto o = std::make_shared<Options>();
  args.option("--module", o->module, "module from the catalogue (wordline list memory/modules)").required();
  args.option("--count", o->count, "modules behind one address map");
  args.option("--pattern", o->pattern.kind, "what comes next").choices(memory::pattern_kinds());
  args.option("--trace", o->trace, "accesses of a file: \"LD|ST address\" or \"address R|W [clock]\" lines");
  args.option("--reads", o->pattern.reads, "share of the accesses that read");
  args.option("--accesses", o->accesses, "how many, of 64 bytes; a million, or all of a trace");
  args.option("--streams", o->pattern.streams, "streams or pieces served in turn");
  args.option("--stride", o->pattern.stride, "blocks of 64 bytes from access to access (stride)");
  args.option("--piece", o->piece_bytes, "contiguous bytes at each random place (gather)");
  args.option("--footprint", o->footprint_bytes, "bytes that the addresses span; 0: all");
  args.option("--gap", o->gap,
              "memory clocks between offers to the whole system, by a single injector that waits when refused")
      .called("CLOCKS");
  args.option("--single", o->single,
              "a single injector without gaps, at most 32 accesses a clock; else each data bus is fed on its own");
  args.option("--map", o->address_map, "address map: a policy's name, or fields from the lowest to the highest");
  args.option("--queue", o->queue, "read entries, and as many for writes, in front of each data bus; 2 to 64");
  args.option("--reference", o->reference, "the reference controller: the same commands, tick by tick");
  args.option("--commands", o->commands, "writes every DRAM command to a CSV file").called("OUT");
  add_watch_options(args, o->watch);
  args.footer("Example: wordline memory run --module hbm3-5200-8h-16gb --pattern random --accesses 1000000 --json -");
  args.action([o, &common = args.common()] { return run_memory(*o, common); });
}

}  // namespace wordline::cli
