// One replica in simulated time: its clock, its engine, and what each request has had so far.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <unordered_map>
#include <vector>

#include "wordline/core/wide.h"
#include "wordline/serve/latency_tally.h"
#include "wordline/serve/longest_step.h"
#include "wordline/serve/request.h"
#include "wordline/serve/result.h"
#include "wordline/serve/scheduler.h"
#include "wordline/serve/server.h"
#include "wordline/serve/step_table.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// A request's end. `first` and `last` are when its first and last token were with the user, `begun` when the step with
// the last chunk of its prompt began (the first time, where it lost its place); zero where it was refused.
struct Ended {
  std::uint64_t id = 0;
  Ticks arrival = 0, begun = 0, first = 0, last = 0;
  Ticks longest_gap = 0;  // between two of its tokens
  std::int32_t prompt_tokens = 0, output_tokens = 0;
  std::uint32_t session = 0;
  Status status = Status::completed;
  std::int32_t cached_tokens = 0;  // of its prompt, found in a cache when it was first admitted
};

// Where the keys and values of requests come from that another replica has begun.
class KvSource {
 public:
  virtual ~KvSource() = default;
  // Replica `to` begins, at `now`, to fetch `tokens` of the request's; when the last of them is there.
  virtual Ticks fetch(std::size_t to, std::uint64_t id, std::int64_t tokens, Ticks now) = 0;
};

// What a request brings along that another replica has computed the prompt of: what its end will tell.
struct Begun {
  Ticks arrival = 0, begun = 0;
  std::int32_t cached_tokens = 0;
};

// Successive steps with the same sequences in them: `steps` of them from `begin` to `end`, the contexts before the
// first.
struct StepRun {
  Ticks begin = 0, end = 0;
  std::int64_t steps = 1;
  const model::StepShape* shape = nullptr;
  std::int64_t waiting = 0, blocks_used = 0;
  Cost cost;                // of all of them
  std::int64_t beside = 0;  // tokens that each gives to decoding sequences, less one for each of the shape's
};

// Is told what replicas do, as they do it.
class ReplicaWatch {
 public:
  virtual ~ReplicaWatch() = default;
  virtual void on_steps(std::size_t /*replica*/, const StepRun&) {}
  // The last chunk of a request's prompt is in the step that begins then.
  virtual void on_last_chunk(std::size_t /*replica*/, std::uint64_t /*id*/, Ticks /*begin*/) {}
  // A request has ended altogether.
  virtual void on_end(std::size_t /*replica*/, const Ended&) {}
};

// Sums over what happened on one replica.
struct ReplicaLog {
  LatencyTally gaps;
  Ticks busy = 0, last_token = 0;
  std::uint64_t steps = 0, sequences = 0, tokens = 0, preemptions = 0;
  std::int64_t blocks_total = 0, blocks_peak = 0;
  bool short_of_blocks = false;     // a step was
  core::Uint128 block_ticks = 0;    // blocks in use x time
  core::Uint128 request_ticks = 0;  // requests present x time
  core::Int128 energy = 0;          // of the steps, in units of Energy
  std::array<core::Int128, chip::bounds> by_bound{};
  PrefixHits prefix;
  SpeculationCounts speculation;
  std::int64_t blocks_fetched = 0, blocks_stored = 0;  // from and to the host's memory
  std::int64_t remote_tokens = 0;                      // whose keys and values came from other replicas
};

// How much there is to do for a replica, for routers.
struct Load {
  std::int64_t requests = 0;  // that have arrived and not ended
  std::int64_t tokens = 0;    // prompt and answer of those
};

// Steps are simulated one by one, or, with `skip`, runs of steps with the same batch at once: the same to the last bit.
class Replica {
 public:
  // `index` is the replica's number, by which the watch is told of it. Where it `hands_over`, it gives requests their
  // first token alone and keeps their keys and values until let_go(). `remote` must be there for requests that are
  // `remote`.
  Replica(std::size_t index, const Server& server, const Engine& resolved_engine, const StepTable& table,
          bool skip = true, ReplicaWatch* watch = nullptr, bool hands_over = false, KvSource* remote = nullptr);

  // A request that arrived at `arrival` is sent to this replica at `sent`, which is not before any time that has
  // passed.
  void submit(std::uint64_t id, const Request& request, Ticks arrival, Ticks sent);
  // The same, of one that another replica began: it counts as present here from `sent` on.
  void submit(std::uint64_t id, const Request& request, const Begun& before, Ticks sent);
  // With `hands_over`: the keys and values of that request, which has ended here, are needed until `at`, which is not
  // before any time that has passed.
  void let_go(std::uint64_t id, Ticks at);
  // Does all that happens before `until`; every arrival before that has been submitted. `exact` is the caller's own of
  // server.step_time().
  void advance(Ticks until, StepTime& exact);
  // Requests that ended since this was last asked, in the order of their ends. They may end after `until`, by the time
  // that answers take to the user.
  std::vector<Ended>& ended() { return ended_; }
  // No request will end before this, if none is submitted; the end of time where none is here.
  Ticks quiet_until();
  // Prompt tokens of a request that are in the prefix cache.
  std::int64_t cached_tokens(const Request& request);
  Load load() const { return load_; }

  // All has ended. Conservation (every request ends once, every token that was asked for is given, every block comes
  // back, time never runs backwards, requests present x time is the sum of their times) is checked: std::logic_error.
  ReplicaLog finish();

 private:
  struct Pending {
    Ticks ready;
    std::uint64_t id;
    Slot slot;
  };
  struct Live {
    std::uint64_t id = 0;
    Ticks arrival = 0, begun = 0, first = 0, latest_token = 0;
    Ticks present_since = 0;                   // its arrival, or when it came from another replica
    Ticks decodes_since = 0, longest_gap = 0;  // the gap: of those before that
    std::int32_t prompt = 0, output = 0;
    std::uint32_t session = 0;
    std::int32_t cached = 0;
    bool given = false;
    bool elsewhere = false;  // another replica began it
    Request request;         // until it is handed to the engine
  };
  struct Event {
    Ticks at;
    Slot slot;
    bool operator>(const Event& other) const { return at != other.at ? at > other.at : slot > other.slot; }
  };
  using Events = std::priority_queue<Event, std::vector<Event>, std::greater<>>;

  Slot free_slot();
  Live& seat(std::uint64_t id, const Request& request, Ticks sent);
  Ticks next_event() const;
  void start_fetches();
  void store_blocks();
  void take_in();
  void plan();
  void begin(Ticks until, StepTime& exact);
  bool goes_on() const;
  std::int64_t fold(Ticks until);
  void count(const Cost& first, const Cost& rise, std::int64_t steps);
  void complete();
  void remember_interrupted(Step& planned, Ticks end_of_step_before);
  void end(Slot slot, Ticks last, Status status);
  void pass_to(Ticks time);
  Ticks answer_delay(const model::StepShape& shape) const;

  const std::size_t index_;
  const HostTimes host_;
  const bool asynchronous_, skip_;
  const StepTable& table_;
  std::unique_ptr<Scheduler> scheduler_;
  ReplicaWatch* watch_;
  std::vector<Live> live_;
  std::vector<Slot> spare_;
  std::deque<Pending> pending_;
  std::vector<Fetch> fetches_;  // planned, not begun
  Events fetched_, let_go_;     // that are to end
  std::unordered_map<std::uint64_t, Slot> handed_over_;
  std::int64_t awaiting_remote_ = 0;  // requests whose remote fetch has not begun
  const HostLink link_;
  KvSource* const remote_;
  const bool hands_over_;
  Ticks fetch_free_ = 0, store_free_ = 0;  // when the link has carried what was asked of it
  std::vector<Ended> ended_;
  Step running_, next_;
  bool planned_ = false, in_flight_ = false;
  std::uint64_t preemptions_ = 0;  // when it last planned again since somebody had lost its place
  Ticks now_ = 0, end_ = 0;
  Ticks front_free_ = 0;      // when the front end has taken in all that was sent
  std::int64_t present_ = 0;  // requests that the engine has been handed and that have not ended
  Load load_;
  core::Uint128 tokens_given_ = 0, tokens_owed_ = 0, latencies_ = 0;
  LongestStep steps_;
  ReplicaLog log_;
};

}  // namespace wordline::serve
