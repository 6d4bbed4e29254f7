// Replicas of one or several deployments behind a router, in simulated time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <vector>

#include "wordline/serve/dispatcher.h"
#include "wordline/serve/handover.h"
#include "wordline/serve/replica.h"
#include "wordline/serve/router.h"
#include "wordline/serve/source.h"

namespace wordline::serve {

// What replicas do for a request: all of it, or its prompt alone, or what follows the prompt.
enum class Role : std::uint8_t { both, prefill, decode };

// Equal replicas.
struct Group {
  Server server;
  Engine engine;  // resolved
  std::int32_t replicas = 1;
  std::shared_ptr<StepTable> table;  // of the server; made where it is missing
  Role role = Role::both;            // all groups' is `both`, or there is one of either other at least
};

// Replicas of all groups.
std::size_t replicas_of(const std::vector<Group>& groups);

struct FleetOptions {
  unsigned threads = 1;  // 0: all cores; never changes the result
  std::string router = "round-robin";
  std::uint64_t seed = 1;            // of routers that draw, and of which drafts are accepted
  std::int64_t max_concurrency = 0;  // requests under way at once at most: the next one is sent when one ends; 0: any
  bool skip = true;                  // runs of decode steps in closed form: the same result, sooner
  ReplicaWatch* watch = nullptr;     // of all replicas; then there is one thread
  std::function<void(std::uint64_t)> progress = {};  // is told how many more requests have been sent
  KvLink kv_link =
      {};  // between replicas that prefill and replicas that decode; there must be one where there are such
};

// What is done with requests that end: called for each once, with the replica's number, from several threads but never
// at once for one replica.
using OnEnd = std::function<void(std::size_t replica, const Ended&)>;

// Serves a source to its end. Where requests depend on nothing but the clock and the router does not look at the
// replicas, these run apart, on threads, a window of requests at a time. Where requests wait for answers, the router
// looks, or prompts are computed by other replicas than answers, events are taken one by one in the order of time,
// arrivals first.
class Fleet final {
 public:
  // Throws core::InputError where the groups do not make a fleet.
  Fleet(std::vector<Group> groups, FleetOptions options);
  ~Fleet();

  void run(RequestSource& source, const OnEnd& on_end);
  // By replica, after run().
  const std::vector<ReplicaLog>& logs() const { return logs_; }
  // The group of a replica.
  std::size_t group_of(std::size_t replica) const { return group_of_[replica]; }
  const Group& group(std::size_t index) const { return groups_[index]; }
  // First arrival; 0 where there was none.
  Ticks first_arrival() const { return first_arrival_.value_or(0); }
  std::uint64_t requests() const { return sent_; }

 private:
  // The replicas behind one router, and who waits for it.
  struct Pool final : FleetView {
    const Fleet* fleet = nullptr;
    std::vector<std::size_t> members;
    std::unique_ptr<Router> router;
    std::deque<Handed> held;

    std::size_t size() const override { return members.size(); }
    Load load(std::size_t member) const override;
    std::int64_t seats(std::size_t member) const override;
    std::int64_t cached_tokens(std::size_t member, const Request& request) const override;
    // The replica that gets the request.
    std::optional<std::size_t> choose(const Sent& sent);
  };

  void add_replicas(std::size_t group);
  bool disaggregated() const { return !second_.members.empty(); }
  void run_apart(Dispatcher& requests, const OnEnd& on_end);
  void run_together(Dispatcher& requests, const OnEnd& on_end);
  void place(std::size_t replica, const Sent& sent, Ticks now);
  void route(Pool& pool, Ticks now);
  void catch_up(std::size_t replica, Ticks until);
  void conclude(std::size_t replica, const Ended& ended, Ticks now, Dispatcher& requests, const OnEnd& on_end);
  void wake(Dispatcher& requests, const OnEnd& on_end);
  void schedule(std::size_t replica);
  // A step timer that no other thread uses, for as long as `work` takes.
  void with_time(std::size_t group, const std::function<void(StepTime&)>& work);

  std::vector<Group> groups_;
  FleetOptions options_;
  Pool first_, second_;  // who computes prompts, or all; who answers, where that is apart
  Handover handover_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::size_t> group_of_;
  std::vector<ReplicaLog> logs_;
  std::mutex mutex_;
  std::vector<std::vector<StepTime>> spare_times_;  // by group, under the mutex
  std::optional<Ticks> first_arrival_;
  std::uint64_t sent_ = 0;

  // Where events are taken one by one: when each replica is to be looked at again, and who waits for the router.
  struct Wake {
    Ticks at;
    std::size_t replica;
    std::uint64_t stamp;
    bool operator>(const Wake& other) const { return at != other.at ? at > other.at : replica > other.replica; }
  };
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  std::vector<std::uint64_t> stamps_;
};

}  // namespace wordline::serve
