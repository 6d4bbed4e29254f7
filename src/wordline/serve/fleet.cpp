#include "wordline/serve/fleet.h"

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/core/parallel.h"

namespace wordline::serve {
namespace {

constexpr std::size_t window = 1 << 16;         // requests, at least
constexpr std::size_t window_of_replica = 512;  // and for each replica
constexpr Ticks never = INT64_MAX;

}  // namespace

Fleet::Fleet(std::vector<Group> groups, FleetOptions options)
    : groups_(std::move(groups)),
      options_(std::move(options)),
      router_(make_router(options_.router, options_.seed)),
      spare_times_(groups_.size()) {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Group& group = groups_[g];
    check(group.engine);
    if (group.replicas < 1) throw core::InputError("replicas must be 1 or more");
    if (!group.table) group.table = std::make_shared<StepTable>(group.server, group.engine.async_scheduling);
    for (std::int32_t i = 0; i < group.replicas; ++i) {
      replicas_.push_back(std::make_unique<Replica>(replicas_.size(), group.server, group.engine, *group.table,
                                                    options_.skip, options_.watch));
      group_of_.push_back(g);
    }
  }
  stamps_.resize(replicas_.size());
}

Fleet::~Fleet() = default;

std::int64_t Fleet::seats(std::size_t replica) const { return groups_[group_of_[replica]].engine.max_num_seqs; }

std::int64_t Fleet::cached_tokens(std::size_t replica, const Request& request) const {
  return replicas_[replica]->cached_tokens(request);
}

void Fleet::with_time(std::size_t group, const std::function<void(StepTime&)>& work) {
  auto& spare = spare_times_[group];
  StepTime time;
  {
    const std::lock_guard lock(mutex_);
    if (!spare.empty()) {
      time = std::move(spare.back());
      spare.pop_back();
    }
  }
  if (!time) time = groups_[group].server.step_time();
  work(time);
  const std::lock_guard lock(mutex_);
  spare.push_back(std::move(time));
}

void Fleet::place(std::size_t replica, const Sent& sent, Ticks now) {
  first_arrival_ = std::min(first_arrival_.value_or(sent.arrival), sent.arrival);
  ++sent_;
  replicas_[replica]->submit(sent.id, sent.request, sent.arrival, now);
}

void Fleet::run(RequestSource& source, const OnEnd& on_end) {
  Dispatcher requests(source, options_.max_concurrency);
  if (router_->looks() || options_.max_concurrency > 0 || source.waits())
    run_together(requests, on_end);
  else
    run_apart(requests, on_end);
  for (auto& replica : replicas_) logs_.push_back(replica->finish());
}

void Fleet::run_apart(Dispatcher& requests, const OnEnd& on_end) {
  const std::size_t at_once = std::max(window, window_of_replica * replicas_.size());
  const unsigned threads = options_.watch ? 1 : options_.threads;
  for (bool more = true; more;) {
    std::size_t sent = 0;
    for (; sent < at_once && requests.due(); ++sent) {
      const Sent request = requests.take();
      place(*router_->choose(request.id, request.request, *this), request, request.arrival);
    }
    const Ticks until = requests.due().value_or(never);
    more = until != never;
    core::parallel_for(replicas_.size(), threads, [&](std::size_t i) {
      with_time(group_of_[i], [&](StepTime& time) { replicas_[i]->advance(until, time); });
      for (const Ended& ended : replicas_[i]->ended()) on_end(i, ended);
      replicas_[i]->ended().clear();
    });
    if (options_.progress) options_.progress(sent);
  }
}

// When a replica is to be looked at again.
void Fleet::schedule(std::size_t replica) {
  const Ticks at = replicas_[replica]->quiet_until();
  if (at != never) wakes_.push({at, replica, ++stamps_[replica]});
}

// Sends on whoever is held, in order, as long as the router knows where to.
void Fleet::route(Ticks now) {
  for (; !held_.empty(); held_.pop_front()) {
    if (router_->asks_caches())
      for (std::size_t i = 0; i < replicas_.size(); ++i)
        with_time(group_of_[i], [&](StepTime& time) { replicas_[i]->advance(now, time); });
    const auto replica = router_->choose(held_.front().id, held_.front().request, *this);
    if (!replica) return;
    place(*replica, held_.front(), now);
    schedule(*replica);
  }
}

// Lets the replica that is first do what it does then.
void Fleet::wake(Dispatcher& requests, const OnEnd& on_end) {
  const Wake first = wakes_.top();
  wakes_.pop();
  if (first.stamp != stamps_[first.replica]) return;
  Replica& replica = *replicas_[first.replica];
  with_time(group_of_[first.replica], [&](StepTime& time) { replica.advance(first.at + 1, time); });
  const bool some = !replica.ended().empty();
  for (const Ended& ended : replica.ended()) {
    on_end(first.replica, ended);
    requests.ended(ended.session, std::max(ended.last, first.at));
  }
  replica.ended().clear();
  schedule(first.replica);
  if (some) route(first.at);
}

void Fleet::run_together(Dispatcher& requests, const OnEnd& on_end) {
  for (;;) {
    const auto due = requests.due();
    if (due && (wakes_.empty() || *due <= wakes_.top().at)) {
      held_.push_back(requests.take());
      route(*due);
      if (options_.progress) options_.progress(1);
    } else if (!wakes_.empty()) {
      wake(requests, on_end);
    } else {
      break;
    }
  }
}

}  // namespace wordline::serve
