// The face of an engine's scheduler: what goes into the next step.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "wordline/model/step.h"
#include "wordline/serve/engine.h"
#include "wordline/serve/request.h"

namespace wordline::serve {

// A request's place in the span that its scheduler was made with.
using Id = std::uint32_t;

// One step as planned. Every decode sequence had its token before this one in the step just before this one.
struct Step {
  model::StepShape shape;
  std::vector<Id> prefilled;     // their (re)computed context is complete with this step: it gives them a token
  std::vector<Id> finished;      // this step gives them their last token
  std::vector<Id> interrupted;   // lost their place when this step was planned; the step just before gave them a token
  bool short_of_blocks = false;  // with more KV blocks, more would be in this step
  void clear();
};

// What a scheduler is made for. The requests outlive it.
struct SchedulerInput {
  Engine engine;  // resolved
  std::int64_t kv_blocks = 0;
  std::int32_t max_model_len = 0;
  std::span<const Request> requests;
};

// State of one replica's queue, batch and KV blocks. It knows no clock: the caller says when.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // A request has arrived; false where it can never fit and is refused.
  virtual bool enqueue(Id id) = 0;
  // Plans the next step into `step`; false where there is nothing to do. With asynchronous scheduling it is called
  // while the step before is still running.
  virtual bool plan(Step& step) = 0;
  // The step has run: what finished in it gives its blocks and its seat back. Steps complete in the order of planning.
  virtual void complete(const Step& step) = 0;

  virtual std::int64_t blocks_used() const = 0;
  virtual std::int64_t blocks_total() const = 0;
  virtual std::uint64_t preemptions() const = 0;
};

// The scheduler that `input.engine.policy` names; throws core::InputError for an unknown one.
std::unique_ptr<Scheduler> make_scheduler(const SchedulerInput& input);

}  // namespace wordline::serve
