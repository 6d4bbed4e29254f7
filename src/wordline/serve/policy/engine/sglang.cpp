// SGLang's scheduler as of 0.5.6 (sglang/srt/managers/scheduler.py, schedule_policy.py, schedule_batch.py): prompts go
// first, in extend steps of their own, up to chunked_prefill_size tokens together, the last one cut; while any can be
// admitted, whoever decodes stands still. A request is admitted where its prompt and all it may be given fit beside
// what the running ones are expected to need: new_token_ratio of what they may still be given. That ratio falls with
// every decode step; when tokens run out all the same, requests with the fewest tokens given (of those, the longest
// prompts) are retracted to the end of the queue, and it rises again.
//
// With the overlap schedule a step is planned before the results of the one before are known: who ended there is
// computed once more, for nothing.
#include <algorithm>
#include <deque>
#include <vector>

#include "wordline/serve/decode_batch.h"
#include "wordline/serve/scheduler.h"
#include "wordline/serve/token_pool.h"

namespace wordline::serve::policy {
namespace {

constexpr Slot nobody = ~Slot{0};
// SGLANG_INIT_NEW_TOKEN_RATIO, _MIN_NEW_TOKEN_RATIO_FACTOR, _NEW_TOKEN_RATIO_DECAY_STEPS, _RETRACT_DECODE_STEPS,
// _CLIP_MAX_NEW_TOKENS_ESTIMATION, and where LPM gives up.
constexpr double init_ratio = 0.7, min_ratio_factor = 0.14, decay_steps = 600;
constexpr std::int64_t retract_decode_steps = 20, clip_max_new_tokens = 4096, longest_sorted_queue = 128, page = 1;

// finishing: its last token is planned; tokens and seat come back when that step has run.
enum class Phase : std::uint8_t { waiting, chunked, running, finishing };

struct Sequence {
  Phase phase = Phase::waiting;
  bool fresh = false;                   // the step that completes its prefill has not
  bool padded = false;                  // is computed after its end
  std::int32_t prompt = 0, output = 0;  // tokens asked for
  std::int32_t emitted = 0;             // tokens given when it last stopped decoding
  std::int32_t computed = 0;            // when it last stopped, or began, decoding
  std::int32_t found = -1;              // in the prefix cache, the first time; -1: not counted yet
};

class Sglang final : public Scheduler {
 public:
  explicit Sglang(const SchedulerInput& input)
      : seats_(input.engine.max_num_seqs),
        budget_(input.engine.max_num_batched_tokens),
        max_prefill_(input.engine.max_prefill_tokens),
        longest_(input.max_model_len),
        block_(input.engine.block_size),
        mixed_(input.engine.enable_mixed_chunk),
        overlap_(input.engine.async_scheduling),
        sorted_(input.engine.schedule_policy == "lpm" && input.engine.prefix_caching),
        first_ratio_(std::min(1.0, init_ratio * input.engine.schedule_conservativeness)),
        ratio_(first_ratio_),
        pool_(input.kv_blocks * input.engine.block_size, input.engine.prefix_caching),
        batch_(page) {}

  bool enqueue(Slot slot, const Request& request) override {
    const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
    if (longest_ > 0 && tokens > longest_) return false;
    if (tokens + page >= pool_.total()) return false;  // not even alone
    if (slot >= sequences_.size()) sequences_.resize(slot + 1);
    sequences_[slot] = {};
    sequences_[slot].prompt = request.prompt_tokens;
    sequences_[slot].output = request.output_tokens;
    pool_.open(slot, request);
    waiting_.push_back(slot);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    stash();
    if (shared_) filter();
    shared_ = false;
    const bool work = extend(step) || decode(step) || extend(step);
    settled_ = work && step.shape.prefill.empty() && (full_ || waiting_.empty());
    if (!work) ratio_ = first_ratio_;
    return work;
  }

  void complete(const Step& step) override {
    for (const Slot slot : step.prefilled) {
      Sequence& sequence = sequences_[slot];
      if (sequence.phase == Phase::running && sequence.fresh) pool_.insert(slot, sequence.computed);
      sequence.fresh = false;
    }
    // Without overlap a step with prompts is rid of those that ended before it joins the running batch.
    const bool filtered = !overlap_ && !step.shape.prefill.empty();
    for (const Slot slot : step.finished) {
      Sequence& sequence = sequences_[slot];
      if (sequence.padded) pool_.put_back(1);
      pool_.release(slot, sequence.computed);
      pool_.close(slot);
      ending_context_ -= sequence.computed;
      std::erase(ending_, slot);
      ended_ += filtered ? 0 : 1;
    }
    if (filtered && !step.finished.empty()) full_ = false;
  }

  std::int64_t repeats(std::int64_t most) override {
    if (!settled_ || ended_ > 0 || !ending_.empty() || partial_ != nobody || batch_.size() == 0) return 0;
    most = std::min(most, batch_.first_last_step() - 1 - step_);
    return std::min(most, pool_.available() / batch_.size());
  }

  void repeat() override {
    ++step_;
    pool_.take(batch_.size());
    lower_ratio();
  }

  std::int64_t blocks_used() const override { return (pool_.total() - pool_.available() + block_ - 1) / block_; }
  std::int64_t blocks_total() const override { return pool_.total() / block_; }
  std::uint64_t preemptions() const override { return retractions_; }
  PrefixHits prefix_hits() const override { return hits_; }
  std::int64_t cached_tokens(Slot slot, const Request& request) override {
    pool_.open(slot, request);
    const std::int64_t tokens = pool_.match(slot, request.prompt_tokens);
    pool_.close(slot);
    return tokens;
  }
  std::int64_t found_tokens(Slot slot) const override { return sequences_[slot].found; }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }

 private:
  // What a step of prompts may still take (PrefillAdder).
  struct Room {
    std::int64_t seats = 0, chunk = 0, input = 0;
    double promised = 0;     // tokens that running and admitted requests are expected to need
    std::int64_t mixed = 0;  // tokens of the decoding sequences that share the step
  };
  enum class Added { yes, no_token, other };

  // What a prefill has to compute: the prompt, and after a retraction also the tokens given so far.
  std::int64_t known(Slot slot) const { return sequences_[slot].prompt + sequences_[slot].emitted; }
  // Rows of the running batch; those that ended stay in it until it decodes the next time.
  std::int64_t rows() const { return std::ssize(running_) + std::ssize(ending_) + ended_; }
  double rem_total(const Room& room) const { return static_cast<double>(pool_.available()) - room.promised; }

  // Tokens of a running request that the engine has not seen yet.
  std::int64_t to_come(Slot slot) const {
    const Sequence& sequence = sequences_[slot];
    const bool in_flight = overlap_ && (last_ == Last::decode || sequence.fresh);
    return batch_.last_step(slot) - step_ + (in_flight ? 1 : 0);
  }
  void lower_ratio() {
    const double least = first_ratio_ * min_ratio_factor;
    ratio_ = std::max(ratio_ - (first_ratio_ - least) / decay_steps, least);
  }

  // What the latest chunk of a prompt computed can be found from now on.
  void stash() {
    if (partial_ == nobody || !sequences_[partial_].fresh) return;
    pool_.insert(partial_, sequences_[partial_].computed);
    sequences_[partial_].fresh = false;
    full_ = false;
  }

  // Plans a step of prompts; false where none can be admitted.
  bool extend(Step& step) {
    if (partial_ == nobody && (full_ || waiting_.empty())) return false;
    Room room = empty_room();
    if (room.seats <= 0 && partial_ == nobody) {
      full_ = true;
      return false;
    }
    if (sorted_) sort_waiting();
    if (partial_ != nobody) add_chunk(room, step);
    while (!waiting_.empty() && partial_ == nobody) {
      if (std::ssize(step.shape.prefill) >= room.seats) {
        full_ = true;
        break;
      }
      const Added added = add_waiting(room, step);
      if (added == Added::no_token) full_ = step.short_of_blocks = true;
      if (added != Added::yes) break;
    }
    if (step.shape.prefill.empty()) return false;
    const bool mixes = mixed_ && rows() > ended_;
    if (mixed_) ended_ = 0;
    shared_ = mixes;
    if (mixes)
      decode_all(step);
    else
      interrupt(step);
    last_prefilled_.clear();
    const auto before = std::ssize(running_);
    for (const Slot slot : step.prefilled) begin_decoding(slot, step);
    if (mixes) std::rotate(running_.begin(), running_.begin() + before, running_.end());  // those that join go first
    last_ = mixes ? Last::decode : Last::extend;
    return true;
  }

  Room empty_room() const {
    Room room{.seats = seats_ - rows(), .mixed = mixed_ ? rows() : 0};
    room.chunk = budget_ - room.mixed;
    room.input = max_prefill_ - room.mixed;
    std::int64_t expected = std::ssize(ending_);  // their last token is not seen yet
    for (const Slot slot : running_) expected += std::min(to_come(slot), clip_max_new_tokens);
    room.promised = static_cast<double>(expected) * ratio_ + static_cast<double>(room.mixed);
    return room;
  }

  void sort_waiting() {
    if (std::ssize(waiting_) > longest_sorted_queue) return;
    std::vector<std::pair<std::int64_t, Slot>> found;
    for (const Slot slot : waiting_) found.emplace_back(pool_.match(slot, known(slot)), slot);
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < found.size(); ++i) waiting_[i] = found[i].second;
  }

  // The prompt that is in part computed goes on, even where others may need the tokens.
  void add_chunk(Room& room, Step& step) {
    const Slot slot = partial_;
    const std::int64_t rest = known(slot) - sequences_[slot].computed;
    const auto wanted = static_cast<std::int64_t>(rem_total(room));
    std::int64_t chunk = std::min(rest, wanted > 0 ? std::min(room.chunk, wanted) : room.chunk);
    chunk = std::min(chunk, pool_.available() - room.mixed);
    if (chunk > 0) compute(slot, chunk, room, step);
  }

  Added add_waiting(Room& room, Step& step) {
    const Slot slot = waiting_.front();
    Sequence& sequence = sequences_[slot];
    const std::int64_t all = known(slot), cached = pool_.match(slot, all), rest = all - cached;
    const auto total = static_cast<double>(
        rest + std::min<std::int64_t>(sequence.output - sequence.emitted, clip_max_new_tokens) + page);
    if (total >= rem_total(room)) return Added::no_token;
    if (rest >= room.input && !step.shape.prefill.empty()) return Added::other;
    pool_.lock(slot);
    const bool fits = total < rem_total(room);  // what it found is no longer to be had
    if (!fits || room.chunk <= 0) {
      pool_.unlock(slot, cached);
      return fits ? Added::other : Added::no_token;
    }
    waiting_.pop_front();
    sequence.computed = static_cast<std::int32_t>(cached);
    if (sequence.found < 0) {
      hits_.asked += all;
      hits_.found += cached;
      sequence.found = sequence.computed;
    }
    compute(slot, std::min(rest, room.chunk), room, step);
    if (rem_total(room) <= 0 || pool_.available() - room.mixed <= 0) return Added::no_token;
    return room.input <= 0 || room.chunk <= 0 ? Added::other : Added::yes;
  }

  // Puts a chunk of a prefill into the step.
  void compute(Slot slot, std::int64_t chunk, Room& room, Step& step) {
    Sequence& sequence = sequences_[slot];
    pool_.take(chunk);
    step.shape.prefill.push_back({chunk, sequence.computed});
    sequence.computed += static_cast<std::int32_t>(chunk);
    sequence.fresh = true;
    room.chunk -= chunk;
    room.input -= chunk;
    const bool complete = sequence.computed == known(slot);
    sequence.phase = complete ? Phase::running : Phase::chunked;
    partial_ = complete ? nobody : slot;
    if (!complete) return;
    step.prefilled.push_back(slot);
    room.promised += static_cast<double>(std::min<std::int64_t>(sequence.output, clip_max_new_tokens));
  }

  // Whoever had a token in the step before has none in this one.
  void interrupt(Step& step) {
    const auto& had = last_ == Last::decode ? running_ : last_prefilled_;
    step.interrupted.insert(step.interrupted.end(), had.begin(), had.end());
    paused_.insert(paused_.end(), had.begin(), had.end());
  }

  // Rows of those that have ended leave the running batch.
  void filter() {
    if (ended_ > 0) full_ = false;
    ended_ = 0;
  }

  // Plans a step that decodes; false where nobody is left to.
  bool decode(Step& step) {
    filter();
    if (running_.empty()) return false;
    if (pool_.available() < rows())
      retract(step);
    else
      lower_ratio();
    if (running_.empty()) return false;
    decode_all(step);
    last_ = Last::decode;
    return true;
  }

  // A token for everyone who runs; those whose end the engine does not know yet are computed with them.
  void decode_all(Step& step) {
    ended_ = 0;
    ++step_;
    pool_.take(rows());
    step.ended_rows = std::ssize(ending_);
    step.shape.decode_sequences = batch_.size() + step.ended_rows;
    step.shape.decode_context_tokens = batch_.context_before(step_) + ending_context_;
    for (const Slot slot : ending_) sequences_[slot].padded = true;
    step.resumed.swap(paused_);
    paused_.clear();
    batch_.take_finished(step_, step.finished);
    for (const Slot slot : step.finished) {
      running_.erase(std::find(running_.begin(), running_.end(), slot));
      finish(slot, batch_.context_before(step_ + 1, slot));
    }
  }

  void retract(Step& step) {
    do {
      retract(victim(), step);
    } while (!running_.empty() && pool_.available() < rows());
    double given = 0, asked = 1;
    const auto count = [&](Slot slot, std::int64_t rest) {
      given += static_cast<double>(sequences_[slot].output - rest + retract_decode_steps);
      asked += sequences_[slot].output;
    };
    for (const Slot slot : running_) count(slot, to_come(slot));
    for (const Slot slot : ending_) count(slot, 1);
    ratio_ = std::min(1.0, given / asked);
    step.short_of_blocks = true;
    full_ = false;
  }

  // Fewest tokens given, then longest prompt, then last in the batch.
  Slot victim() const {
    const auto given = [&](Slot slot) { return sequences_[slot].output - to_come(slot); };
    Slot worst = running_.front();
    for (const Slot slot : running_)
      if (given(slot) < given(worst) ||
          (given(slot) == given(worst) && sequences_[slot].prompt >= sequences_[worst].prompt))
        worst = slot;
    return worst;
  }

  void retract(Slot slot, Step& step) {
    ++retractions_;
    Sequence& sequence = sequences_[slot];
    sequence.emitted = static_cast<std::int32_t>(sequence.output - (batch_.last_step(slot) - step_));
    pool_.preempt(slot, batch_.context_before(step_ + 1, slot));
    batch_.leave(slot);
    running_.erase(std::find(running_.begin(), running_.end(), slot));
    if (std::erase(paused_, slot) == 0) step.interrupted.push_back(slot);
    std::erase(last_prefilled_, slot);
    sequence.phase = Phase::waiting;
    sequence.fresh = false;
    sequence.computed = 0;
    waiting_.push_back(slot);
  }

  void begin_decoding(Slot slot, Step& step) {
    Sequence& sequence = sequences_[slot];
    const std::int64_t to_come = sequence.output - sequence.emitted - 1;
    if (to_come == 0) {
      step.finished.push_back(slot);
      finish(slot, sequence.computed);
      return;
    }
    batch_.join(slot, ++admissions_, step_ + 1, sequence.computed, step_ + to_come);
    running_.push_back(slot);
    last_prefilled_.push_back(slot);
  }

  void finish(Slot slot, std::int64_t context) {
    sequences_[slot].phase = Phase::finishing;
    sequences_[slot].computed = static_cast<std::int32_t>(context);
    ending_.push_back(slot);
    ending_context_ += context;
  }

  enum class Last : std::uint8_t { extend, decode };

  const std::int64_t seats_, budget_, max_prefill_, longest_, block_;
  const bool mixed_, overlap_, sorted_;
  const double first_ratio_;
  double ratio_;  // new_token_ratio
  TokenPool pool_;
  DecodeBatch batch_;  // its steps are those that decode
  std::vector<Sequence> sequences_;
  std::deque<Slot> waiting_;
  std::vector<Slot> running_;         // in the order of the running batch
  std::vector<Slot> ending_;          // their last token is under way
  std::vector<Slot> paused_;          // running, but without a token in the latest steps
  std::vector<Slot> last_prefilled_;  // of them, those whose prefill the latest step of prompts completed
  Slot partial_ = nobody;             // the one whose prefill has begun but not ended
  Last last_ = Last::extend;          // what the latest step was
  bool shared_ = false;               // prompts and decoding sequences were both in it
  bool full_ = false;                 // batch_is_full: nobody is admitted until somebody leaves
  bool settled_ = false;              // the step planned last would be followed by its like
  std::int64_t ended_ = 0, ending_context_ = 0, step_ = 0;
  std::uint64_t admissions_ = 0, retractions_ = 0;
  PrefixHits hits_;
};

}  // namespace

std::unique_ptr<Scheduler> sglang(const SchedulerInput& input) { return std::make_unique<Sglang>(input); }

}  // namespace wordline::serve::policy
