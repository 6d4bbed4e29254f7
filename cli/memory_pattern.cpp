#include "memory_pattern.h"

#include "wordline/core/error.h"

namespace wordline::cli {

void add_pattern_options(Args& args, PatternOptions& o) {
  memory::Pattern& p = o.pattern;
  args.option("--pattern", p.kind, "what comes next").choices(memory::pattern_kinds());
  args.option("--trace", o.trace, "accesses of a file, as Ramulator and DRAMsim3 write them");
  args.option("--timed", p.timed, "the trace's clocks or bubbles count, for a single injector");
  args.option("--reads", p.reads, "share of the accesses that read; not of mix, gups, kv and traces");
  args.option("--accesses", o.accesses, "how many, of a block each; a million, or all of a trace");
  args.option("--streams", p.streams, "served in turn: streams, pieces (gather), requesters (weights), sequences (kv)");
  args.option("--run", p.run_blocks, "blocks of one stream before the next has its turn (stream)").called("BLOCKS");
  args.option("--stride", p.stride, "blocks from access to access (stride)").called("BLOCKS");
  args.option("--piece", o.piece_bytes, "contiguous bytes: a piece (gather), a page (kv), a tile (weights)")
      .called("BYTES");
  args.option("--tensors", p.tensors, "equal tensors that fill the addresses, one after another (weights)");
  args.option("--pages", p.pages, "pages of each sequence's context (kv)");
  args.option("--new", p.new_blocks, "blocks that each sequence writes after a step's reads (kv)").called("BLOCKS");
  args.option("--footprint", o.footprint_bytes, "bytes that the addresses span; 0: all").called("BYTES");
  args.option("--burst", p.burst, "accesses between two pauses, of a single injector; bursty: 64").called("N");
  args.option("--idle", o.idle_clocks, "memory clocks of a pause; bursty: 1000").called("CLOCKS");
}

memory::Pattern pattern_of(const PatternOptions& options, const Common& common, const memory::System& system) {
  memory::Pattern pattern = options.pattern;
  const auto block = static_cast<std::uint64_t>(system.access_bytes());
  pattern.block_bytes = system.access_bytes();
  pattern.piece_blocks = (options.piece_bytes + block - 1) / block;
  pattern.blocks = options.footprint_bytes / block;
  pattern.accesses = options.accesses.value_or(pattern.accesses);
  pattern.idle_clocks = options.idle_clocks;
  if (common.seed) pattern.seed = *common.seed;
  if (options.trace) {
    pattern.kind = "trace";
    pattern.trace = *options.trace;
    pattern.accesses = options.accesses.value_or(0);  // all of it
  } else if (pattern.kind == "trace") {
    throw core::UsageError("--pattern trace: wanted --trace FILE beside it");
  } else if (pattern.timed) {
    throw core::UsageError("--timed: wanted --trace FILE beside it");
  }
  if (options.idle_clocks > 0 && pattern.burst == 0 && pattern.kind != "bursty")
    throw core::UsageError("--idle: wanted --burst N beside it");
  return pattern;
}

}  // namespace wordline::cli
