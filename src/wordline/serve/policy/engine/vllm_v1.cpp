// vLLM V1's scheduler as of vLLM 0.19.0 (vllm/v1/core/sched/scheduler.py, kv_cache_manager.py): a budget of tokens per
// step; running requests first, in the order of admission; then waiting ones, first come first served, while seats,
// budget and blocks last; prompts in chunks; when blocks run out the last running request loses its blocks and goes
// back to the head of the queue (preemption by recompute, which finds again what nobody has taken meanwhile).
//
// Since seats never exceed the budget, every decoding request gets its token in every step, and at most one prompt is
// ever in part computed: it exhausted a budget, so nothing was admitted behind it. That is why DecodeBatch suffices.
// With speculative decoding it does not: speculative_scheduler.h.
#include <algorithm>
#include <stdexcept>

#include "wordline/serve/fetch_queue.h"
#include "wordline/serve/in_flight.h"
#include "wordline/serve/speculative_scheduler.h"

namespace wordline::serve::policy {
namespace {

class VllmV1 final : public InFlight {
 public:
  explicit VllmV1(const SchedulerInput& input) : InFlight(input, input.kv_blocks - 1) {}  // one is vLLM's null block

  bool enqueue(Slot slot, const Request& request) override {
    const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
    if (longest_ > 0 && tokens > longest_) return false;
    if (cache_.needed(tokens - 1) > cache_.total()) return false;  // the last token is never computed
    if (slot >= neighbours_.size()) neighbours_.resize(slot + 1);
    queue(slot, request);
    fetches_.open(slot, request);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    ++step_;
    const bool preempted = !schedule_running(step);
    if (preempted)
      step.short_of_blocks = true;
    else
      admit_waiting(step);
    return end_plan(step, preempted);
  }

  void repeat() override { cache_.take(batch_.blocks_needed(++step_)); }

  void fetched(Slot slot) override { fetches_.arrived(slot); }
  std::int64_t waiting() const override { return InFlight::waiting() + fetches_.size(); }

 private:
  struct Neighbours {
    Slot before = nobody, after = nobody;
  };

  std::int64_t next_chunk(std::int64_t budget) const {
    return partial_ == nobody ? 0 : std::min(known(partial_) - sequences_[partial_].computed, budget);
  }
  std::int64_t blocks_for(Slot slot, std::int64_t chunk) const {
    return cache_.growth(slot, sequences_[slot].computed + chunk);
  }

  // Gives every running request its tokens; false where some had to be preempted.
  bool schedule_running(Step& step) {
    const std::int64_t chunk = next_chunk(budget_ - batch_.size());
    const std::int64_t for_chunk = partial_ == nobody ? 0 : blocks_for(partial_, chunk);
    const bool enough = batch_.blocks_needed(step_) + for_chunk <= cache_.free();
    if (enough)
      cache_.take(batch_.blocks_needed(step_));
    else
      schedule_one_by_one(step);
    decode(step);
    if (partial_ != nobody) {
      const std::int64_t left = next_chunk(budget_ - batch_.size());
      if (!cache_.grow(partial_, sequences_[partial_].computed + left))
        throw std::logic_error("a chunk finds no blocks, though they were counted");
      compute(partial_, left, step);
    }
    return enough;
  }

  // In the order of admission; who finds no free block pushes out the last one, at worst itself.
  void schedule_one_by_one(Step& step) {
    for (Slot slot = first_; slot != nobody;) {
      const Sequence& sequence = sequences_[slot];
      std::int64_t need = 0;
      if (sequence.phase == Phase::decoding)
        need =
            cache_.needed(batch_.context_before(step_, slot) + 1) - cache_.needed(batch_.context_before(step_, slot));
      else if (sequence.phase == Phase::prefilling)
        need = blocks_for(slot, next_chunk(budget_ - batch_.size()));
      bool lost = false;
      while (!lost && need > cache_.free()) {
        lost = last_ == slot;
        preempt(last_, step);
      }
      if (lost) return;
      if (sequence.phase == Phase::decoding) cache_.take(need);
      slot = neighbours_[slot].after;
    }
  }

  void admit_waiting(Step& step) {
    std::int64_t left = budget_ - step.shape.tokens();
    while (fetches_.ready() && left > 0 && running_ < seats_) {
      const Slot slot = fetches_.take();
      const std::int64_t chunk = std::min(known(slot) - sequences_[slot].computed, left);
      if (!cache_.grow(slot, sequences_[slot].computed + chunk))
        throw std::logic_error("a request that waited for its keys and values has lost its blocks");
      start(slot, chunk, step);
      left -= chunk;
    }
    while (!waiting_.empty() && left > 0 && running_ < seats_) {
      const Slot slot = waiting_.front();
      const std::int64_t all = known(slot);
      if (!cache_.fits(slot, all, all)) {  // scheduler_reserve_full_isl
        step.short_of_blocks = true;
        break;
      }
      const Hit hit = cache_.find(slot, all);
      const std::int64_t cached = hit.chip * cache_.block_tokens();
      if (fetches_.wants(slot, hit)) {
        admit_front(fetches_.begin(slot, all, hit, cache_, step));
        sequences_[slot].phase = Phase::fetching;
        continue;
      }
      const std::int64_t chunk = std::min(all - cached, left);
      cache_.admit(slot, all, cached + chunk);
      admit_front(cached);
      start(slot, chunk, step);
      left -= chunk;
    }
  }

  // A request that was admitted takes a seat and computes its first chunk.
  void start(Slot slot, std::int64_t chunk, Step& step) {
    begin_prefill(slot);
    link(slot);
    compute(slot, chunk, step);
  }

  void link(Slot slot) {
    neighbours_[slot] = {last_, nobody};
    (last_ == nobody ? first_ : neighbours_[last_].after) = slot;
    last_ = slot;
    ++running_;
  }

  void give_up_seat(Slot slot) override {
    const auto [before, after] = neighbours_[slot];
    (before == nobody ? first_ : neighbours_[before].after) = after;
    (after == nobody ? last_ : neighbours_[after].before) = before;
    --running_;
  }

  std::vector<Neighbours> neighbours_;   // among the running, by slot
  Slot first_ = nobody, last_ = nobody;  // of the running, in the order of admission
  std::int64_t running_ = 0;
  FetchQueue fetches_;
};

}  // namespace

std::unique_ptr<Scheduler> vllm_v1(const SchedulerInput& input) {
  if (input.engine.speculation.on()) return std::make_unique<SpeculativeScheduler>(input);
  return std::make_unique<VllmV1>(input);
}

}  // namespace wordline::serve::policy
