#include "wordline/serve/step_table.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace wordline::serve {
namespace {

constexpr std::int64_t longest_batch = 4096;             // sequences of a decode step that is looked up
constexpr std::size_t octaves = 40;                      // of contexts
constexpr std::int64_t narrow = 16;                      // tokens a sequence of the first octave
constexpr double fine = 1.0 / 4096, coarse = 1.0 / 256;  // of a step's time, above and below `narrow`

// a + count * b, part by part.
Cost plus(const Cost& a, const Cost& b, std::int64_t count) {
  Cost out = a;
  out.time += count * b.time;
  out.energy += count * b.energy;
  for (std::size_t i = 0; i < chip::bounds; ++i) out.by_bound[i] += count * b.by_bound[i];
  return out;
}

std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

// (a - b) / count, part by part, rounded down: a line with this slope from b never ends above a.
Cost slope_between(const Cost& b, const Cost& a, std::int64_t count) {
  Cost out;
  out.time = floor_of(a.time - b.time, count);
  out.energy = floor_of(a.energy - b.energy, count);
  for (std::size_t i = 0; i < chip::bounds; ++i) out.by_bound[i] = floor_of(a.by_bound[i] - b.by_bound[i], count);
  return out;
}

}  // namespace

Cost DecodePiece::at(std::int64_t context) const { return plus(at_from, slope, context - from); }

Cost DecodePiece::rise(std::int64_t sequences) const { return plus({}, slope, sequences); }

StepTable::StepTable(const Server& server, bool asynchronous)
    : host_(server.host),
      asynchronous_(asynchronous),
      idle_(server.idle),
      largest_graph_(server.largest_graph),
      queries_(server.decode_queries),
      time_(server.step_time()),
      made_(static_cast<std::size_t>(longest_batch) * octaves) {}

StepTable::~StepTable() {
  for (auto& octave : made_) delete octave.load();
}

Cost StepTable::exact(const model::StepShape& shape, StepTime& time) const {
  const model::StepCost cost = time(shape);
  const std::int64_t sequences = shape.sequences();
  Cost out;
  out.time = std::max<Ticks>(1, to_ticks(cost.time));
  for (std::size_t i = 0; i < chip::bounds; ++i) out.by_bound[i] = to_ticks(cost.by_bound[i]);
  const Ticks busy = out.time;
  out.time += host_.step + host_.step_sequence * sequences;
  const Ticks host = host_.least_step + host_.least_step_sequence * sequences;
  out.time = asynchronous_ ? std::max(out.time, host) : out.time + host;
  const double idle = idle_.value() * to_seconds(out.time - busy).value();
  out.energy = std::llround((cost.joules.value() + idle) * energies_per_joule);
  return out;
}

Cost StepTable::at(const model::StepShape& shape, StepTime& time) const {
  if (!has(shape)) return exact(shape, time);
  return decode(shape.decode_sequences, shape.decode_context_tokens).at(shape.decode_context_tokens);
}

bool StepTable::has(const model::StepShape& shape) const {
  return shape.prefill.empty() && shape.decode_sequences < longest_batch && shape.decode_queries == queries_;
}

// The step in which so many sequences decode and nothing else is done.
model::StepShape StepTable::alone(std::int64_t sequences, std::int64_t context_tokens) const {
  return {sequences, context_tokens, {}, padding(sequences * queries_), queries_, queries_};
}

const DecodePiece& StepTable::decode(std::int64_t sequences, std::int64_t context_tokens) const {
  const auto octave =
      static_cast<int>(std::bit_width(static_cast<std::uint64_t>(context_tokens / (narrow * sequences))));
  const Octave& pieces = look_up(sequences, octave);
  const auto above = std::upper_bound(pieces.begin() + 1, pieces.end(), context_tokens,
                                      [](std::int64_t context, const DecodePiece& p) { return context < p.from; });
  return *(above - 1);
}

const StepTable::Octave& StepTable::look_up(std::int64_t sequences, int octave) const {
  auto& place = made_[static_cast<std::size_t>(sequences) * octaves + static_cast<std::size_t>(octave)];
  if (const Octave* made = place.load(std::memory_order_acquire)) return *made;
  const std::lock_guard lock(mutex_);
  if (!place.load(std::memory_order_relaxed)) {
    auto fresh = std::make_unique<Octave>();
    const std::int64_t to = (narrow * sequences) << octave;
    refine(*fresh, sequences, octave == 0 ? 0 : to / 2, to);
    place.store(fresh.release(), std::memory_order_release);
  }
  return *place.load(std::memory_order_relaxed);
}

void StepTable::refine(Octave& out, std::int64_t sequences, std::int64_t from, std::int64_t to) const {
  const auto exactly = [&](std::int64_t context) { return exact(alone(sequences, context), time_); };
  DecodePiece piece{from, to, exactly(from), {}};
  piece.slope = slope_between(piece.at_from, exactly(to), to - from);
  const double tolerance = to - from > narrow * sequences ? fine : coarse;
  const auto off = [&](std::int64_t eighths) {
    const std::int64_t context = from + (to - from) * eighths / 8;
    const auto wanted = static_cast<double>(exactly(context).time);
    return std::abs(static_cast<double>(piece.at(context).time) - wanted) > tolerance * wanted;
  };
  if (to - from > 1 && (off(4) || off(1) || off(2) || off(6) || off(7))) {
    const std::int64_t middle = from + (to - from) / 2;
    refine(out, sequences, from, middle);
    refine(out, sequences, middle, to);
  } else {
    out.push_back(piece);
  }
}

double StepTable::deviation() const {
  const std::lock_guard lock(mutex_);
  double worst = 0;
  for (std::size_t place = 0; place < made_.size(); ++place) {
    const Octave* pieces = made_[place].load(std::memory_order_acquire);
    const auto sequences = static_cast<std::int64_t>(place / octaves);
    for (std::size_t i = 0; pieces && i < pieces->size(); ++i)
      for (int part = 1; part < 10; ++part) {
        const DecodePiece& piece = (*pieces)[i];
        const std::int64_t context = piece.from + part * (piece.to - piece.from) / 10;
        const Cost wanted = exact(alone(sequences, context), time_);
        const double share = static_cast<double>(piece.at(context).time) / static_cast<double>(wanted.time) - 1;
        worst = std::max(worst, std::abs(share));
      }
  }
  return worst;
}

}  // namespace wordline::serve
