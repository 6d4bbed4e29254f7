// Costs of steps in whole ticks, such that a run of decode steps is summed in closed form.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "wordline/model/step.h"
#include "wordline/serve/cost.h"
#include "wordline/serve/host_times.h"
#include "wordline/serve/server.h"

namespace wordline::serve {

// Decode steps of one batch size whose contexts sum up to `from` .. `to` - 1 tokens before the step: by definition
// at_from + (context - from) * slope.
struct DecodePiece {
  std::int64_t from = 0, to = 0;
  Cost at_from, slope;
  Cost at(std::int64_t context) const;
  // From one step to the next, in which each of so many sequences has one token more.
  Cost rise(std::int64_t sequences) const;
};

// What every step takes on one server, for all its replicas. Steps that decode alone are linear between breakpoints
// of the summed context, found for each batch size and octave of contexts when it first occurs: where a chord is off by
// more than 1/4096 of the step's time somewhere in an interval (five places are tried), the interval is halved, down to
// 16 tokens a sequence. All others are the server's own. Thread-safe; the same on any number of threads.
class StepTable {
 public:
  // `asynchronous`: the host plans a step while the one before it runs.
  StepTable(const Server& server, bool asynchronous);
  ~StepTable();
  StepTable(const StepTable&) = delete;

  // Whether a step is one of the table's: it decodes alone.
  bool has(const model::StepShape& shape) const;
  // The piece that holds this context.
  const DecodePiece& decode(std::int64_t sequences, std::int64_t context_tokens) const;
  // Of any step; `exact` is the caller's own of server.step_time().
  Cost at(const model::StepShape& shape, StepTime& exact) const;
  // What a shape's `padding` must be before it is asked about.
  std::int64_t padding(std::int64_t tokens) const { return graph_tokens(tokens, largest_graph_, queries_) - tokens; }
  // A step as the server's own time has it, the host's time included.
  Cost exact(const model::StepShape& shape, StepTime& time) const;

  // Largest share by which decode steps of the table differ from the server's, at nine places in each piece made so
  // far.
  double deviation() const;

 private:
  using Octave = std::vector<DecodePiece>;
  const Octave& look_up(std::int64_t sequences, int octave) const;
  model::StepShape alone(std::int64_t sequences, std::int64_t context_tokens) const;
  void refine(Octave& out, std::int64_t sequences, std::int64_t from, std::int64_t to) const;

  HostTimes host_;
  bool asynchronous_;
  core::Watts idle_;
  std::int64_t largest_graph_, queries_;
  mutable std::mutex mutex_;
  mutable StepTime time_;                                 // under the mutex
  mutable std::vector<std::atomic<const Octave*>> made_;  // by sequences and octave of the context
};

}  // namespace wordline::serve
