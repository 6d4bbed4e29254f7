// TensorRT-LLM's in-flight batching as of 1.2 (tensorrt_llm/_torch/pyexecutor/scheduler.py, py_executor.py): active
// requests in the order of arrival, at most max_batch_size. The capacity scheduler says whose KV blocks there is room
// for, the micro batch scheduler who of those fits the step: a token for everyone who generates, then prompts, first
// come first served, within max_num_tokens; whole ones, or, with chunked prefill, cut at a block's end.
//
// GUARANTEED_NO_EVICT begins a request only where the blocks of its prompt and of all tokens it may be given are free
// beside those that are promised to others; none ever loses its place. MAX_UTILIZATION begins it where its prompt fits;
// who then finds no block pauses the one begun last, which computes its prompt and its tokens again.
#include <algorithm>
#include <stdexcept>

#include "wordline/serve/in_flight.h"

namespace wordline::serve::policy {
namespace {

class TrtLlm final : public InFlight {
 public:
  explicit TrtLlm(const SchedulerInput& input)
      : InFlight(input, input.kv_blocks),
        unit_(std::min<std::int64_t>(input.engine.block_size, budget_)),
        chunked_(input.engine.enable_chunked_prefill),
        evicts_(input.engine.capacity_scheduler_policy == "MAX_UTILIZATION") {}

  bool enqueue(Slot slot, const Request& request) override {
    const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
    if (longest_ > 0 && tokens > longest_) return false;
    if (!chunked_ && request.prompt_tokens > budget_) return false;
    if (cache_.needed(tokens) > cache_.total()) return false;
    queue(slot, request);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    ++step_;
    const bool paused = make_room(step);
    take_blocks();
    decode(step);
    std::int64_t left = budget_ - batch_.size();
    if (partial_ != nobody) left -= go_on(partial_, left, step);
    if (paused)
      step.short_of_blocks = true;
    else
      begin_waiting(left, step);
    return end_plan(step, paused);
  }

  void repeat() override {
    ++step_;
    take_blocks();
  }

  std::int64_t blocks_used() const override { return cache_.used() + prompt_ahead(); }

 private:
  std::int64_t blocks_to_completion(Slot slot) const {
    return cache_.needed(std::int64_t{sequences_[slot].prompt} + sequences_[slot].output);
  }

  // What those who generate need in this step, of what they were promised.
  void take_blocks() {
    const std::int64_t blocks = batch_.blocks_needed(step_);
    cache_.take(blocks);
    promised_ -= blocks;
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
      preempt(running_.back(), step);
      paused = true;
    }
    return paused;
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
      admit_front(cached);
      begin_prefill(slot);
      running_.push_back(slot);
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

  // And what was promised to it beyond what it holds.
  void give_up_seat(Slot slot) override {
    const Sequence& sequence = sequences_[slot];
    const std::int64_t held =
        sequence.phase == Phase::decoding ? batch_.context_before(step_, slot) : std::int64_t{sequence.computed};
    promised_ -= blocks_to_completion(slot) - cache_.needed(held);
    running_.erase(std::find(running_.rbegin(), running_.rend(), slot).base() - 1);
  }

  const std::int64_t unit_;
  const bool chunked_, evicts_;
  std::vector<Slot> running_;  // in the order in which they began
  std::int64_t promised_ = 0;  // blocks that running requests may still come to need
};

}  // namespace

std::unique_ptr<Scheduler> trtllm(const SchedulerInput& input) { return std::make_unique<TrtLlm>(input); }

}  // namespace wordline::serve::policy
