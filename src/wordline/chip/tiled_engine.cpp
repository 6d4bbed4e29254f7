#include "wordline/chip/tiled_engine.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "wordline/chip/expert_loads.h"

namespace wordline::chip {

namespace {

constexpr double single = 4;  // bytes of a partial sum
// Bytes from which a piece is as good as a long run: it covers a row of every bank group on every channel.
constexpr double long_piece = 65536;
constexpr double search_tolerance = 1.001;

double flops_of(const Product& p) { return 2 * p.m * p.n * p.k * p.batch; }

double number(std::int64_t x) { return static_cast<double>(x); }

// In whole granules.
double granules(double piece, double granule) {
  return granule > 0 && piece > 0 ? std::ceil(piece / granule) * granule : piece;
}

}  // namespace

TiledEngine::TiledEngine(const Chip& chip, double scratch)
    : chip_(chip),
      rates_([&](Dtype dtype) { return chip.engines.empty() ? MatrixRate() : chip.rate(dtype); }),
      splits_(core_splits(chip.cores.count)),
      scratch_(scratch / 2),
      kept_(chip.cache.size.value() / 2 + chip.cores.count * scratch_) {}

double TiledEngine::vector_seconds(double operations) const {
  return chip_.vector.value() > 0 ? operations * chip_.cores.count / chip_.vector.value() : 0;
}

// Mask, running maximum, exponential and sum, of which the exponential has its own rate where one is stated.
double TiledEngine::softmax_seconds(double scores) const {
  const double rate = chip_.exponentials.value();
  return std::max(vector_seconds(4 * scores), rate > 0 ? scores * chip_.cores.count / rate : 0);
}

double TiledEngine::shared_seconds(double bytes) const {
  return chip_.cache.size.value() > 0 ? bytes / chip_.cache.bandwidth.value() : 0;
}

double TiledEngine::spilled(double bytes) const { return std::max(0.0, bytes - kept_); }

Traffic TiledEngine::fetched_in_runs(Traffic traffic) const {
  traffic.page = std::min(traffic.page, long_piece);
  if (const double run = run_bytes(); run > 0) {
    traffic.page = traffic.page > 0 ? std::min(traffic.page, run) : run;
    const double beside = std::min(traffic.read, traffic.written);
    traffic.paged += traffic.read - beside;
    traffic.read = beside;
  }
  return traffic;
}

// Where transfers have a start-up it is the launch that waits for the first one.
double TiledEngine::first_seconds(MemoryPath& memory, bool far) const {
  if (chip_.load.start_up.value() > 0) return std::max(0.0, chip_.load.start_up.value() - chip_.launch.value());
  return far ? memory.unloaded_latency() : 0;
}

// `busiest` core's bytes from DRAM, `fetched` bytes through its load path in transfers of `transfer`, on so many cores;
// `extra` seconds that nothing overlaps.
TiledEngine::Way TiledEngine::finished(Way way, MemoryPath& memory, double busiest, double fetched, double transfer,
                                       int cores, double extra) const {
  way.traffic = fetched_in_runs(way.traffic);
  way.dram = dram_time(memory, way.traffic, busiest, cores, chip_.load.in_flight.value());
  const double path = fetch_seconds(chip_.load, fetched, transfer);
  if (path > way.dram.seconds) way.dram = {path, true};
  const bool far = way.traffic.read + way.traffic.paged > 0;
  way.after = extra;
  way.seconds = first_seconds(memory, far) + fill_seconds() +
                std::max({way.tensor, way.vector, way.l2, way.dram.seconds}) + extra;
  return way;
}

std::optional<TiledEngine::Way> TiledEngine::cut(const Product& p, const Whole& whole, const CoreSplit& split,
                                                 MemoryPath& memory, double limit) const {
  const Cores& cores = chip_.cores;
  const bool shared = chip_.cache.size.value() > 0;
  const Product block = block_of(p, split);
  Way out;
  out.tensor = std::max(block.batch * array_seconds(block.m, block.n, block.k, p.operands),
                        flops_of(p) / rate(p.operands).sustained().value());
  out.vector = block.batch * vector_seconds(draining_operations(block));
  if (widens(chip_, p)) out.vector += block.batch * vector_seconds(widening_operations() * block.n * block.k);
  if (std::max(out.tensor, out.vector) >= limit) return {};

  // One core's block, then the whole chip where a cache stands between.
  const Fetched mine = fetched(block, scratch_, cores.accumulator.value(), std::max(1, cores.array_rows),
                               std::max(1, cores.array_columns));
  const double partial = split.k > 1 ? 2 * single * block.m * block.n * block.batch : 0;
  const double through = (mine.left + mine.right) * block.batch + output_bytes(block) + partial;
  Fetched all{mine.left * split.cores() * block.batch, mine.right * split.cores() * block.batch};
  if (shared) {
    out.l2 = shared_seconds(through * split.cores());
    if (out.l2 >= limit) return {};
    all = {whole.fetched.left * p.batch, whole.fetched.right * p.batch};
  }
  out.traffic.read = all.left * spilled(whole.input) / std::max(1.0, whole.input) + (whole.hot ? 0 : all.right);
  out.traffic.written = spilled(whole.output);
  const double busiest = (out.traffic.read + out.traffic.written) / split.cores();
  // Partial sums are gathered after all cores have written theirs.
  return finished(out, memory, busiest, shared ? busiest : through, scratch_ / chip_.load.transfers, split.cores(),
                  split.k > 1 ? chip_.launch.value() : 0);
}

TiledEngine::Way TiledEngine::product(const Product& p, MemoryPath& memory, Residency residency) const {
  const Cores& cores = chip_.cores;
  const int rows = std::max(1, cores.array_rows), columns = std::max(1, cores.array_columns);
  Whole whole{{}, left_bytes(p), output_bytes(p), false};
  if (chip_.cache.size.value() > 0)
    whole.fetched = fetched(p, kept_, cores.accumulator.value() * cores.count, rows, columns);
  whole.hot = residency == Residency::warm && whole.input + whole.output + right_bytes(p) <= chip_.cache.size.value();
  // No cut does better than this; one that does as well ends the search.
  const double in_flight = chip_.load.in_flight.value() * cores.count;
  const double weights = whole.hot ? 0 : right_bytes(p) / memory.bandwidth(1, run_bytes(), in_flight);
  const double least = std::max(flops_of(p) / rate(p.operands).sustained().value(), weights);
  Way best;
  for (const auto& split : splits_) {
    // More parts than there are products, or than quarters of blocks in m, only leave cores idle.
    if (split.batch > 1 && split.batch >= 2 * p.batch) continue;
    if (split.m > 1 && split.m >= 2 * std::ceil(4 * p.m / rows)) continue;
    const double limit = best.seconds > 0 ? best.seconds : std::numeric_limits<double>::infinity();
    if (const auto way = cut(p, whole, split, memory, limit - fill_seconds()); way && way->seconds < limit) best = *way;
    const double longest = std::max({best.tensor, best.vector, best.l2, best.dram.seconds});
    if (best.after == 0 && longest <= least * search_tolerance) break;
  }
  return best;
}

TiledEngine::Way TiledEngine::work(const Gemm& g, MemoryPath& memory, Residency residency) const {
  return product({number(g.m), number(g.n), number(g.k), number(g.batch), g.weights, g.operands, g.output}, memory,
                 residency);
}

// Two grouped products one after the other, the gate between them.
TiledEngine::Way TiledEngine::work(const Experts& w, MemoryPath& memory, Residency residency) const {
  Way out;
  const auto add = [&](const Product& p) {
    const Way way = product(p, memory, residency);
    out.seconds += way.seconds;
    out.tensor += way.tensor;
    out.vector += way.vector;
    out.l2 += way.l2;
    out.dram.seconds += way.dram.seconds;
    out.dram.starved = out.dram.starved || way.dram.starved;
    out.traffic.read += way.traffic.read;
    out.traffic.written += way.traffic.written;
    out.traffic.paged += way.traffic.paged;
    out.traffic.page = way.traffic.page;
  };
  for (const auto& load : expert_loads(w)) {
    const double hidden = number(w.hidden), width = number(w.width);
    add({load.rows, 2 * width, hidden, load.experts, w.weights, w.operands, Dtype::bf16});
    add({load.rows, hidden, width, load.experts, w.weights, w.operands, Dtype::bf16});
    const double gate = vector_seconds(4 * load.rows * load.experts * width / chip_.cores.count);
    out.vector += gate;
    out.seconds += gate;
  }
  out.seconds += chip_.launch.value();  // of the second product
  return out;
}

TiledEngine::Way TiledEngine::work(const Movement& w, MemoryPath& memory, Residency) const {
  const int cores = chip_.cores.count;
  Way out;
  out.tensor = (w.matrix / rate(w.dtype).sustained()).value();
  out.vector = vector_seconds(w.vector.value() / cores);
  const double near = (w.read + w.written).value(), far = w.paged.value(), page = w.page.value();
  out.l2 = shared_seconds(w.passes * near + far);
  out.traffic = {spilled(w.read.value()), spilled(w.written.value()), far, page};
  const double whole = far > 0 ? far * granules(page, chip_.load.granule.value()) / page : 0;
  const double largest = scratch_ / chip_.load.transfers;
  return finished(out, memory, (out.traffic.read + out.traffic.written + far) / cores,
                  (out.traffic.read + out.traffic.written + whole) / cores, largest, cores, 0);
}

// Each core takes tiles of queries of one head; the tile's height is the best of three.
TiledEngine::Way TiledEngine::work(const PrefillAttention& w, MemoryPath& memory, Residency) const {
  const Cores& cores = chip_.cores;
  const double tokens = std::max<double>(1, number(w.tokens)), sequences = std::max<double>(1, number(w.sequences));
  const double each = tokens / sequences, cached = number(w.tokens + w.context);
  const double kv = bytes_of(w.kv).value() * cached * w.kv_heads * (w.head_dim + w.value_dim);
  const double queries = bytes_of(Dtype::bf16).value() * tokens * w.heads * w.head_dim;
  const double results = bytes_of(Dtype::bf16).value() * tokens * w.heads * w.value_dim;
  const double page = page_of(w);
  Way best;
  for (const int height : {cores.array_rows, 2 * cores.array_rows, 4 * cores.array_rows}) {
    const double high = std::max(1, height), tiles = std::ceil(each / high) * sequences * w.heads;
    const double rows = std::min(each, high), keys = w.pairs / tokens + (rows - 1) / 2;
    const double rounds = std::ceil(tiles / cores.count);
    Way out;
    out.tensor =
        rounds * (array_seconds(rows, keys, w.head_dim, w.operands) +
                  array_seconds(rows, w.value_dim, keys, w.operands) + rearranging_seconds(rows, keys, w.operands));
    out.tensor =
        std::max(out.tensor, 2 * w.heads * (w.head_dim + w.value_dim) * w.pairs / rate(w.operands).sustained().value());
    out.vector = softmax_seconds(rounds * rows * keys);
    // A sequence's keys and values of one head stay on the chip, or pass once for each of its tiles.
    const double sequence = kv / sequences / w.kv_heads;
    const double again = sequence > kept_ ? std::max(1.0, tiles / sequences / w.heads) : 1;
    out.traffic = {spilled(queries), spilled(results), kv * again, page};
    out.l2 =
        shared_seconds(queries + results + tiles * keys * (rows * score_bytes()) + kv * tiles / sequences / w.heads);
    const double whole = granules(page, chip_.load.granule.value()) / page * kv * again;
    const double busiest = (out.traffic.read + out.traffic.written + out.traffic.paged) / cores.count;
    const double through = (queries + results + whole) / cores.count;
    out = finished(out, memory, busiest, through, page * std::max(1, cores.array_rows), cores.count, 0);
    if (best.seconds == 0 || out.seconds < best.seconds) best = out;
  }
  return best;
}

// Each core takes all queries of one KV head and sequence over a part of the context; parts are merged after all.
TiledEngine::Way TiledEngine::work(const DecodeAttention& w, MemoryPath& memory, Residency) const {
  const Cores& cores = chip_.cores;
  const double sequences = std::max<double>(1, number(w.sequences)), context = number(w.context) / sequences;
  const double group = static_cast<double>(w.heads) / std::max(1, w.kv_heads), units = sequences * w.kv_heads;
  const double held = w.latent ? w.head_dim : w.head_dim + w.value_dim, page = page_of(w);
  const double kv = bytes_of(w.kv).value() * number(w.context) * w.kv_heads * held;
  const double queries = bytes_of(Dtype::bf16).value() * sequences * w.heads * w.head_dim;
  const double results = bytes_of(Dtype::bf16).value() * sequences * w.heads * w.value_dim;
  const Traffic traffic = {spilled(queries), spilled(results), kv, page}, fetched = fetched_in_runs(traffic);
  // What no split can do without: the DRAM's time with every core fetching, the first operand, the filling.
  const double dram = dram_time(memory, fetched, 0, cores.count, chip_.load.in_flight.value()).seconds;
  const double before = first_seconds(memory, fetched.read + fetched.paged > 0) + fill_seconds();
  Way best;
  for (int parts = 1; parts <= cores.count; parts *= 2) {
    const double rounds = std::ceil(units * parts / cores.count), keys = std::ceil(context / parts);
    Way out;
    out.tensor = rounds * (array_seconds(group, keys, w.head_dim, w.operands) +
                           array_seconds(group, w.value_dim, keys, w.operands));
    // Whole sequences a core where there are as many; else a core's share of all, a piece of each at most.
    const double waiting = waiting_softmax_seconds(group * std::ceil(units / cores.count),
                                                   std::max(keys, context * std::min(1.0, units / cores.count)));
    if (waiting == 0) out.vector = softmax_seconds(rounds * group * keys);
    if (bytes_of(w.kv) < bytes_of(w.operands))
      out.vector += vector_seconds(widening_operations() * rounds * keys * held);
    out.traffic = traffic;
    const double merged = parts > 1 ? 2 * single * parts * sequences * w.heads * w.value_dim : 0;
    out.l2 = shared_seconds(kv + queries + results + merged + number(w.context) * w.heads * score_bytes());
    const double extra = (parts > 1 ? chip_.launch.value() : 0) + waiting;
    if (parts > 1 && before + std::max({out.tensor, out.vector, out.l2, dram}) + extra >= best.seconds) continue;
    const double busiest = bytes_of(w.kv).value() * rounds * keys * held;
    const double whole = granules(page, chip_.load.granule.value()) / page * busiest;
    const int busy = static_cast<int>(std::min<double>(cores.count, units * parts));
    out =
        finished(out, memory, busiest, whole + merged / cores.count, page * std::max(1, cores.array_rows), busy, extra);
    out.vector += waiting;
    if (best.seconds == 0 || out.seconds < best.seconds) best = out;
  }
  return best;
}

Timing TiledEngine::time(const Kernel& kernel, MemoryPath& memory, Residency residency) const {
  const Way way = std::visit([&](const auto& w) { return work(w, memory, residency); }, kernel.work);
  Timing out;
  out.launch = chip_.launch.value();
  out.time = out.launch + way.seconds;
  out.tensor = way.tensor;
  out.vector = way.vector;
  out.l2 = way.l2;
  out.dram = way.dram.seconds;
  out.starved = way.dram.starved;
  out.read = way.traffic.read;
  out.written = way.traffic.written;
  out.paged = way.traffic.paged;
  out.page = way.traffic.page;
  return out;
}

}  // namespace wordline::chip
