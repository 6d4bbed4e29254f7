#include "wordline/serve/in_flight.h"

#include <algorithm>
#include <stdexcept>

namespace wordline::serve {

InFlight::InFlight(const SchedulerInput& input, std::int64_t usable_blocks)
    : seats_(input.engine.max_num_seqs),
      budget_(input.engine.max_num_batched_tokens),
      longest_(input.max_model_len),
      cache_({.blocks = usable_blocks,
              .block_tokens = input.engine.block_size,
              .prefix_caching = input.engine.prefix_caching,
              .host_blocks = input.host_blocks}),
      hands_over_(input.hands_over),
      batch_(input.engine.block_size) {}

void InFlight::queue(Slot slot, const Request& request) {
  if (slot >= sequences_.size()) sequences_.resize(slot + 1);
  sequences_[slot] = {};
  sequences_[slot].prompt = request.prompt_tokens;
  sequences_[slot].output = request.output_tokens;
  cache_.open(slot, request);
  waiting_.push_back(slot);
}

void InFlight::complete(const Step& step) {
  for (const Slot slot : step.finished) {
    if (sequences_[slot].holds) {  // not preempted while its last token was under way
      give_up_seat(slot);
      sequences_[slot].holds = false;
      if (!hands_over_) cache_.release(slot, sequences_[slot].computed);
    }
    if (!hands_over_) cache_.close(slot);
    --finishing_;
  }
}

void InFlight::let_go(Slot slot) {
  cache_.release(slot, sequences_[slot].computed);
  cache_.close(slot);
}

std::int64_t InFlight::repeats(std::int64_t most) {
  if (!settled_ || finishing_ > 0 || partial_ != nobody || batch_.size() == 0) return 0;
  most = std::min(most, batch_.first_last_step() - 1 - step_);
  return most > 0 ? batch_.steps_with(cache_.free(), step_ + 1, most) : 0;
}

void InFlight::decode(Step& step) const {
  step.shape.decode_sequences = batch_.size();
  step.shape.decode_context_tokens = batch_.context_before(step_);
}

void InFlight::admit_front(std::int64_t cached) {
  const Slot slot = waiting_.front();
  Sequence& sequence = sequences_[slot];
  waiting_.pop_front();
  sequence.computed = static_cast<std::int32_t>(cached);
  if (sequence.found < 0) sequence.found = sequence.computed;
}

void InFlight::begin_prefill(Slot slot) {
  Sequence& sequence = sequences_[slot];
  sequence.holds = true;
  sequence.rank = ++admissions_;
  sequence.phase = Phase::prefilling;
}

void InFlight::compute(Slot slot, std::int64_t chunk, Step& step) {
  Sequence& sequence = sequences_[slot];
  step.shape.prefill.push_back({chunk, sequence.computed});
  sequence.computed += static_cast<std::int32_t>(chunk);
  const bool complete = sequence.computed == known(slot);
  if (complete) step.prefilled.push_back(slot);
  partial_ = complete ? nobody : slot;
}

void InFlight::preempt(Slot slot, Step& step) {
  ++preemptions_;
  Sequence& sequence = sequences_[slot];
  give_up_seat(slot);
  sequence.holds = false;
  if (sequence.phase == Phase::finishing) {  // needs no place any more
    if (hands_over_) throw std::logic_error("keys and values that are to be handed over have lost their blocks");
    cache_.release(slot, sequence.computed);
    return;
  }
  if (sequence.phase == Phase::decoding) {
    cache_.preempt(slot, batch_.context_before(step_, slot));
    const std::int64_t to_come = batch_.last_step(slot) - step_ + 1;
    sequence.emitted = static_cast<std::int32_t>(sequence.output - to_come);
    batch_.leave(slot);
    step.interrupted.push_back(slot);
  } else {
    cache_.preempt(slot, sequence.computed);
  }
  if (slot == partial_) partial_ = nobody;
  sequence.phase = Phase::waiting;
  sequence.computed = 0;
  waiting_.push_front(slot);
}

bool InFlight::end_plan(Step& step, bool preempted) {
  batch_.take_finished(step_, step.finished);
  for (const Slot slot : step.finished) finish(slot, batch_.context_before(step_ + 1, slot));
  for (const Slot slot : step.prefilled) begin_decoding(slot, step);
  const bool work = step.shape.tokens() > 0;
  if (!work) --step_;
  settled_ = work && !preempted;
  return work;
}

void InFlight::begin_decoding(Slot slot, Step& step) {
  Sequence& sequence = sequences_[slot];
  const std::int64_t context = sequence.computed;
  const std::int64_t to_come = sequence.output - sequence.emitted - 1;
  if (to_come == 0) {
    step.finished.push_back(slot);
    finish(slot, context);
    return;
  }
  sequence.phase = Phase::decoding;
  batch_.join(slot, sequence.rank, step_ + 1, context, step_ + to_come);
}

void InFlight::finish(Slot slot, std::int64_t context) {
  ++finishing_;
  sequences_[slot].phase = Phase::finishing;
  sequences_[slot].computed = static_cast<std::int32_t>(context);
}

}  // namespace wordline::serve
