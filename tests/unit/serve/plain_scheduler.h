// vLLM V1's scheduling written as its source reads, request by request and token by token: slow, plain, and sharing no
// code with the policy it checks.
#pragma once

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <vector>

#include "wordline/serve/scheduler.h"

namespace wordline::serve {

class PlainScheduler final : public Scheduler {
 public:
  explicit PlainScheduler(const SchedulerInput& input) : input_(input), free_(input.kv_blocks - 1) {}

  bool enqueue(Slot id, const Request& request) override {
    if (id >= all_.size()) all_.resize(id + 1);
    all_[id] = {};
    all_[id].prompt = request.prompt_tokens;
    all_[id].output = request.output_tokens;
    if (blocks(all_[id].prompt + all_[id].output - 1) > blocks_total()) return false;
    waiting_.push_back(id);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    std::int64_t budget = input_.engine.max_num_batched_tokens;
    bool preempted = false;
    for (std::size_t i = 0; i < running_.size() && budget > 0; ++i) {
      const Slot id = running_[i];
      if (all_[id].known == all_[id].output) continue;  // its last token is under way
      const std::int64_t tokens = std::min(all_[id].prompt + all_[id].known - all_[id].computed, budget);
      bool lost = false;
      while (!lost && !allocate(id, tokens)) {
        lost = running_.back() == id;
        preempt(step);
        preempted = true;
      }
      if (lost) break;
      budget -= tokens;
      schedule(id, tokens, step);
    }
    while (!preempted && !waiting_.empty() && budget > 0 &&
           running_.size() < static_cast<std::size_t>(input_.engine.max_num_seqs)) {
      const Slot id = waiting_.front();
      const std::int64_t all_tokens = all_[id].prompt + all_[id].known;
      if (blocks(all_tokens) > free_) break;
      waiting_.pop_front();
      running_.push_back(id);
      const std::int64_t tokens = std::min(all_tokens, budget);
      allocate(id, tokens);
      budget -= tokens;
      schedule(id, tokens, step);
    }
    return budget < input_.engine.max_num_batched_tokens;
  }

  void complete(const Step& step) override {
    for (const Slot id : step.finished) {
      free_ += all_[id].held;
      all_[id].held = 0;
      std::erase(running_, id);
      std::erase(waiting_, id);
    }
  }

  std::int64_t blocks_used() const override { return blocks_total() - free_; }
  std::int64_t blocks_total() const override { return input_.kv_blocks - 1; }
  std::uint64_t preemptions() const override { return preemptions_; }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }
  std::int64_t repeats(std::int64_t) override { return 0; }
  void repeat() override { throw std::logic_error("the plain scheduler plans every step"); }

 private:
  // `known`: output tokens given or under way.
  struct Sequence {
    std::int64_t prompt = 0, output = 0, known = 0, computed = 0, held = 0;
    bool token_in_last_step = false;
  };
  std::int64_t blocks(std::int64_t tokens) const {
    return (tokens + input_.engine.block_size - 1) / input_.engine.block_size;
  }
  bool allocate(Slot id, std::int64_t tokens) {
    const std::int64_t more = blocks(all_[id].computed + tokens) - all_[id].held;
    if (more > free_) return false;
    free_ -= more;
    all_[id].held += more;
    return true;
  }
  void schedule(Slot id, std::int64_t tokens, Step& step) {
    Sequence& s = all_[id];
    const bool decode = s.computed >= s.prompt && s.computed + 1 == s.prompt + s.known && s.token_in_last_step;
    if (decode) {
      ++step.shape.decode_sequences;
      step.shape.decode_context_tokens += s.computed;
    } else {
      step.shape.prefill.push_back({tokens, s.computed});
    }
    s.computed += tokens;
    s.token_in_last_step = s.computed == s.prompt + s.known;
    if (!s.token_in_last_step) return;
    if (!decode) step.prefilled.push_back(id);
    if (++s.known == s.output) step.finished.push_back(id);
  }
  void preempt(Step& step) {
    const Slot id = running_.back();
    running_.pop_back();
    ++preemptions_;
    free_ += all_[id].held;
    if (all_[id].token_in_last_step && all_[id].known < all_[id].output) step.interrupted.push_back(id);
    all_[id].held = all_[id].computed = 0;
    all_[id].token_in_last_step = false;
    waiting_.push_front(id);
  }

  SchedulerInput input_;
  std::vector<Sequence> all_;
  std::vector<Slot> running_;
  std::deque<Slot> waiting_;
  std::int64_t free_;
  std::uint64_t preemptions_ = 0;
};

}  // namespace wordline::serve
