#include "wordline/serve/fleet.h"

#include <algorithm>
#include <stdexcept>

#include "wordline/core/error.h"
#include "wordline/core/parallel.h"

namespace wordline::serve {
namespace {

constexpr std::size_t window = 1 << 16;         // requests, at least
constexpr std::size_t window_of_replica = 512;  // and for each replica
constexpr Ticks never = INT64_MAX;

void check_roles(const std::vector<Group>& groups, const KvLink& link) {
  const auto some = [&](Role role) {
    return std::any_of(groups.begin(), groups.end(), [&](const Group& group) { return group.role == role; });
  };
  if (!some(Role::prefill) && !some(Role::decode)) return;
  if (some(Role::both) || !some(Role::prefill) || !some(Role::decode))
    throw core::InputError("some replicas only prefill or only decode: then there must be of both, and no others");
  if (!link) throw core::InputError("replicas that prefill and replicas that decode are not linked");
  for (const Group& group : groups) {
    if (group.role == Role::decode && group.server.host_link.blocks > 0)
      throw core::InputError("replicas that only decode fetch from those that prefill: it is these that may offload");
    if (group.engine.policy != "vllm-v1")
      throw core::InputError("replicas that only prefill or only decode: the engine \"" + group.engine.policy +
                             "\" is not modelled so; vllm-v1 is");
  }
}

}  // namespace

std::size_t replicas_of(const std::vector<Group>& groups) {
  std::size_t out = 0;
  for (const Group& group : groups) out += static_cast<std::size_t>(std::max(0, group.replicas));
  return out;
}

Load Fleet::Pool::load(std::size_t member) const { return fleet->replicas_[members[member]]->load(); }

std::int64_t Fleet::Pool::seats(std::size_t member) const {
  return fleet->groups_[fleet->group_of_[members[member]]].engine.max_num_seqs;
}

std::int64_t Fleet::Pool::cached_tokens(std::size_t member, const Request& request) const {
  return fleet->replicas_[members[member]]->cached_tokens(request);
}

std::optional<std::size_t> Fleet::Pool::choose(const Sent& sent) {
  const auto member = router->choose(sent.id, sent.request, *this);
  return member ? std::optional(members[*member]) : std::nullopt;
}

Fleet::Fleet(std::vector<Group> groups, FleetOptions options)
    : groups_(std::move(groups)),
      options_(std::move(options)),
      handover_(options_.kv_link, replicas_of(groups_)),
      spare_times_(groups_.size()) {
  check_roles(groups_, options_.kv_link);
  first_.fleet = second_.fleet = this;
  first_.router = make_router(options_.router, options_.seed);
  second_.router = make_router(options_.router, options_.seed + 1);
  for (std::size_t g = 0; g < groups_.size(); ++g) add_replicas(g);
  stamps_.resize(replicas_.size());
}

Fleet::~Fleet() = default;

void Fleet::add_replicas(std::size_t index) {
  Group& group = groups_[index];
  check(group.engine);
  if (group.replicas < 1) throw core::InputError("replicas must be 1 or more");
  group.engine.speculation.seed = options_.seed;
  if (!group.table) group.table = std::make_shared<StepTable>(group.server, group.engine.async_scheduling);
  for (std::int32_t i = 0; i < group.replicas; ++i) {
    (group.role == Role::decode ? second_ : first_).members.push_back(replicas_.size());
    replicas_.push_back(std::make_unique<Replica>(replicas_.size(), group.server, group.engine, *group.table,
                                                  options_.skip, options_.watch, group.role == Role::prefill,
                                                  &handover_));
    group_of_.push_back(index);
  }
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
  if (first_.router->looks() || options_.max_concurrency > 0 || source.waits() || disaggregated())
    run_together(requests, on_end);
  else
    run_apart(requests, on_end);
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    catch_up(i, never);  // what is still to be let go
    if (!replicas_[i]->ended().empty()) throw std::logic_error("a request ends when all have ended");
    logs_.push_back(replicas_[i]->finish());
  }
}

void Fleet::run_apart(Dispatcher& requests, const OnEnd& on_end) {
  const std::size_t at_once = std::max(window, window_of_replica * replicas_.size());
  const unsigned threads = options_.watch ? 1 : options_.threads;
  for (bool more = true; more;) {
    std::size_t sent = 0;
    for (; sent < at_once && requests.due(); ++sent) {
      const Sent request = requests.take();
      place(*first_.choose(request), request, request.arrival);
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

// All that happens on a replica before `until`.
void Fleet::catch_up(std::size_t replica, Ticks until) {
  with_time(group_of_[replica], [&](StepTime& time) { replicas_[replica]->advance(until, time); });
}

// Sends on whoever is held, in order, as long as the router knows where to.
void Fleet::route(Pool& pool, Ticks now) {
  for (; !pool.held.empty(); pool.held.pop_front()) {
    if (pool.router->asks_caches())
      for (const std::size_t replica : pool.members) catch_up(replica, now);
    const Handed& next = pool.held.front();
    const auto replica = pool.choose(next.sent);
    if (!replica) return;
    if (next.sent.request.remote) {
      replicas_[*replica]->submit(next.sent.id, next.sent.request, next.begun, now);
    } else {
      if (disaggregated()) handover_.sent(next.sent);
      place(*replica, next.sent, now);
    }
    schedule(*replica);
  }
}

// A request has ended on a replica: there, or altogether.
void Fleet::conclude(std::size_t replica, const Ended& ended, Ticks now, Dispatcher& requests, const OnEnd& on_end) {
  const Role role = groups_[group_of_[replica]].role;
  if (role == Role::prefill) {
    handover_.ended(replica, ended);
    if (ended.status == Status::completed) return;
  }
  if (role == Role::decode && ended.status == Status::rejected) handover_.refused(ended.id, now);
  on_end(replica, ended);
  requests.ended(ended.session, std::max(ended.last, now));
}

// Lets the replica that is first do what it does then.
void Fleet::wake(Dispatcher& requests, const OnEnd& on_end) {
  const Wake first = wakes_.top();
  wakes_.pop();
  if (first.stamp != stamps_[first.replica]) return;
  Replica& replica = *replicas_[first.replica];
  catch_up(first.replica, first.at + 1);
  const bool some = !replica.ended().empty();
  for (const Ended& ended : replica.ended()) conclude(first.replica, ended, first.at, requests, on_end);
  replica.ended().clear();
  schedule(first.replica);
  for (const Handover::LetGo& free : handover_.take_let_go()) {
    replicas_[free.replica]->let_go(free.id, free.at);
    schedule(free.replica);
  }
  if (!some) return;
  route(first_, first.at);
  route(second_, first.at);
}

void Fleet::run_together(Dispatcher& requests, const OnEnd& on_end) {
  for (;;) {
    const auto due = requests.due();
    const Ticks handed = handover_.due();
    if (due && *due <= handed && (wakes_.empty() || *due <= wakes_.top().at)) {
      first_.held.push_back({0, requests.take(), {}});
      route(first_, *due);
      if (options_.progress) options_.progress(1);
    } else if (handed != never && (wakes_.empty() || handed <= wakes_.top().at)) {
      second_.held.push_back(handover_.take());
      route(second_, handed);
    } else if (!wakes_.empty()) {
      wake(requests, on_end);
    } else {
      break;
    }
  }
}

}  // namespace wordline::serve
