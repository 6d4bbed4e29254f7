// TensorRT-LLM's in-flight batching as of 1.2 (tensorrt_llm/_torch/pyexecutor/scheduler.py, py_executor.py): active
// requests in the order of arrival, at most max_batch_size. The capacity scheduler says whose KV blocks there is room
// for, the micro batch scheduler who of those fits the step: a token for everyone who generates, then prompts, first
// come first served, within max_num_tokens; whole ones, or, with chunked prefill, cut at a block's end.
//
// GUARANTEED_NO_EVICT begins a request only where the blocks of its prompt and of all tokens it may be given are free
// beside those that are promised to others; none ever loses its place. MAX_UTILIZATION begins it where its prompt fits;
// who then finds no block pauses the one begun last, which computes its prompt and its tokens again.
#include <algorithm>
#include <deque>
#include <stdexcept>

#include "wordline/serve/decode_batch.h"
#include "wordline/serve/kv_cache.h"
#include "wordline/serve/scheduler.h"

namespace wordline::serve::policy {
namespace {

constexpr Slot nobody = ~Slot{0};

// finishing: its last token is planned, blocks and seat come back when that step has run.
enum class Phase : std::uint8_t { waiting, prefilling, generating, finishing };

struct Sequence {
  Phase phase = Phase::waiting;
  bool holds = false;                   // blocks and a seat
  std::int32_t prompt = 0, output = 0;  // tokens asked for
  std::int32_t emitted = 0;             // tokens given when it was last paused
  std::int32_t computed = 0;            // of a prefilling or finishing one
  std::uint64_t rank = 0;               // counts beginnings
};

class TrtLlm final : public Scheduler {
 public:
  explicit TrtLlm(const SchedulerInput& input)
      : seats_(input.engine.max_num_seqs),
        budget_(input.engine.max_num_batched_tokens),
        longest_(input.max_model_len),
        unit_(std::min<std::int64_t>(input.engine.block_size, budget_)),
        chunked_(input.engine.enable_chunked_prefill),
        evicts_(input.engine.capacity_scheduler_policy == "MAX_UTILIZATION"),
        cache_({.blocks = input.kv_blocks,
                .block_tokens = input.engine.block_size,
                .prefix_caching = input.engine.prefix_caching}),
        batch_(input.engine.block_size) {}

  bool enqueue(Slot slot, const Request& request) override {
    const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
    if (longest_ > 0 && tokens > longest_) return false;
    if (!chunked_ && request.prompt_tokens > budget_) return false;
    if (cache_.needed(tokens) > cache_.total()) return false;
    if (slot >= sequences_.size()) sequences_.resize(slot + 1);
    sequences_[slot] = {};
    sequences_[slot].prompt = request.prompt_tokens;
    sequences_[slot].output = request.output_tokens;
    cache_.open(slot, request);
    waiting_.push_back(slot);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    ++step_;
    const bool paused = make_room(step);
    const std::int64_t blocks = batch_.blocks_needed(step_);
    cache_.take(blocks);
    promised_ -= blocks;
    step.shape.decode_sequences = batch_.size();
    step.shape.decode_context_tokens = batch_.context_before(step_);
    std::int64_t left = budget_ - batch_.size();
    if (partial_ != nobody) left -= go_on(partial_, left, step);
    if (paused)
      step.short_of_blocks = true;
    else
      begin_waiting(left, step);
    batch_.take_finished(step_, step.finished);
    for (const Slot slot : step.finished) finish(slot, batch_.context_before(step_ + 1, slot));
    for (const Slot slot : step.prefilled) begin_generating(slot, step);
    const bool work = step.shape.tokens() > 0;
    if (!work) --step_;
    settled_ = work && !paused;
    return work;
  }

  void complete(const Step& step) override {
    for (const Slot slot : step.finished) {
      Sequence& sequence = sequences_[slot];
      if (sequence.holds) {  // not paused while its last token was under way
        give_up(slot);
        cache_.release(slot, sequence.computed);
      }
      cache_.close(slot);
      --finishing_;
    }
  }

  std::int64_t repeats(std::int64_t most) override {
    if (!settled_ || finishing_ > 0 || partial_ != nobody || batch_.size() == 0) return 0;
    most = std::min(most, batch_.first_last_step() - 1 - step_);
    return most > 0 ? batch_.steps_with(cache_.free(), step_ + 1, most) : 0;
  }

  void repeat() override {
    const std::int64_t blocks = batch_.blocks_needed(++step_);
    cache_.take(blocks);
    promised_ -= blocks;
  }

  std::int64_t blocks_used() const override { return cache_.used() + prompt_ahead(); }
  std::int64_t blocks_total() const override { return cache_.total(); }
  std::uint64_t preemptions() const override { return preemptions_; }
  PrefixHits prefix_hits() const override { return {cache_.counts().queries, cache_.counts().hits}; }
  std::int64_t cached_tokens(Slot slot, const Request& request) override {
    cache_.open(slot, request);
    const std::int64_t tokens = cache_.cached_tokens(slot, request.prompt_tokens);
    cache_.close(slot);
    return tokens;
  }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }

 private:
  // What a prefill has to compute: the prompt, and after a pause also the tokens given so far.
  std::int64_t known(Slot slot) const { return sequences_[slot].prompt + sequences_[slot].emitted; }
  std::int64_t blocks_to_completion(Slot slot) const {
    return cache_.needed(std::int64_t{sequences_[slot].prompt} + sequences_[slot].output);
  }

  // Blocks of a prompt are its own from its first chunk on.
  std::int64_t prompt_ahead() const {
    return partial_ == nobody ? 0 : cache_.needed(known(partial_)) - cache_.needed(sequences_[partial_].computed);
  }

  // Of `rest` tokens, those that are computed where there is room for `room`: all, or whole units.
  std::int64_t next_chunk(std::int64_t rest, std::int64_t room) const {
    return rest <= room ? rest : std::max<std::int64_t>(0, room) / unit_ * unit_;
  }

  // Pauses requests, the one begun last first, until everyone who generates finds a block; whether any was.
  bool make_room(Step& step) {
    bool paused = false;
    while (batch_.blocks_needed(step_) + prompt_ahead() > cache_.free()) {
      if (!evicts_) throw std::logic_error("a promised KV block is not there");
      pause(running_.back(), step);
      paused = true;
    }
    return paused;
  }

  void pause(Slot slot, Step& step) {
    ++preemptions_;
    Sequence& sequence = sequences_[slot];
    give_up(slot);
    if (sequence.phase == Phase::finishing) {  // needs no place any more
      cache_.release(slot, sequence.computed);
      return;
    }
    if (sequence.phase == Phase::generating) {
      cache_.preempt(slot, batch_.context_before(step_, slot));
      sequence.emitted = static_cast<std::int32_t>(sequence.output - (batch_.last_step(slot) - step_ + 1));
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

  // Whether the capacity scheduler lets a request begin.
  bool has_room(Slot slot) const {
    if (!evicts_ && blocks_to_completion(slot) > cache_.free() - promised_) return false;
    return cache_.fits(slot, known(slot), known(slot));
  }

  void begin_waiting(std::int64_t left, Step& step) {
    while (!waiting_.empty() && partial_ == nobody && left > 0 && std::ssize(running_) < seats_) {
      const Slot slot = waiting_.front();
      const std::int64_t all = known(slot);
      if (!has_room(slot)) {
        step.short_of_blocks = true;
        return;
      }
      // The budget is that of the whole prompt: what can be reused is found when the request begins.
      const bool cut = all > left;
      if (cut && !chunked_ && all <= budget_) return;
      const std::int64_t chunk = next_chunk(all, left);
      if (chunk == 0) return;
      const std::int64_t cached = cache_.cached_tokens(slot, all), fresh = std::min(chunk, all - cached);
      cache_.admit(slot, all, cached + fresh);
      promised_ += blocks_to_completion(slot) - cache_.needed(cached + fresh);
      waiting_.pop_front();
      Sequence& sequence = sequences_[slot];
      sequence.holds = true;
      sequence.rank = ++beginnings_;
      running_.push_back(slot);
      sequence.phase = Phase::prefilling;
      sequence.computed = static_cast<std::int32_t>(cached);
      compute(slot, fresh, step);
      left -= chunk;
    }
  }

  // The next chunk of the prompt that is computed in part; its tokens.
  std::int64_t go_on(Slot slot, std::int64_t room, Step& step) {
    const std::int64_t computed = sequences_[slot].computed, chunk = next_chunk(known(slot) - computed, room);
    if (chunk == 0) return 0;
    if (!cache_.grow(slot, computed + chunk)) throw std::logic_error("a prompt finds no KV blocks, though it has them");
    promised_ -= cache_.needed(computed + chunk) - cache_.needed(computed);
    compute(slot, chunk, step);
    return chunk;
  }

  // Puts a chunk of a prefill, which has its blocks, into the step.
  void compute(Slot slot, std::int64_t chunk, Step& step) {
    Sequence& sequence = sequences_[slot];
    step.shape.prefill.push_back({chunk, sequence.computed});
    sequence.computed += static_cast<std::int32_t>(chunk);
    const bool complete = sequence.computed == known(slot);
    if (complete) step.prefilled.push_back(slot);
    partial_ = complete ? nobody : slot;
  }

  void begin_generating(Slot slot, Step& step) {
    Sequence& sequence = sequences_[slot];
    const std::int64_t context = sequence.computed;
    const std::int64_t to_come = sequence.output - sequence.emitted - 1;
    if (to_come == 0) {
      step.finished.push_back(slot);
      finish(slot, context);
      return;
    }
    sequence.phase = Phase::generating;
    batch_.join(slot, sequence.rank, step_ + 1, context, step_ + to_come);
  }

  void finish(Slot slot, std::int64_t context) {
    ++finishing_;
    sequences_[slot].phase = Phase::finishing;
    sequences_[slot].computed = static_cast<std::int32_t>(context);
  }

  // The seat of a running request, and what was promised to it beyond what it holds.
  void give_up(Slot slot) {
    Sequence& sequence = sequences_[slot];
    sequence.holds = false;
    const std::int64_t held =
        sequence.phase == Phase::generating ? batch_.context_before(step_, slot) : std::int64_t{sequence.computed};
    promised_ -= blocks_to_completion(slot) - cache_.needed(held);
    running_.erase(std::find(running_.rbegin(), running_.rend(), slot).base() - 1);
  }

  const std::int64_t seats_, budget_, longest_, unit_;
  const bool chunked_, evicts_;
  KvCache cache_;
  DecodeBatch batch_;
  std::vector<Sequence> sequences_;
  std::deque<Slot> waiting_;
  std::vector<Slot> running_;  // in the order in which they began
  Slot partial_ = nobody;      // the one whose prefill has begun but not ended
  std::int64_t promised_ = 0;  // blocks that running requests may still come to need
  std::int64_t step_ = 0, finishing_ = 0;
  std::uint64_t beginnings_ = 0, preemptions_ = 0;
  bool settled_ = false;  // the step planned last began all that could be
};

}  // namespace

std::unique_ptr<Scheduler> trtllm(const SchedulerInput& input) { return std::make_unique<TrtLlm>(input); }

}  // namespace wordline::serve::policy
