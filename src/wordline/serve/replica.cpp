#include "wordline/serve/replica.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "wordline/serve/run_time.h"

namespace wordline::serve {
namespace {

void hold(bool law, const char* what) {
  if (!law) throw std::logic_error(what);
}

}  // namespace

Replica::Replica(std::size_t index, const Server& server, const Engine& engine, const StepTable& table, bool skip,
                 ReplicaWatch* watch, bool hands_over, KvSource* remote)
    : index_(index),
      host_(server.host),
      asynchronous_(engine.async_scheduling),
      skip_(skip),
      table_(table),
      scheduler_(make_scheduler({engine, server.kv_blocks, server.max_model_len, server.host_link.blocks, hands_over})),
      watch_(watch),
      link_(server.host_link),
      remote_(remote),
      hands_over_(hands_over) {}

Slot Replica::free_slot() {
  if (spare_.empty()) {
    spare_.push_back(static_cast<Slot>(live_.size()));
    live_.emplace_back();
  }
  return spare_.back();
}

void Replica::submit(std::uint64_t id, const Request& request, Ticks arrival, Ticks sent) {
  Live& live = seat(id, request, sent);
  live.arrival = live.present_since = arrival;
}

void Replica::submit(std::uint64_t id, const Request& request, const Begun& before, Ticks sent) {
  Live& live = seat(id, request, sent);
  live.arrival = before.arrival;
  live.present_since = sent;
  live.begun = before.begun;
  live.cached = before.cached_tokens;
  live.elsewhere = true;
}

Replica::Live& Replica::seat(std::uint64_t id, const Request& request, Ticks sent) {
  const Slot slot = free_slot();
  spare_.pop_back();
  Live& live = live_[slot];
  live.id = id;
  live.begun = live.first = live.latest_token = live.longest_gap = 0;
  live.prompt = request.prompt_tokens;
  live.output = request.output_tokens;
  live.session = request.session;
  live.cached = 0;
  live.given = live.elsewhere = false;
  live.request = request;
  live.request.id = id;
  if (hands_over_) live.request.output_tokens = live.output = 1;
  ++load_.requests;
  load_.tokens += live.prompt + live.output;
  front_free_ = std::max(front_free_, sent) + host_.front + host_.front_token * request.prompt_tokens;
  const Ticks ready = front_free_ + host_.request;
  auto place = pending_.end();
  while (place != pending_.begin() && (place - 1)->ready > ready) --place;
  pending_.insert(place, {ready, id, slot});
  return live;
}

void Replica::let_go(std::uint64_t id, Ticks at) {
  hold(at >= now_, "keys and values are let go in the past");
  const auto it = handed_over_.find(id);
  hold(it != handed_over_.end(), "a request is let go that was not handed over");
  let_go_.push({at, it->second});
  handed_over_.erase(it);
}

std::int64_t Replica::cached_tokens(const Request& request) { return scheduler_->cached_tokens(free_slot(), request); }

void Replica::pass_to(Ticks time) {
  hold(time >= now_, "time runs backwards");
  log_.request_ticks += static_cast<core::Uint128>(present_) * static_cast<core::Uint128>(time - now_);
  now_ = time;
}

// When something will have come that the next plan is to see.
Ticks Replica::next_event() const {
  Ticks at = pending_.empty() ? INT64_MAX : pending_.front().ready;
  if (!fetched_.empty()) at = std::min(at, fetched_.top().at);
  if (!let_go_.empty()) at = std::min(at, let_go_.top().at);
  return at;
}

// What was planned to be fetched is on its way from now on. A fetch from the host's memory waits for what is being
// stored there, which may be what it asks for.
void Replica::start_fetches() {
  for (const Fetch& fetch : fetches_) {
    if (fetch.remote_tokens > 0) {
      hold(remote_ != nullptr, "keys and values are to come from nowhere");
      log_.remote_tokens += fetch.remote_tokens;
      --awaiting_remote_;
      fetched_.push({remote_->fetch(index_, live_[fetch.slot].id, fetch.remote_tokens, now_), fetch.slot});
      continue;
    }
    fetch_free_ = std::max({fetch_free_, store_free_, now_}) + fetch.host_blocks * link_.fetch_block;
    fetched_.push({fetch_free_ + link_.latency, fetch.slot});
    log_.blocks_fetched += fetch.host_blocks;
    log_.energy += static_cast<core::Int128>(fetch.host_blocks) * link_.fetch_energy;
  }
  fetches_.clear();
}

// What the engine has given to the host's memory since this was last asked goes there now.
void Replica::store_blocks() {
  if (link_.blocks == 0) return;
  const std::int64_t more = scheduler_->blocks_stored() - log_.blocks_stored;
  if (more == 0) return;
  store_free_ = std::max(store_free_, now_) + more * link_.store_block;
  log_.blocks_stored += more;
  log_.energy += static_cast<core::Int128>(more) * link_.store_energy;
}

// Hands the engine what has arrived.
void Replica::take_in() {
  for (; !let_go_.empty() && let_go_.top().at <= now_; let_go_.pop()) {
    scheduler_->let_go(let_go_.top().slot);
    spare_.push_back(let_go_.top().slot);
    store_blocks();
  }
  for (; !fetched_.empty() && fetched_.top().at <= now_; fetched_.pop()) scheduler_->fetched(fetched_.top().slot);
  for (; !pending_.empty() && pending_.front().ready <= now_; pending_.pop_front()) {
    const Slot slot = pending_.front().slot;
    Live& live = live_[slot];
    const bool accepted = scheduler_->enqueue(slot, live.request);
    live.request.content.reset();
    if (accepted && live.request.remote) ++awaiting_remote_;
    if (!accepted) {
      end(slot, 0, Status::rejected);
      continue;
    }
    ++present_;
    log_.request_ticks += static_cast<core::Uint128>(now_ - live.present_since);
  }
}

void Replica::plan() {
  take_in();
  planned_ = scheduler_->plan(next_);
  fetches_.insert(fetches_.end(), next_.fetches.begin(), next_.fetches.end());
  store_blocks();
  log_.short_of_blocks |= next_.short_of_blocks;
  log_.blocks_peak = std::max(log_.blocks_peak, scheduler_->blocks_used());
}

void Replica::advance(Ticks until, StepTime& exact) {
  for (;;) {
    if (in_flight_) {
      if (end_ >= until) return;
      complete();
    }
    if (!planned_) plan();
    if (planned_) {
      begin(until, exact);
      continue;
    }
    remember_interrupted(next_, now_);
    // Whoever ran has lost its place, so that others, who wait without having to ask for blocks, may run.
    if (const std::uint64_t preempted = scheduler_->preemptions(); preempted > preemptions_) {
      preemptions_ = preempted;
      continue;
    }
    start_fetches();
    const Ticks next = next_event();
    if (next >= until) return;
    log_.block_ticks += static_cast<core::Uint128>(scheduler_->blocks_used()) * static_cast<core::Uint128>(next - now_);
    pass_to(next);
  }
}

// Who lost its place had its latest token when the step before the one being planned ended.
void Replica::remember_interrupted(Step& planned, Ticks end_of_step_before) {
  for (const Slot slot : planned.interrupted) {
    Live& live = live_[slot];
    live.latest_token = end_of_step_before;
    live.longest_gap = std::max(live.longest_gap, steps_.since(live.decodes_since));
  }
  planned.interrupted.clear();
}

// Starts `next_`; an asynchronous engine plans the step after it meanwhile.
void Replica::begin(Ticks until, StepTime& exact) {
  std::swap(running_, next_);
  planned_ = false;
  start_fetches();
  remember_interrupted(running_, now_);
  for (const Slot slot : running_.prefilled) {
    Live& live = live_[slot];
    if (!live.given && !live.elsewhere) {
      live.begun = now_;
      live.cached = static_cast<std::int32_t>(std::min<std::int64_t>(scheduler_->found_tokens(slot), live.prompt));
    }
    if (watch_ && !live.elsewhere) watch_->on_last_chunk(index_, live.id, now_);
  }
  const Ticks cold = log_.steps < host_.cold.size() ? host_.cold[log_.steps] : 0;
  if (asynchronous_ && !(cold > 0 && host_.cold_blocks)) plan();
  if (skip_ && cold == 0 && fold(until) > 0) return;
  running_.shape.padding = table_.padding(running_.shape.tokens());
  Cost cost = table_.at(running_.shape, exact);
  cost.time += cold;
  if (watch_)
    watch_->on_steps(index_, {now_, now_ + cost.time, 1, &running_.shape, scheduler_->waiting(),
                              scheduler_->blocks_used(), cost, running_.given() - running_.shape.decode_sequences});
  count(cost, {}, 1);
  log_.block_ticks += static_cast<core::Uint128>(scheduler_->blocks_used()) * static_cast<core::Uint128>(cost.time);
  end_ = now_ + cost.time;
  steps_.add(end_, cost.time);
  in_flight_ = true;
}

void Replica::count(const Cost& first, const Cost& rise, std::int64_t steps) {
  const auto n = static_cast<core::Int128>(steps), pairs = n * (n - 1) / 2;
  const auto many = static_cast<std::uint64_t>(steps);
  log_.steps += many;
  log_.sequences += many * static_cast<std::uint64_t>(running_.shape.sequences());
  log_.tokens += many * static_cast<std::uint64_t>(running_.shape.tokens());
  log_.busy += run_time(first.time, rise.time, steps);
  log_.energy += first.energy * n + rise.energy * pairs;
  for (std::size_t i = 0; i < chip::bounds; ++i) log_.by_bound[i] += first.by_bound[i] * n + rise.by_bound[i] * pairs;
  const std::int64_t at_once = running_.decoded() - static_cast<std::int64_t>(running_.resumed.size());
  if (at_once > 0) log_.gaps.add_run(first.time, rise.time, steps, static_cast<std::uint64_t>(at_once));
}

// Whether the step after the running one is planned, and is the same with one token more a sequence.
bool Replica::goes_on() const {
  return planned_ && next_.plain() && next_.shape.decode_sequences == running_.shape.decode_sequences &&
         next_.ended_rows == running_.ended_rows;
}

// Runs `running_` and as many steps like it as end before `until` and need no plan that could differ; how many those
// are.
std::int64_t Replica::fold(Ticks until) {
  const std::int64_t batch = running_.shape.decode_sequences;
  if (!running_.plain() || !table_.has(running_.shape)) return 0;
  if ((asynchronous_ && !goes_on()) || !fetches_.empty()) return 0;
  const Ticks arrival = next_event();
  std::int64_t folded = 0, most = INT32_MAX;
  bool ended = false;
  while (!ended) {
    const std::int64_t context = running_.shape.decode_context_tokens;
    const DecodePiece& piece = table_.decode(batch, context);
    const Cost first = piece.at(context);
    Cost rise = piece.rise(batch);
    std::int64_t steps = rise.time < 0 ? 1 : (piece.to - context + batch - 1) / batch;
    rise.time = std::max<Ticks>(rise.time, 0);
    // The plan that follows the last of them sees what arrives; those before must not have to.
    const std::int64_t before_until = steps_within(first.time, rise.time, until - now_);
    const std::int64_t before_arrival = arrival > now_ ? steps_within(first.time, rise.time, arrival - now_) + 1 : 0;
    const std::int64_t room = std::min(before_until, before_arrival);
    if (folded == 0) most = room > 0 ? scheduler_->repeats(INT32_MAX) + 1 : 0;
    ended = room < steps;
    steps = std::min(steps, room);
    if (most - folded <= steps) ended = true, steps = most - folded;
    if (steps <= 0) break;
    if (watch_) {
      const Cost all = first.run(rise, steps);
      watch_->on_steps(index_, {now_, now_ + all.time, steps, &running_.shape, scheduler_->waiting(),
                                scheduler_->blocks_used(), all, running_.given() - running_.shape.decode_sequences});
    }
    count(first, rise, steps);
    for (std::int64_t i = 0; i < steps; ++i) {
      if (folded + i > 0) scheduler_->repeat();
      log_.block_ticks += static_cast<core::Uint128>(scheduler_->blocks_used()) *
                          static_cast<core::Uint128>(first.time + i * rise.time);
    }
    tokens_given_ += static_cast<core::Uint128>(steps * running_.decoded());
    pass_to(now_ + run_time(first.time, rise.time, steps));
    steps_.add(now_, first.time + (steps - 1) * rise.time);
    running_.shape.decode_context_tokens += steps * batch;
    folded += steps;
  }
  if (folded == 0) return 0;
  log_.blocks_peak = std::max(log_.blocks_peak, scheduler_->blocks_used());
  next_.shape.decode_context_tokens += (folded - 1) * batch;
  return folded;
}

Ticks Replica::answer_delay(const model::StepShape& shape) const {
  return host_.answer + host_.answer_sequence * shape.sequences();
}

// Hands out the tokens of the step that ends.
void Replica::complete() {
  in_flight_ = false;
  pass_to(end_);
  const Ticks delay = answer_delay(running_.shape);
  tokens_given_ += static_cast<core::Uint128>(running_.given()) + running_.prefilled.size();
  for (const Slot slot : running_.resumed) {
    Live& live = live_[slot];
    log_.gaps.add(now_ - live.latest_token, 1);
    live.longest_gap = std::max(live.longest_gap, now_ - live.latest_token);
    live.decodes_since = now_;
  }
  for (const Slot slot : running_.prefilled) {
    Live& live = live_[slot];
    if (!live.given) {
      live.given = true;
      live.first = now_ + delay;
    } else {
      log_.gaps.add(now_ - live.latest_token, 1);
      live.longest_gap = std::max(live.longest_gap, now_ - live.latest_token);
    }
    live.decodes_since = now_;
  }
  for (const Slot slot : running_.finished) {
    hold(live_[slot].given, "a request ends before it began");
    log_.request_ticks += static_cast<core::Uint128>(delay);
    end(slot, now_ + delay, Status::completed);
    --present_;
  }
  if (present_ == 0) steps_.clear();
  scheduler_->complete(running_);
  store_blocks();
  remember_interrupted(next_, now_);
}

void Replica::end(Slot slot, Ticks last, Status status) {
  const Live& live = live_[slot];
  const Ticks longest = status == Status::completed ? std::max(live.longest_gap, steps_.since(live.decodes_since)) : 0;
  ended_.push_back({live.id, live.arrival, live.begun, live.first, last, longest, live.prompt, live.output,
                    live.session, status, live.cached});
  const bool handed_over = hands_over_ && status == Status::completed;
  if (watch_ && !handed_over) watch_->on_end(index_, ended_.back());
  if (status == Status::completed) {
    hold(live.first > live.arrival && last >= live.first, "a request was answered before it came");
    tokens_owed_ += static_cast<core::Uint128>(live.output);
    latencies_ += static_cast<core::Uint128>(last - live.present_since);
    log_.last_token = std::max(log_.last_token, last);
  }
  --load_.requests;
  load_.tokens -= live.prompt + live.output;
  if (handed_over)
    handed_over_.emplace(live.id, slot);
  else
    spare_.push_back(slot);
}

Ticks Replica::quiet_until() {
  const Ticks event = next_event();
  const Ticks ready = event == INT64_MAX ? event : std::max(now_, event);
  if (!in_flight_) return ready;
  if (awaiting_remote_ > 0 || !fetches_.empty()) return end_;  // a fetch may begin then
  const std::int64_t batch = running_.shape.decode_sequences;
  if (!running_.plain() || !table_.has(running_.shape)) return end_;
  if (asynchronous_ && !goes_on()) return end_;
  // The steps after the running one that are known to end nobody.
  std::int64_t steps = scheduler_->repeats(INT32_MAX) + (asynchronous_ ? 1 : 0);
  Ticks at = end_;
  for (std::int64_t context = running_.shape.decode_context_tokens + batch; steps > 0;) {
    const DecodePiece& piece = table_.decode(batch, context);
    const std::int64_t inside = std::min(steps, (piece.to - context + batch - 1) / batch);
    at += run_time(piece.at(context).time, std::max<Ticks>(0, piece.rise(batch).time), inside);
    context += inside * batch;
    steps -= inside;
  }
  return std::min(at, std::max(end_, ready));
}

ReplicaLog Replica::finish() {
  hold(load_.requests == 0 && present_ == 0 && pending_.empty(), "requests are unanswered");
  hold(fetches_.empty() && fetched_.empty() && awaiting_remote_ == 0, "keys and values are on their way to nobody");
  hold(handed_over_.empty() && let_go_.empty(), "keys and values were handed over and never fetched");
  hold(tokens_given_ == tokens_owed_, "tokens given are not the tokens asked for");
  hold(scheduler_->blocks_used() == 0, "KV blocks are missing at the end");
  hold(log_.request_ticks == latencies_, "requests present x time is not the sum of their times");
  log_.blocks_total = scheduler_->blocks_total();
  log_.preemptions = scheduler_->preemptions();
  log_.prefix = scheduler_->prefix_hits();
  log_.speculation = scheduler_->speculation();
  return std::move(log_);
}

}  // namespace wordline::serve
