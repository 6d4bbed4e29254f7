// vLLM V1's scheduler as of vLLM 0.19.0 (vllm/v1/core/sched/scheduler.py, kv_cache_manager.py): a budget of tokens per
// step; running requests first, in the order of admission; then waiting ones, first come first served, while seats,
// budget and blocks last; prompts in chunks; when blocks run out the last running request loses its blocks and goes
// back to the head of the queue (preemption by recompute).
//
// Since seats never exceed the budget, every decoding request gets its token in every step, and at most one prompt is
// ever in part computed: it exhausted a budget, so nothing was admitted behind it. That is why DecodeBatch suffices.
#include <algorithm>
#include <deque>

#include "wordline/core/error.h"
#include "wordline/serve/block_pool.h"
#include "wordline/serve/decode_batch.h"
#include "wordline/serve/scheduler.h"

namespace wordline::serve::policy {
namespace {

constexpr Id nobody = ~Id{0};

// finishing: its last token is planned, blocks and seat come back when that step has run.
enum class Phase : std::uint8_t { waiting, prefilling, decoding, finishing, done };

struct Sequence {
  Phase phase = Phase::waiting;
  std::int32_t emitted = 0;            // tokens given when it last stopped decoding
  std::int32_t computed = 0;           // of a prefilling one
  std::int64_t held = 0;               // blocks of a prefilling or finishing one
  Id before = nobody, after = nobody;  // neighbours among the running
};

class VllmV1 final : public Scheduler {
 public:
  explicit VllmV1(const SchedulerInput& input)
      : seats_(input.engine.max_num_seqs),
        budget_(input.engine.max_num_batched_tokens),
        longest_(input.max_model_len),
        requests_(input.requests),
        pool_(input.kv_blocks - 1, input.engine.block_size),  // block 0 is vLLM's null block
        batch_(input.requests.size(), input.engine.block_size),
        sequences_(input.requests.size()) {}

  bool enqueue(Id id) override {
    const std::int64_t tokens = std::int64_t{requests_[id].prompt_tokens} + requests_[id].output_tokens;
    if (longest_ > 0 && tokens > longest_) return false;
    if (pool_.needed(tokens - 1) > pool_.total()) return false;  // the last token is never computed
    waiting_.push_back(id);
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
    for (const Id id : step.finished) finish(id, batch_.context_before(step_ + 1, id));
    for (const Id id : step.prefilled) begin_decoding(id, step);
    const bool work = step.shape.tokens() > 0;
    if (!work) --step_;
    return work;
  }

  void complete(const Step& step) override {
    for (const Id id : step.finished) {
      Sequence& sequence = sequences_[id];
      if (sequence.held > 0) {  // not preempted while its last token was under way
        pool_.give(sequence.held);
        sequence.held = 0;
        unlink(id);
      }
      sequence.phase = Phase::done;
    }
  }

  std::int64_t blocks_used() const override { return pool_.used(); }
  std::int64_t blocks_total() const override { return pool_.total(); }
  std::uint64_t preemptions() const override { return preemptions_; }

 private:
  // What a prefill has to compute: the prompt, and after a preemption also the tokens given so far.
  std::int64_t target(Id id) const { return requests_[id].prompt_tokens + sequences_[id].emitted; }

  std::int64_t next_chunk(std::int64_t budget) const {
    return partial_ == nobody ? 0 : std::min(target(partial_) - sequences_[partial_].computed, budget);
  }
  std::int64_t blocks_for(Id id, std::int64_t chunk) const {
    return pool_.needed(sequences_[id].computed + chunk) - sequences_[id].held;
  }

  // Gives every running request its tokens; false where some had to be preempted.
  bool schedule_running(Step& step) {
    const std::int64_t chunk = next_chunk(budget_ - batch_.size());
    const std::int64_t for_chunk = partial_ == nobody ? 0 : blocks_for(partial_, chunk);
    const bool enough = batch_.blocks_needed(step_) + for_chunk <= pool_.free();
    if (enough)
      pool_.take(batch_.blocks_needed(step_));
    else
      schedule_one_by_one(step);
    step.shape.decode_sequences = batch_.size();
    step.shape.decode_context_tokens = batch_.context_before(step_);
    if (partial_ != nobody) compute(partial_, next_chunk(budget_ - batch_.size()), step);
    return enough;
  }

  // In the order of admission; who finds no free block pushes out the last one, at worst itself.
  void schedule_one_by_one(Step& step) {
    for (Id id = first_; id != nobody;) {
      const Sequence& sequence = sequences_[id];
      std::int64_t need = 0;
      if (sequence.phase == Phase::decoding)
        need = pool_.needed(batch_.context_before(step_, id) + 1) - pool_.needed(batch_.context_before(step_, id));
      else if (sequence.phase == Phase::prefilling)
        need = blocks_for(id, next_chunk(budget_ - batch_.size()));
      bool lost = false;
      while (!lost && need > pool_.free()) {
        lost = last_ == id;
        preempt(last_, step);
      }
      if (lost) return;
      if (sequence.phase == Phase::decoding) pool_.take(need);
      id = sequence.after;
    }
  }

  void preempt(Id id, Step& step) {
    ++preemptions_;
    Sequence& sequence = sequences_[id];
    unlink(id);
    if (sequence.phase == Phase::decoding) {
      pool_.give(pool_.needed(batch_.context_before(step_, id)));
      const std::int64_t to_come = batch_.last_step(id) - step_ + 1;
      sequence.emitted = static_cast<std::int32_t>(requests_[id].output_tokens - to_come);
      batch_.leave(id);
      step.interrupted.push_back(id);
    } else {
      pool_.give(sequence.held);
      sequence.held = 0;
    }
    if (sequence.phase == Phase::finishing) return;  // needs no place any more
    if (id == partial_) partial_ = nobody;
    sequence.phase = Phase::waiting;
    sequence.computed = 0;
    waiting_.push_front(id);
  }

  void admit_waiting(Step& step) {
    std::int64_t left = budget_ - step.shape.tokens();
    while (!waiting_.empty() && left > 0 && running_ < seats_) {
      const Id id = waiting_.front();
      if (pool_.needed(target(id)) > pool_.free()) {  // scheduler_reserve_full_isl
        step.short_of_blocks = true;
        break;
      }
      waiting_.pop_front();
      link(id);
      sequences_[id].phase = Phase::prefilling;
      const std::int64_t chunk = std::min(target(id), left);
      compute(id, chunk, step);
      left -= chunk;
    }
  }

  // Puts a chunk of a prefill into the step.
  void compute(Id id, std::int64_t chunk, Step& step) {
    Sequence& sequence = sequences_[id];
    const std::int64_t more = blocks_for(id, chunk);
    pool_.take(more);
    sequence.held += more;
    step.shape.prefill.push_back({chunk, sequence.computed});
    sequence.computed += static_cast<std::int32_t>(chunk);
    const bool complete = sequence.computed == target(id);
    if (complete) step.prefilled.push_back(id);
    partial_ = complete ? nobody : id;
  }

  void begin_decoding(Id id, Step& step) {
    Sequence& sequence = sequences_[id];
    const std::int64_t context = sequence.computed;
    const std::int64_t to_come = requests_[id].output_tokens - sequence.emitted - 1;
    if (to_come == 0) {
      step.finished.push_back(id);
      finish(id, context);
      return;
    }
    sequence.phase = Phase::decoding;
    sequence.held = 0;
    batch_.join(id, step_ + 1, context, step_ + to_come);
  }

  void finish(Id id, std::int64_t context) {
    sequences_[id].phase = Phase::finishing;
    sequences_[id].held = pool_.needed(context);
  }

  void link(Id id) {
    sequences_[id].before = last_;
    sequences_[id].after = nobody;
    (last_ == nobody ? first_ : sequences_[last_].after) = id;
    last_ = id;
    ++running_;
  }

  void unlink(Id id) {
    const Sequence& sequence = sequences_[id];
    (sequence.before == nobody ? first_ : sequences_[sequence.before].after) = sequence.after;
    (sequence.after == nobody ? last_ : sequences_[sequence.after].before) = sequence.before;
    --running_;
  }

  const std::int64_t seats_, budget_, longest_;
  const std::span<const Request> requests_;
  BlockPool pool_;
  DecodeBatch batch_;
  std::vector<Sequence> sequences_;
  std::deque<Id> waiting_;
  Id first_ = nobody, last_ = nobody;  // of the running, in the order of admission
  Id partial_ = nobody;                // the one whose prefill has begun but not ended
  std::int64_t running_ = 0, step_ = 0;
  std::uint64_t preemptions_ = 0;
};

}  // namespace

std::unique_ptr<Scheduler> vllm_v1(const SchedulerInput& input) { return std::make_unique<VllmV1>(input); }

}  // namespace wordline::serve::policy
