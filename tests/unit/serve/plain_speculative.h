// vLLM V1's scheduling with drafts written in the variables of its source (num_computed_tokens,
// num_output_placeholders, spec_token_ids), request by request: it shares no code with the scheduler it checks but the
// draw of what is accepted.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "wordline/serve/scheduler.h"

namespace wordline::serve {

class PlainSpeculative final : public Scheduler {
 public:
  explicit PlainSpeculative(const SchedulerInput& input)
      : input_(input),
        drafts_(input.engine.speculation.num_speculative_tokens),
        lookahead_(input.engine.speculation.method == "draft-model" ? drafts_ : 0),
        budget_(input.engine.max_num_batched_tokens - (lookahead_ > 0 ? input.engine.max_num_seqs : 0)),
        acceptance_(input.engine.speculation),
        free_(input.kv_blocks - 1) {}

  bool enqueue(Slot id, const Request& request) override {
    if (id >= all_.size()) all_.resize(id + 1);
    all_[id] = {};
    all_[id].name = request.id;
    all_[id].prompt = all_[id].num_tokens = request.prompt_tokens;
    all_[id].max_tokens = request.output_tokens;
    const std::int64_t tokens = std::int64_t{request.prompt_tokens} + request.output_tokens;
    if (input_.max_model_len > 0 && tokens > input_.max_model_len) return false;
    // What it may ask for when it is alone and vLLM's check of max_model_len has not been made.
    std::int64_t most = tokens - 1 + drafts_ * (input_.engine.async_scheduling ? 2 : 1) + lookahead_;
    if (input_.max_model_len > 0) most = std::min<std::int64_t>(most, input_.max_model_len);
    if (blocks(most) > blocks_total()) return false;
    waiting_.push_back(id);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    step.shape.decode_queries = step.shape.decode_rows = drafts_ + 1;
    return schedule(step);
  }

  void complete(const Step&) override {
    const Output output = flying_.front();
    flying_.pop_front();
    for (const auto& [id, spec, generated] : output) {
      R& r = all_[id];
      if (generated == 0) continue;
      const std::int64_t accepted = generated - 1, rejected = spec - accepted;
      if (spec > 0 && r.num_computed_tokens > 0) r.num_computed_tokens -= rejected;
      if (spec > 0 && r.num_output_placeholders > 0) r.num_output_placeholders -= rejected;
      const std::int64_t kept = std::min(generated, r.prompt + r.max_tokens - r.num_tokens);
      r.num_tokens += kept;
      if (input_.engine.async_scheduling) r.num_output_placeholders -= kept;
      if (!input_.engine.async_scheduling) r.spec = drafts_;
      if (r.num_tokens < r.prompt + r.max_tokens) continue;
      r.finished = true;
      free_ += r.held;
      r.held = 0;
      std::erase(running_, id);
      std::erase(waiting_, id);
    }
  }

  std::int64_t blocks_used() const override { return blocks_total() - free_; }
  std::int64_t blocks_total() const override { return input_.kv_blocks - 1; }
  std::uint64_t preemptions() const override { return preemptions_; }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }
  std::int64_t repeats(std::int64_t) override { return 0; }
  void repeat() override {}

 private:
  struct R {
    std::uint64_t name = 0, verified = 0;
    std::int64_t prompt = 0, max_tokens = 0, num_tokens = 0;
    std::int64_t num_computed_tokens = 0, num_output_placeholders = 0, spec = 0, held = 0;
    std::int64_t truth = 0;            // tokens given, whether it is told or not
    bool before = false, now = false;  // had tokens in the step before, in this one
    bool decoding = false, finished = false;
  };
  struct Planned {
    Slot id;
    std::int64_t spec, generated;
  };
  using Output = std::vector<Planned>;

  std::int64_t blocks(std::int64_t tokens) const {
    return (tokens + input_.engine.block_size - 1) / input_.engine.block_size;
  }
  bool allocate(R& r, std::int64_t tokens, std::int64_t lookahead) {
    std::int64_t slots = r.num_computed_tokens + tokens + lookahead;
    if (input_.max_model_len > 0) slots = std::min<std::int64_t>(slots, input_.max_model_len);
    const std::int64_t more = std::max<std::int64_t>(0, blocks(slots) - r.held);
    if (more > free_) return false;
    free_ -= more;
    r.held += more;
    return true;
  }

  bool schedule(Step& step) {
    std::int64_t budget = budget_;
    Output output;
    bool preempted = false;
    for (std::size_t i = 0; i < running_.size() && budget > 0; ++i) {
      const Slot id = running_[i];
      R& r = all_[id];
      if (r.num_output_placeholders > 0 &&
          r.num_computed_tokens + 2 - r.num_output_placeholders >= r.prompt + r.max_tokens)
        continue;
      std::int64_t tokens = r.num_tokens + r.spec + r.num_output_placeholders - r.num_computed_tokens;
      tokens = std::min(tokens, budget);
      if (input_.max_model_len > 0)
        tokens = std::min<std::int64_t>(tokens, input_.max_model_len - 1 - r.num_computed_tokens);
      if (tokens == 0) continue;
      bool lost = false;
      while (!lost && !allocate(r, tokens, lookahead_)) {
        lost = running_.back() == id;
        preempt(step);
        preempted = true;
      }
      if (lost) break;
      budget -= tokens;
      const std::int64_t spec =
          std::max<std::int64_t>(0, tokens + r.num_computed_tokens - r.num_tokens - r.num_output_placeholders);
      work(id, tokens, std::min(spec, r.spec), step, output);
    }
    while (!preempted && !waiting_.empty() && budget > 0 &&
           running_.size() < static_cast<std::size_t>(input_.engine.max_num_seqs)) {
      const Slot id = waiting_.front();
      R& r = all_[id];
      if (blocks(r.num_tokens) > free_) break;
      waiting_.pop_front();
      running_.push_back(id);
      const std::int64_t tokens = std::min(r.num_tokens, budget);
      allocate(r, tokens, 0);
      budget -= tokens;
      work(id, tokens, 0, step, output);
    }
    if (budget == budget_) return false;
    for (R& r : all_) {
      if (r.before && !r.now && r.held > 0 && r.truth < r.max_tokens)
        step.interrupted.push_back(static_cast<Slot>(&r - all_.data()));
      r.before = std::exchange(r.now, false);
    }
    flying_.push_back(output);
    return true;
  }

  // What the model does with the tokens, and what the engine reckons with until it is told (_update_after_schedule).
  void work(Slot id, std::int64_t tokens, std::int64_t spec, Step& step, Output& output) {
    R& r = all_[id];
    const bool decode = r.decoding, ended = r.truth == r.max_tokens;
    const std::int64_t context = r.prompt + r.truth - 1;
    r.num_computed_tokens += tokens;
    const bool last_chunk = r.num_computed_tokens >= r.num_tokens + r.num_output_placeholders;
    r.decoding = last_chunk;
    r.spec = 0;
    std::int64_t generated = 0;
    if (!decode) {
      step.shape.prefill.push_back({tokens, r.num_computed_tokens - tokens});
      if (last_chunk) generated = 1;
    } else {
      if (tokens == drafts_ + 1) {
        ++step.shape.decode_sequences;
        step.shape.decode_context_tokens += context;
      } else {
        ++step.cut_rows;
        step.shape.prefill.push_back({tokens, context, true});
      }
      step.ended_rows += ended;
      if (!ended) generated = 1;
      if (!ended && spec > 0)
        generated +=
            std::min<std::int64_t>(spec, acceptance_.accepted(r.name, r.verified++, acceptance_.rate_of(r.name)));
    }
    output.push_back({id, spec, generated});
    if (input_.engine.async_scheduling && last_chunk) {
      r.num_output_placeholders += 1 + spec;
      r.spec = drafts_;
    }
    if (generated == 0) return;
    const std::int64_t kept = std::min(generated, r.max_tokens - r.truth);
    r.truth += kept;
    r.now = true;
    if (!decode) step.prefilled.push_back(id);
    if (decode) step.accepted += kept - 1;
    if (decode && !r.before) step.resumed.push_back(id);
    if (r.truth == r.max_tokens) step.finished.push_back(id);
  }

  void preempt(Step& step) {
    const Slot id = running_.back();
    R& r = all_[id];
    running_.pop_back();
    ++preemptions_;
    free_ += r.held;
    r.held = r.num_computed_tokens = r.spec = 0;
    r.decoding = false;
    if (r.before && r.truth < r.max_tokens) step.interrupted.push_back(id);
    r.before = false;
    waiting_.push_front(id);
  }

  SchedulerInput input_;
  std::int64_t drafts_, lookahead_, budget_;
  Acceptance acceptance_;
  std::vector<R> all_;
  std::vector<Slot> running_;
  std::deque<Slot> waiting_;
  std::deque<Output> flying_;
  std::int64_t free_;
  std::uint64_t preemptions_ = 0;
};

}  // namespace wordline::serve
