#include "wordline/serve/speculative_scheduler.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace wordline::serve {

SpeculativeScheduler::SpeculativeScheduler(const SchedulerInput& input)
    : seats_(input.engine.max_num_seqs),
      budget_(scheduled_tokens(input.engine)),
      longest_(input.max_model_len),
      queries_(input.engine.speculation.queries()),
      lookahead_(input.engine.speculation.lookahead()),
      asynchronous_(input.engine.async_scheduling),
      hands_over_(input.hands_over),
      acceptance_(input.engine.speculation),
      cache_({.blocks = input.kv_blocks - 1,  // one is vLLM's null block
              .block_tokens = input.engine.block_size,
              .prefix_caching = input.engine.prefix_caching,
              .host_blocks = input.host_blocks}) {
  counts_.num_accepted_tokens_per_pos.resize(static_cast<std::size_t>(queries_ - 1));
}

bool SpeculativeScheduler::enqueue(Slot slot, const Request& request) {
  const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
  if (longest_ > 0 && tokens > longest_) return false;
  // The last token is never computed, but drafts may be behind the one before it; where the step before it has not been
  // told of, as many again.
  const std::int64_t drafts = queries_ - 1;
  std::int64_t slots = tokens - 1 + drafts + lookahead_ + (asynchronous_ ? drafts : 0);
  if (longest_ > 0) slots = std::min(slots, longest_);
  if (cache_.needed(slots) > cache_.total()) return false;
  if (slot >= sequences_.size()) sequences_.resize(slot + 1);
  Sequence& sequence = sequences_[slot] = {};
  sequence.id = request.id;
  sequence.rate = acceptance_.rate_of(request.id);
  sequence.prompt = request.prompt_tokens;
  sequence.output = request.output_tokens;
  cache_.open(slot, request);
  fetches_.open(slot, request);
  waiting_.push_back(slot);
  return true;
}

void SpeculativeScheduler::repeat() { throw std::logic_error("a step that verifies drafts is planned, not repeated"); }

bool SpeculativeScheduler::plan(Step& step) {
  step.clear();
  step.shape.decode_queries = step.shape.decode_rows = queries_;
  ++step_;
  given_.clear();
  std::int64_t left = budget_;
  if (schedule_running(step, left))
    admit_waiting(step, left);
  else
    step.short_of_blocks = true;
  if (left == budget_) {
    --step_;
    return false;
  }
  for (const Slot slot : running_) {
    const Sequence& sequence = sequences_[slot];
    if (sequence.decoding && sequence.last == step_ - 1 && !sequence.ended()) step.interrupted.push_back(slot);
  }
  flying_.push_back(given_);
  return true;
}

// Gives the running requests their tokens; false where some had to be preempted.
bool SpeculativeScheduler::schedule_running(Step& step, std::int64_t& left) {
  const std::uint64_t before = preemptions_;
  for (std::size_t i = 0; i < running_.size() && left > 0; ++i) {
    const Slot slot = running_[i];
    const std::int64_t tokens = wanted(sequences_[slot], left);
    if (tokens == 0) continue;
    bool lost = false;
    while (!lost && !allocate(slot, tokens)) {
      lost = running_.back() == slot;
      preempt_last(step);
    }
    if (lost) break;
    compute(slot, tokens, step);
    left -= tokens;
  }
  return preemptions_ == before;
}

void SpeculativeScheduler::admit_waiting(Step& step, std::int64_t& left) {
  while (fetches_.ready() && left > 0 && static_cast<std::int64_t>(running_.size()) < seats_) {
    const Slot slot = fetches_.take();
    const std::int64_t chunk = std::min(sequences_[slot].known() - sequences_[slot].computed, left);
    if (!cache_.grow(slot, sequences_[slot].computed + chunk))
      throw std::logic_error("a request that waited for its keys and values has lost its blocks");
    begin(slot, chunk, step);
    left -= chunk;
  }
  while (!waiting_.empty() && left > 0 && static_cast<std::int64_t>(running_.size()) < seats_) {
    const Slot slot = waiting_.front();
    Sequence& sequence = sequences_[slot];
    const std::int64_t all = sequence.known();
    if (!cache_.fits(slot, all, all)) {  // scheduler_reserve_full_isl
      step.short_of_blocks = true;
      break;
    }
    const Hit hit = cache_.find(slot, all);
    const bool fetches = fetches_.wants(slot, hit);
    const std::int64_t cached =
        fetches ? fetches_.begin(slot, all, hit, cache_, step) : hit.chip * cache_.block_tokens();
    waiting_.pop_front();
    sequence.computed = static_cast<std::int32_t>(cached);
    if (sequence.found < 0) sequence.found = sequence.computed;
    if (fetches) continue;
    const std::int64_t chunk = std::min(all - cached, left);
    cache_.admit(slot, all, cached + chunk);
    begin(slot, chunk, step);
    left -= chunk;
  }
}

// A request that has its blocks takes a seat and computes its first chunk.
void SpeculativeScheduler::begin(Slot slot, std::int64_t chunk, Step& step) {
  Sequence& sequence = sequences_[slot];
  running_.push_back(slot);
  sequence.holds = true;
  sequence.published = static_cast<std::int32_t>(sequence.computed + chunk);
  compute(slot, chunk, step);
}

// Tokens that a step may give the sequence which is planned and has not run (num_output_placeholders).
std::int64_t SpeculativeScheduler::in_flight(const Sequence& sequence) const {
  return !flying_.empty() && sequence.planned == step_ - 1 ? sequence.in_flight : 0;
}

// Tokens that a running request computes in this step, of `left` at most.
std::int64_t SpeculativeScheduler::wanted(const Sequence& sequence, std::int64_t left) const {
  if (!sequence.decoding) return std::min(sequence.known() - sequence.computed, left);
  const std::int64_t flying = in_flight(sequence);
  if (flying > 0 && sequence.seen + 1 >= sequence.output) return 0;  // sure to end with the step that runs
  const std::int64_t computed = sequence.known() - 1 + flying, tokens = std::min(queries_, left);
  return longest_ > 0 ? std::min(tokens, longest_ - 1 - computed) : tokens;
}

// Blocks for so many tokens more, for the draft model's own beyond them, but none for tokens beyond the model's length.
bool SpeculativeScheduler::allocate(Slot slot, std::int64_t tokens) {
  Sequence& sequence = sequences_[slot];
  const std::int64_t before = sequence.decoding ? sequence.known() - 1 + in_flight(sequence) : sequence.computed;
  const std::int64_t final = std::min(before + tokens, sequence.known());
  std::int64_t slots = before + tokens + lookahead_;
  if (longest_ > 0) slots = std::min(slots, longest_);
  if (!cache_.grow(slot, final, slots - final)) return false;
  sequence.published = static_cast<std::int32_t>(final);
  return true;
}

void SpeculativeScheduler::compute(Slot slot, std::int64_t tokens, Step& step) {
  Sequence& sequence = sequences_[slot];
  sequence.in_flight = sequence.decoding ? static_cast<std::int32_t>(tokens) : 1;
  sequence.planned = step_;
  if (sequence.decoding)
    decode(slot, tokens, step);
  else
    prefill(slot, tokens, step);
}

void SpeculativeScheduler::prefill(Slot slot, std::int64_t tokens, Step& step) {
  Sequence& sequence = sequences_[slot];
  step.shape.prefill.push_back({tokens, sequence.computed});
  sequence.computed += static_cast<std::int32_t>(tokens);
  if (sequence.computed < sequence.known()) return;
  sequence.decoding = true;
  step.prefilled.push_back(slot);
  give(slot, 1, step);
}

// The latest token and the drafts that were made of those behind it.
void SpeculativeScheduler::decode(Slot slot, std::int64_t tokens, Step& step) {
  Sequence& sequence = sequences_[slot];
  const std::int64_t context = std::int64_t{sequence.prompt} + sequence.emitted - 1, drafts = tokens - 1;
  if (tokens == queries_) {
    ++step.shape.decode_sequences;
    step.shape.decode_context_tokens += context;
  } else {
    ++step.cut_rows;
    step.shape.prefill.push_back({tokens, context, true});
  }
  if (sequence.ended()) {
    ++step.ended_rows;
    return;
  }
  std::int64_t accepted = 0;
  if (drafts > 0) {
    accepted = std::min<std::int64_t>(drafts, acceptance_.accepted(sequence.id, sequence.verified++, sequence.rate));
    counts_.add(drafts, accepted);
  }
  if (sequence.last != step_ - 1) step.resumed.push_back(slot);
  const std::int64_t tokens_given = std::min<std::int64_t>(1 + accepted, sequence.output - sequence.emitted);
  step.accepted += tokens_given - 1;
  give(slot, tokens_given, step);
}

void SpeculativeScheduler::give(Slot slot, std::int64_t tokens, Step& step) {
  Sequence& sequence = sequences_[slot];
  sequence.emitted += static_cast<std::int32_t>(tokens);
  sequence.last = step_;
  given_.push_back({slot, sequence.emitted});
  if (sequence.ended()) step.finished.push_back(slot);
}

void SpeculativeScheduler::let_go(Slot slot) {
  cache_.release(slot, full_tokens(sequences_[slot]));
  cache_.close(slot);
}

// Takes the last running request's place and blocks; unless it ends with the step that runs it goes to the head of the
// queue.
void SpeculativeScheduler::preempt_last(Step& step) {
  ++preemptions_;
  const Slot slot = running_.back();
  Sequence& sequence = sequences_[slot];
  running_.pop_back();
  sequence.holds = false;
  if (sequence.ended()) {
    if (hands_over_) throw std::logic_error("keys and values that are to be handed over have lost their blocks");
    cache_.release(slot, full_tokens(sequence));
    return;
  }
  cache_.preempt(slot, full_tokens(sequence));
  if (sequence.last == step_ - 1) step.interrupted.push_back(slot);
  sequence.decoding = false;
  sequence.computed = 0;
  waiting_.push_front(slot);
}

void SpeculativeScheduler::complete(const Step& step) {
  for (const Given& given : flying_.front()) sequences_[given.slot].seen = given.emitted;
  flying_.pop_front();
  for (const Slot slot : step.finished) {
    Sequence& sequence = sequences_[slot];
    if (hands_over_) continue;
    if (sequence.holds) cache_.release(slot, full_tokens(sequence));  // else it was preempted meanwhile
    cache_.close(slot);
  }
  const auto gone = [&](Slot slot) { return sequences_[slot].seen == sequences_[slot].output; };
  if (!step.finished.empty()) std::erase_if(running_, gone);
}

// Tokens whose full blocks others find once these are free: an asynchronous engine caches blocks also when it is told
// of a step's tokens, another one only when it plans (cache_blocks).
std::int64_t SpeculativeScheduler::full_tokens(const Sequence& sequence) const {
  const bool told = asynchronous_ && sequence.decoding;
  return std::max<std::int64_t>(sequence.published, told ? sequence.known() - 1 : 0);
}

}  // namespace wordline::serve
