#include "wordline/serve/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "wordline/core/error.h"

namespace wordline::serve {
namespace {

constexpr std::size_t most_intervals = 100'000'000;
constexpr double rounding = 1e-9;  // a share that sums of doubles leave

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

// `part` of a run of steps, with nothing about requests.
Interval part_of(const StepRun& run, double part) {
  Interval out;
  const auto steps = static_cast<double>(run.steps) * part;
  const double busy = static_cast<double>(run.end - run.begin) * part;
  out.steps = steps;
  out.tokens_in = steps * static_cast<double>(run.shape->prompt_tokens());
  out.tokens_out = steps * static_cast<double>(run.shape->decode_sequences + run.beside);
  out.busy = busy;
  out.running = busy * static_cast<double>(run.shape->sequences());
  out.waiting = busy * static_cast<double>(run.waiting);
  out.blocks = busy * static_cast<double>(run.blocks_used);
  out.joules = to_joules(static_cast<double>(run.cost.energy)).value() * part;
  for (std::size_t i = 0; i < chip::bounds; ++i) out.by_bound[i] = static_cast<double>(run.cost.by_bound[i]) * part;
  return out;
}

}  // namespace

Interval& Interval::operator+=(const Interval& other) {
  arrivals += other.arrivals, completed += other.completed, rejected += other.rejected;
  steps += other.steps, tokens_in += other.tokens_in, tokens_out += other.tokens_out;
  busy += other.busy, running += other.running, waiting += other.waiting, blocks += other.blocks;
  joules += other.joules;
  for (std::size_t i = 0; i < chip::bounds; ++i) by_bound[i] += other.by_bound[i];
  ttft += other.ttft, answered += other.answered;
  return *this;
}

Series::Series(core::Seconds interval, std::size_t most)
    : interval_(std::max<Ticks>(1, to_ticks(interval))), most_(most) {}

Interval& Series::at(Ticks time) {
  while (most_ > 0 && time / interval_ >= static_cast<Ticks>(most_)) {
    for (std::size_t i = 0; 2 * i < intervals_.size(); ++i) {
      Interval both = intervals_[2 * i];
      if (2 * i + 1 < intervals_.size()) both += intervals_[2 * i + 1];
      intervals_[i] = both;
    }
    intervals_.resize((intervals_.size() + 1) / 2);
    interval_ *= 2;
  }
  const auto index = static_cast<std::size_t>(time / interval_);
  if (index >= most_intervals)
    throw core::InputError(
        fmt::format("more than {} intervals of {} s: take longer ones", most_intervals, to_seconds(interval_).value()));
  if (index >= intervals_.size()) intervals_.resize(index + 1);
  return intervals_[index];
}

void Series::on_last_chunk(std::size_t replica, std::uint64_t /*id*/, Ticks /*begin*/) {
  if (replica >= prefilled_.size()) prefilled_.resize(replica + 1);
  ++prefilled_[replica];
}

void Series::on_steps(std::size_t replica, const StepRun& run) {
  const int prefilled = replica < prefilled_.size() ? std::exchange(prefilled_[replica], 0) : 0;
  at(run.end - 1);  // intervals do not get longer below
  const auto whole = static_cast<double>(run.end - run.begin);
  for (Ticks from = run.begin; from < run.end;) {
    const Ticks to = std::min(run.end, (from / interval_ + 1) * interval_);
    const double part = static_cast<double>(to - from) / whole;
    Interval& here = at(from);
    here += part_of(run, part);
    here.tokens_out += prefilled * part;
    from = to;
  }
}

void Series::on_end(std::size_t /*replica*/, const Ended& ended) {
  if (ended.status == Status::rejected) {
    Interval& arrived = at(ended.arrival);
    ++arrived.arrivals;
    ++arrived.rejected;
    return;
  }
  Interval& done = at(ended.last);
  ++done.completed;
  Interval& arrived = at(ended.arrival);
  ++arrived.arrivals;
  ++arrived.answered;
  arrived.ttft += to_seconds(ended.first - ended.arrival).value();
}

std::vector<SeriesRow> Series::rows(const SeriesScale& scale) const {
  std::vector<SeriesRow> out;
  const auto replicas = static_cast<double>(scale.replicas);
  const double seconds = to_seconds(interval_).value(), ticks = static_cast<double>(interval_);
  for (std::size_t i = 0; i < intervals_.size(); ++i) {
    const Interval& in = intervals_[i];
    if (out.empty() && in.arrivals == 0 && in.busy == 0 && in.completed == 0) continue;
    SeriesRow row;
    row.begin_s = static_cast<double>(i) * seconds;
    row.arrivals = static_cast<double>(in.arrivals) / seconds;
    row.completed = static_cast<double>(in.completed) / seconds;
    row.rejected = static_cast<double>(in.rejected) / seconds;
    row.running = in.running / ticks;
    row.waiting = in.waiting / ticks;
    row.batch = share(in.running, in.busy);
    row.tokens_in = in.tokens_in / seconds;
    row.tokens_out = in.tokens_out / seconds;
    row.kv_use = share(in.blocks, ticks * scale.kv_blocks);
    row.utilization = in.busy / (ticks * replicas);
    row.power = in.joules / seconds + scale.idle.value() * std::max(0.0, 1 - row.utilization);
    row.ttft = share(in.ttft, static_cast<double>(in.answered));
    double host = in.busy;
    for (std::size_t b = 0; b < chip::bounds; ++b) {
      row.by_bound[b] = share(in.by_bound[b], in.busy);
      host -= in.by_bound[b];
    }
    const double rest = share(host, in.busy);
    row.host = rest > rounding ? rest : 0;
    out.push_back(row);
  }
  return out;
}

std::string series_csv(const std::vector<SeriesRow>& rows) {
  std::string text =
      "begin_s,arrivals_per_s,completed_per_s,rejected_per_s,running,waiting,batch_size,prompt_tokens_per_s,"
      "output_tokens_per_s,kv_use,power_w,utilization,mean_ttft_ms";
  auto out = std::back_inserter(text);
  for (std::size_t b = 0; b < chip::bounds; ++b)
    fmt::format_to(out, ",share_{}", chip::name_of(static_cast<chip::Bound>(b)));
  text += ",share_host\n";
  for (const SeriesRow& row : rows) {
    fmt::format_to(out, "{:.9g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g}",
                   row.begin_s, row.arrivals, row.completed, row.rejected, row.running, row.waiting, row.batch,
                   row.tokens_in, row.tokens_out, row.kv_use, row.power, row.utilization, row.ttft * 1e3);
    for (const double each : row.by_bound) fmt::format_to(out, ",{:.6g}", each);
    fmt::format_to(out, ",{:.6g}\n", row.host);
  }
  return text;
}

}  // namespace wordline::serve
