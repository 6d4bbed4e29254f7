// TensorRT-LLM's two schedulers written as their source reads, over the list of active requests in every step: slow,
// plain, and sharing no code with the policy it checks. Without block reuse.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <vector>

#include "wordline/serve/scheduler.h"

namespace wordline::serve {

class PlainTrtLlm final : public Scheduler {
 public:
  explicit PlainTrtLlm(const SchedulerInput& input) : input_(input), free_(input.kv_blocks) {}

  bool enqueue(Slot id, const Request& request) override {
    Sequence s;
    s.prompt = request.prompt_tokens;
    s.output = request.output_tokens;
    if (blocks(s.prompt + s.output) > input_.kv_blocks) return false;
    if (!input_.engine.enable_chunked_prefill && s.prompt > budget()) return false;
    all_[id] = s;
    active_.push_back(id);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    std::vector<Slot> fitting;
    if (input_.engine.capacity_scheduler_policy == "MAX_UTILIZATION")
      max_utilization(fitting, step);
    else
      no_evict(fitting);
    micro_batch(fitting, step);
    return step.shape.tokens() > 0;
  }

  void complete(const Step& step) override {
    for (const Slot id : step.finished) {
      free_ += all_[id].held;
      all_.erase(id);
      std::erase(active_, id);
    }
  }

  std::int64_t blocks_used() const override { return input_.kv_blocks - free_; }
  std::int64_t blocks_total() const override { return input_.kv_blocks; }
  std::uint64_t preemptions() const override { return preemptions_; }
  std::int64_t waiting() const override { return 0; }
  std::int64_t repeats(std::int64_t) override { return 0; }
  void repeat() override { throw std::logic_error("the plain scheduler plans every step"); }

 private:
  // `known`: output tokens given or under way. A request generates once its context is complete, is `done` once its
  // last token is under way, and starts when it gets blocks.
  struct Sequence {
    std::int64_t prompt = 0, output = 0, known = 0, computed = 0, held = 0;
    bool generates = false;
    bool done() const { return known == output; }
    bool started() const { return held > 0; }
    std::int64_t context() const { return prompt + known; }
  };
  std::int64_t budget() const { return input_.engine.max_num_batched_tokens; }
  std::int64_t seats() const { return input_.engine.max_num_seqs; }
  std::int64_t blocks(std::int64_t tokens) const {
    return (tokens + input_.engine.block_size - 1) / input_.engine.block_size;
  }
  // The active ones are those with a seat: the first in the order of arrival. One that was paused while its last token
  // is under way has none.
  std::vector<Slot> seated() const {
    std::vector<Slot> out;
    for (const Slot id : active_)
      if (std::ssize(out) < seats() && !(all_.at(id).done() && !all_.at(id).started())) out.push_back(id);
    return out;
  }

  void no_evict(std::vector<Slot>& fitting) {
    std::int64_t available = free_;
    for (const Slot id : seated())
      if (all_[id].generates) {
        available -= blocks(all_[id].prompt + all_[id].output) - all_[id].held;
        fitting.push_back(id);
      }
    for (const Slot id : seated()) {
      if (all_[id].generates) continue;
      const std::int64_t needed = blocks(all_[id].prompt + all_[id].output) - all_[id].held;
      if (needed > available) break;
      available -= needed;
      fitting.push_back(id);
    }
  }

  void max_utilization(std::vector<Slot>& fitting, Step& step) {
    std::vector<Slot> order = seated();
    std::int64_t available = free_;
    for (std::size_t i = 0; i < order.size();) {
      const Sequence& s = all_[order[i]];
      std::int64_t needed = 0;
      if (s.generates && !s.done()) needed = blocks(s.computed + 1) - s.held;
      if (!s.generates && !s.started()) needed = blocks(s.context());
      if (needed <= available) {
        available -= needed;
        fitting.push_back(order[i++]);
        continue;
      }
      std::size_t victim = order.size();
      while (victim > i && !all_[order[victim - 1]].started()) --victim;
      if (victim == i) break;
      available += all_[order[victim - 1]].held;
      pause(order[victim - 1], step);
      order.resize(victim - 1);
    }
  }

  void pause(Slot id, Step& step) {
    Sequence& s = all_[id];
    ++preemptions_;
    free_ += s.held;
    s.held = 0;
    if (s.done()) return;
    if (s.generates) step.interrupted.push_back(id);
    s.computed = 0;
    s.generates = false;
  }

  void micro_batch(const std::vector<Slot>& fitting, Step& step) {
    std::int64_t tokens = 0;
    for (const Slot id : fitting) tokens += all_[id].generates && !all_[id].done();
    step.shape.decode_sequences = tokens;
    std::vector<Slot> contexts;
    for (const Slot id : fitting) {
      if (!all_[id].generates) contexts.push_back(id);
      if (!all_[id].generates || all_[id].done()) continue;
      hold(id, all_[id].computed + 1);
      step.shape.decode_context_tokens += all_[id].computed++;
      give(id, step);
    }
    const std::int64_t unit = std::min<std::int64_t>(input_.engine.block_size, budget());
    for (const Slot id : contexts) {
      Sequence& s = all_[id];
      const std::int64_t rest = s.context() - s.computed, room = budget() - tokens;
      const bool whole = !input_.engine.enable_chunked_prefill && s.context() <= budget();
      const std::int64_t chunk = rest <= room ? rest : whole ? 0 : room / unit * unit;
      if (chunk == 0) break;
      hold(id, s.context());
      step.shape.prefill.push_back({chunk, s.computed});
      s.computed += chunk;
      tokens += chunk;
      if (chunk < rest) break;
      s.generates = true;
      step.prefilled.push_back(id);
      give(id, step);
    }
  }

  void hold(Slot id, std::int64_t tokens) {
    Sequence& s = all_[id];
    const std::int64_t more = std::max<std::int64_t>(0, blocks(tokens) - s.held);
    if (more > free_) throw std::logic_error("a request was scheduled without blocks");
    free_ -= more;
    s.held += more;
  }
  void give(Slot id, Step& step) {
    if (++all_[id].known == all_[id].output) step.finished.push_back(id);
  }

  SchedulerInput input_;
  std::map<Slot, Sequence> all_;
  std::deque<Slot> active_;
  std::int64_t free_;
  std::uint64_t preemptions_ = 0;
};

}  // namespace wordline::serve
