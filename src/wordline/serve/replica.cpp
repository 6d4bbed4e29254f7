#include "wordline/serve/replica.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "wordline/serve/scheduler.h"

namespace wordline::serve {
namespace {

void hold(bool law, const char* what) {
  if (!law) throw std::logic_error(what);
}

// The replica's clock, its engine, and what each request has had so far.
class Replica {
 public:
  Replica(const Server& server, const Engine& engine, std::span<const Request> requests)
      : requests_(requests),
        asynchronous_(engine.async_scheduling),
        step_time_(server.step_time()),
        scheduler_(make_scheduler({engine, server.kv_blocks, server.max_model_len, requests})),
        latest_token_(requests.size()),
        given_(requests.size()) {
    log_.times.resize(requests.size());
    for (const Request& request : requests) arrivals_.push_back(to_ticks(request.arrival));
  }

  ReplicaLog run() {
    while (ended_ < requests_.size()) {
      if (!planned_) plan();
      if (planned_)
        step();
      else
        wait();
    }
    check();
    return std::move(log_);
  }

 private:
  // Takes in what has arrived, then plans `next_`.
  void plan() {
    for (; arrived_ < arrivals_.size() && arrivals_[arrived_] <= now_; ++arrived_) {
      if (scheduler_->enqueue(static_cast<Id>(arrived_))) continue;
      log_.times[arrived_].status = Status::rejected;
      ++ended_;
    }
    planned_ = scheduler_->plan(next_);
    log_.short_of_blocks |= next_.short_of_blocks;
    log_.blocks_peak = std::max(log_.blocks_peak, scheduler_->blocks_used());
  }

  // Nothing to do before the next arrival.
  void wait() {
    if (ended_ == requests_.size()) return;
    hold(arrived_ < arrivals_.size(), "the engine has nothing to do, yet requests are unanswered");
    hold(arrivals_[arrived_] > now_, "time does not advance");
    now_ = arrivals_[arrived_];
  }

  // Runs `next_`; an asynchronous engine plans the step after it meanwhile.
  void step() {
    std::swap(running_, next_);
    planned_ = false;
    remember_interrupted(running_, now_);
    const model::StepCost cost = step_time_(running_.shape);
    const Ticks duration = std::max<Ticks>(1, to_ticks(cost.time));
    if (asynchronous_) plan();
    count(cost, duration);
    hold(now_ + duration > now_, "time runs backwards");
    const Ticks before = now_;
    now_ += duration;
    deliver(before);
    scheduler_->complete(running_);
    remember_interrupted(next_, now_);
  }

  // Who lost its place had its latest token when the step before the one being planned ended.
  void remember_interrupted(Step& planned, Ticks end_of_step_before) {
    for (const Id id : planned.interrupted) latest_token_[id] = end_of_step_before;
    planned.interrupted.clear();
  }

  void count(const model::StepCost& cost, Ticks duration) {
    ++log_.steps;
    log_.sequences += static_cast<std::uint64_t>(running_.shape.logits_rows());
    log_.tokens += static_cast<std::uint64_t>(running_.shape.tokens());
    log_.busy += duration;
    log_.block_ticks += static_cast<core::Uint128>(scheduler_->blocks_used()) * static_cast<core::Uint128>(duration);
    log_.energy += cost.joules;
    for (std::size_t i = 0; i < chip::bounds; ++i) log_.by_bound[i] += cost.by_bound[i];
  }

  // Hands out the tokens of the step that began at `before` and ends now.
  void deliver(Ticks before) {
    const auto decoded = static_cast<std::uint64_t>(running_.shape.decode_sequences);
    if (decoded > 0) log_.gaps.add(now_ - before, decoded);
    tokens_given_ += decoded + running_.prefilled.size();
    for (const Id id : running_.prefilled) {
      if (!given_[id]) {
        given_[id] = true;
        log_.times[id].first = now_;
      } else {
        log_.gaps.add(now_ - latest_token_[id], 1);
      }
    }
    for (const Id id : running_.finished) {
      hold(log_.times[id].last == 0 && given_[id], "a request ends twice or before it began");
      log_.times[id].last = now_;
      log_.last_token = now_;
      tokens_owed_ += static_cast<std::uint64_t>(requests_[id].output_tokens);
      ++ended_;
    }
  }

  void check() {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      const Times& times = log_.times[i];
      hold(times.status == Status::rejected ? times.last == 0 : times.last >= times.first && times.first > arrivals_[i],
           "a request was answered before it came");
    }
    hold(tokens_given_ == tokens_owed_, "tokens given are not the tokens asked for");
    hold(scheduler_->blocks_used() == 0, "KV blocks are missing at the end");
    log_.blocks_total = scheduler_->blocks_total();
    log_.preemptions = scheduler_->preemptions();
  }

  std::span<const Request> requests_;
  bool asynchronous_;
  StepTime step_time_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Ticks> arrivals_;
  std::vector<Ticks> latest_token_;  // of those that lost their place
  std::vector<bool> given_;          // whether the first token has left
  Step running_, next_;
  bool planned_ = false;
  Ticks now_ = 0;
  std::size_t arrived_ = 0, ended_ = 0;
  std::uint64_t tokens_given_ = 0, tokens_owed_ = 0;
  ReplicaLog log_;
};

constexpr int gap_shift = 10;  // from 2^-40 s to 2^-30 s

}  // namespace

void Gaps::add(Ticks gap, std::uint64_t times) {
  const auto units = static_cast<std::uint64_t>(gap) >> gap_shift;
  histogram_.add(units, times);
  squares_ += static_cast<core::Uint128>(units) * units * times;
}

void Gaps::merge(const Gaps& other) {
  histogram_.merge(other.histogram_);
  squares_ += other.squares_;
}

Latency Gaps::latency() const {
  const auto time = [](double units) { return core::Seconds(units * (1 << gap_shift) / ticks_per_second); };
  if (count() == 0) return {};
  const double mean = histogram_.mean();
  const double variance = static_cast<double>(squares_) / static_cast<double>(count()) - mean * mean;
  return {time(mean),
          time(histogram_.percentile(50)),
          time(std::sqrt(std::max(0.0, variance))),
          time(histogram_.percentile(75)),
          time(histogram_.percentile(90)),
          time(histogram_.percentile(95)),
          time(histogram_.percentile(99)),
          time(static_cast<double>(histogram_.max()))};
}

ReplicaLog serve_replica(const Server& server, const Engine& resolved_engine, std::span<const Request> requests) {
  return Replica(server, resolved_engine, requests).run();
}

}  // namespace wordline::serve
