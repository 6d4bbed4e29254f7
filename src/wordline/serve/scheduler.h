// The face of an engine's scheduler: what goes into the next step.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "wordline/model/step.h"
#include "wordline/serve/engine.h"
#include "wordline/serve/request.h"
#include "wordline/serve/slot.h"

namespace wordline::serve {

// Keys and values that come from elsewhere: from the host's memory, in blocks, or from another replica, in tokens.
struct Fetch {
  Slot slot = 0;
  std::int64_t host_blocks = 0;
  std::int64_t remote_tokens = 0;
  bool operator==(const Fetch&) const = default;
};

// One step as planned. Every decode sequence had its token before this one in the step just before this one, but those
// in `resumed`.
struct Step {
  model::StepShape shape;
  std::int64_t ended_rows = 0;  // decode sequences that are computed though they have ended: they are given nothing
  std::vector<Slot> prefilled;  // their (re)computed context is complete with this step: it gives them a token
  std::vector<Slot> finished;   // this step gives them their last token
  std::vector<Slot>
      interrupted;             // given a token by the step just before, and not in this one, though they have not ended
  std::vector<Slot> resumed;   // decode sequences that had been interrupted
  std::vector<Fetch> fetches;  // begin when the step does, or at once where there is nothing to do
  bool short_of_blocks = false;  // with more KV blocks, more would be in this step
  void clear();
  // Decode sequences that are given a token.
  std::int64_t decoded() const { return shape.decode_sequences - ended_rows; }
  // Whether it is nothing but one token for each of sequences that go on.
  bool plain() const {
    return shape.prefill.empty() && prefilled.empty() && finished.empty() && interrupted.empty() && resumed.empty();
  }
};

// What a scheduler is made for.
struct SchedulerInput {
  Engine engine;  // resolved
  std::int64_t kv_blocks = 0;
  std::int32_t max_model_len = 0;
  std::int64_t host_blocks = 0;  // of a second tier of the KV cache in the host's memory; 0: none
  bool hands_over = false;       // who finishes keeps its blocks until let_go()
};

// Prompt tokens asked for, those found in a prefix cache, and those found in the host's memory alone, each request
// counted once.
struct PrefixHits {
  std::int64_t asked = 0, found = 0, found_in_host = 0;
};

// State of one replica's queue, batch and KV blocks. It knows no clock: the caller says when.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // A request has arrived, and has this slot until the step that gives its last token is completed; false where it can
  // never fit and is refused.
  virtual bool enqueue(Slot slot, const Request& request) = 0;
  // Plans the next step into `step`; false where there is nothing to do but, perhaps, its fetches. With asynchronous
  // scheduling it is called while the step before is still running.
  virtual bool plan(Step& step) = 0;
  // The step has run: what finished in it gives its blocks and its seat back. Steps complete in the order of planning.
  virtual void complete(const Step& step) = 0;
  // What it waited for has come.
  virtual void fetched(Slot) {}
  // With `hands_over`: the keys and values of a request that finished are needed no more.
  virtual void let_go(Slot) {}

  // How many plain() steps, at most `most`, would follow the one planned last with the same sequences in them, if no
  // request arrived.
  virtual std::int64_t repeats(std::int64_t most) = 0;
  // Plans the next of those steps.
  virtual void repeat() = 0;

  virtual std::int64_t blocks_used() const = 0;
  virtual std::int64_t blocks_total() const = 0;
  virtual std::uint64_t preemptions() const = 0;
  virtual PrefixHits prefix_hits() const { return {}; }
  // Of a request in a step's `prefilled`: tokens that were found when it was first admitted.
  virtual std::int64_t found_tokens(Slot) const { return 0; }
  // Blocks copied to the host's memory so far.
  virtual std::int64_t blocks_stored() const { return 0; }
  // Prompt tokens of a request, which is not enqueued, that would be found in the prefix cache now. `slot` is a free
  // one.
  virtual std::int64_t cached_tokens(Slot, const Request&) { return 0; }
  // Requests that wait for their first step, or for another one after they lost their place.
  virtual std::int64_t waiting() const = 0;
};

// The scheduler that `input.engine.policy` names; throws core::InputError for an unknown one.
std::unique_ptr<Scheduler> make_scheduler(const SchedulerInput& input);

}  // namespace wordline::serve
