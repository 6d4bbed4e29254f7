// vLLM V1's scheduler as of vLLM 0.19.0 (vllm/v1/core/sched/scheduler.py, kv_cache_manager.py): a budget of tokens per
// step; running requests first, in the order of admission; then waiting ones, first come first served, while seats,
// budget and blocks last; prompts in chunks; when blocks run out the last running request loses its blocks and goes
// back to the head of the queue (preemption by recompute, which finds again what nobody has taken meanwhile).
//
// Since seats never exceed the budget, every decoding request gets its token in every step, and at most one prompt is
// ever in part computed: it exhausted a budget, so nothing was admitted behind it. That is why DecodeBatch suffices.
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
enum class Phase : std::uint8_t { waiting, prefilling, decoding, finishing };

struct Sequence {
  Phase phase = Phase::waiting;
  bool holds = false;                    // blocks and a seat
  std::int32_t prompt = 0, output = 0;   // tokens asked for
  std::int32_t emitted = 0;              // tokens given when it last stopped decoding
  std::int32_t computed = 0;             // of a prefilling or finishing one
  std::uint64_t rank = 0;                // counts admissions
  Slot before = nobody, after = nobody;  // neighbours among the running
};

class VllmV1 final : public Scheduler {
 public:
  explicit VllmV1(const SchedulerInput& input)
      : seats_(input.engine.max_num_seqs),
        budget_(input.engine.max_num_batched_tokens),
        longest_(input.max_model_len),
        cache_({.blocks = input.kv_blocks - 1,  // block 0 is vLLM's null block
                .block_tokens = input.engine.block_size,
                .prefix_caching = input.engine.prefix_caching}),
        batch_(input.engine.block_size) {}

  bool enqueue(Slot slot, const Request& request) override {
    const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
    if (longest_ > 0 && tokens > longest_) return false;
    if (cache_.needed(tokens - 1) > cache_.total()) return false;  // the last token is never computed
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
    const bool preempted = !schedule_running(step);
    if (preempted)
      step.short_of_blocks = true;
    else
      admit_waiting(step);
    batch_.take_finished(step_, step.finished);
    for (const Slot slot : step.finished) finish(slot, batch_.context_before(step_ + 1, slot));
    for (const Slot slot : step.prefilled) begin_decoding(slot, step);
    const bool work = step.shape.tokens() > 0;
    if (!work) --step_;
    settled_ = work && !preempted;
    return work;
  }

  void complete(const Step& step) override {
    for (const Slot slot : step.finished) {
      Sequence& sequence = sequences_[slot];
      if (sequence.holds) {  // not preempted while its last token was under way
        cache_.release(slot, sequence.computed);
        unlink(slot);
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

  void repeat() override { cache_.take(batch_.blocks_needed(++step_)); }

  std::int64_t blocks_used() const override { return cache_.used(); }
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
  // What a prefill has to compute: the prompt, and after a preemption also the tokens given so far.
  std::int64_t target(const Sequence& sequence) const { return sequence.prompt + sequence.emitted; }

  std::int64_t next_chunk(std::int64_t budget) const {
    if (partial_ == nobody) return 0;
    return std::min(target(sequences_[partial_]) - sequences_[partial_].computed, budget);
  }
  std::int64_t blocks_for(const Sequence& sequence, std::int64_t chunk) const {
    return cache_.needed(sequence.computed + chunk) - cache_.needed(sequence.computed);
  }

  // Gives every running request its tokens; false where some had to be preempted.
  bool schedule_running(Step& step) {
    const std::int64_t chunk = next_chunk(budget_ - batch_.size());
    const std::int64_t for_chunk = partial_ == nobody ? 0 : blocks_for(sequences_[partial_], chunk);
    const bool enough = batch_.blocks_needed(step_) + for_chunk <= cache_.free();
    if (enough)
      cache_.take(batch_.blocks_needed(step_));
    else
      schedule_one_by_one(step);
    step.shape.decode_sequences = batch_.size();
    step.shape.decode_context_tokens = batch_.context_before(step_);
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
        need = blocks_for(sequence, next_chunk(budget_ - batch_.size()));
      bool lost = false;
      while (!lost && need > cache_.free()) {
        lost = last_ == slot;
        preempt(last_, step);
      }
      if (lost) return;
      if (sequence.phase == Phase::decoding) cache_.take(need);
      slot = sequence.after;
    }
  }

  void preempt(Slot slot, Step& step) {
    ++preemptions_;
    Sequence& sequence = sequences_[slot];
    unlink(slot);
    if (sequence.phase == Phase::finishing) {  // needs no place any more
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

  void admit_waiting(Step& step) {
    std::int64_t left = budget_ - step.shape.tokens();
    while (!waiting_.empty() && left > 0 && running_ < seats_) {
      const Slot slot = waiting_.front();
      Sequence& sequence = sequences_[slot];
      const std::int64_t known = target(sequence);
      if (!cache_.fits(slot, known, known)) {  // scheduler_reserve_full_isl
        step.short_of_blocks = true;
        break;
      }
      const std::int64_t cached = cache_.cached_tokens(slot, known), chunk = std::min(known - cached, left);
      cache_.admit(slot, known, cached + chunk);
      waiting_.pop_front();
      link(slot);
      sequence.phase = Phase::prefilling;
      sequence.computed = static_cast<std::int32_t>(cached);
      compute(slot, chunk, step);
      left -= chunk;
    }
  }

  // Puts a chunk of a prefill, which has its blocks, into the step.
  void compute(Slot slot, std::int64_t chunk, Step& step) {
    Sequence& sequence = sequences_[slot];
    step.shape.prefill.push_back({chunk, sequence.computed});
    sequence.computed += static_cast<std::int32_t>(chunk);
    const bool complete = sequence.computed == target(sequence);
    if (complete) step.prefilled.push_back(slot);
    partial_ = complete ? nobody : slot;
  }

  void begin_decoding(Slot slot, Step& step) {
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

  void finish(Slot slot, std::int64_t context) {
    ++finishing_;
    sequences_[slot].phase = Phase::finishing;
    sequences_[slot].computed = static_cast<std::int32_t>(context);
  }

  void link(Slot slot) {
    Sequence& sequence = sequences_[slot];
    sequence.holds = true;
    sequence.rank = ++admissions_;
    sequence.before = last_;
    sequence.after = nobody;
    (last_ == nobody ? first_ : sequences_[last_].after) = slot;
    last_ = slot;
    ++running_;
  }

  void unlink(Slot slot) {
    Sequence& sequence = sequences_[slot];
    sequence.holds = false;
    (sequence.before == nobody ? first_ : sequences_[sequence.before].after) = sequence.after;
    (sequence.after == nobody ? last_ : sequences_[sequence.after].before) = sequence.before;
    --running_;
  }

  const std::int64_t seats_, budget_, longest_;
  KvCache cache_;
  DecodeBatch batch_;
  std::vector<Sequence> sequences_;
  std::deque<Slot> waiting_;
  Slot first_ = nobody, last_ = nobody;  // of the running, in the order of admission
  Slot partial_ = nobody;                // the one whose prefill has begun but not ended
  std::int64_t running_ = 0, step_ = 0, finishing_ = 0;
  std::uint64_t admissions_ = 0, preemptions_ = 0;
  bool settled_ = false;  // the step planned last admitted all that could be
};

}  // namespace

std::unique_ptr<Scheduler> vllm_v1(const SchedulerInput& input) { return std::make_unique<VllmV1>(input); }

}  // namespace wordline::serve::policy
