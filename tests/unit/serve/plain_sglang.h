// SGLang's scheduler written as its source reads, with batches as lists of requests whose results are processed when
// their step has run: slow, plain, and sharing no code with the policy it checks. Without a radix cache.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <vector>

#include "wordline/serve/scheduler.h"

namespace wordline::serve {

class PlainSglang final : public Scheduler {
 public:
  explicit PlainSglang(const SchedulerInput& input)
      : input_(input), total_(input.kv_blocks * input.engine.block_size), free_(total_) {
    ratio_ = first_ratio();
  }

  bool enqueue(Slot id, const Request& request) override {
    Sequence s;
    s.prompt = request.prompt_tokens;
    s.output = request.output_tokens;
    if (s.prompt + s.output + 1 >= total_) return false;
    all_[id] = s;
    waiting_.push_back(id);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    ++now_;
    if (get_next_batch(step) || get_next_batch(step)) return true;  // the event loop comes round again
    --now_;
    ratio_ = first_ratio();
    return false;
  }

  void complete(const Step& step) override {
    const Results results = in_flight_.front();
    in_flight_.pop_front();
    for (const Slot id : results) {
      if (!all_[id].finished) ++all_[id].known;  // otherwise it was computed after its end
    }
    for (const Slot id : step.finished) {
      free_ += all_[id].held;
      all_[id].held = 0;
      all_[id].finished = true;
    }
  }

  std::int64_t blocks_used() const override {
    return (total_ - free_ + input_.engine.block_size - 1) / input_.engine.block_size;
  }
  std::int64_t blocks_total() const override { return input_.kv_blocks; }
  std::uint64_t preemptions() const override { return retractions_; }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }
  std::int64_t repeats(std::int64_t) override { return 0; }
  void repeat() override { throw std::logic_error("the plain scheduler plans every step"); }

 private:
  using Results = std::vector<Slot>;
  // `known`: output tokens whose results are processed; `launched`: those and what is under way.
  struct Sequence {
    std::int64_t prompt = 0, output = 0, known = 0, launched = 0, computed = 0, held = 0;
    std::int64_t token_at = -1;  // the step that gave its latest token
    bool finished = false;
    bool over() const { return launched == output; }
  };

  double first_ratio() const { return std::min(1.0, 0.7 * input_.engine.schedule_conservativeness); }

  bool get_next_batch(Step& step) {
    if (last_is_extend_) {
      const std::size_t before = last_.size();
      std::erase_if(last_, [&](Slot id) { return all_[id].finished || (chunked_ && id == chunk_); });
      if (last_.size() < before) full_ = false;
      running_.insert(running_.end(), last_.begin(), last_.end());
      last_is_extend_ = false;
    }
    return new_prefill(step) || update_running(step);
  }

  bool new_prefill(Step& step) {
    if ((full_ || waiting_.empty()) && !chunked_) return false;
    const std::int64_t batch = std::ssize(running_), seats = input_.engine.max_num_seqs - batch;
    if (seats <= 0 && !chunked_) {
      full_ = true;
      return false;
    }
    const std::int64_t mixed = input_.engine.enable_mixed_chunk ? batch : 0;
    std::int64_t chunk_left = input_.engine.max_num_batched_tokens - mixed;
    std::int64_t input_left = input_.engine.max_prefill_tokens - mixed;
    std::int64_t expected = 0;
    for (const Slot id : running_) expected += std::min<std::int64_t>(all_[id].output - all_[id].known, 4096);
    double offset = static_cast<double>(expected) * ratio_ + static_cast<double>(mixed);
    const auto rest_of_pool = [&] { return static_cast<double>(free_) - offset; };
    std::vector<Slot> can_run;
    const auto run = [&](Slot id, std::int64_t tokens) {
      Sequence& s = all_[id];
      step.shape.prefill.push_back({tokens, s.computed});
      s.computed += tokens;
      s.held += tokens;
      free_ -= tokens;
      chunk_left -= tokens;
      input_left -= tokens;
      can_run.push_back(id);
      chunked_ = s.computed < s.prompt + s.launched;
      chunk_ = id;
      if (!chunked_) offset += static_cast<double>(std::min<std::int64_t>(s.output, 4096));
    };
    if (chunked_) {
      const Sequence& s = all_[chunk_];
      std::int64_t room = std::min(chunk_left, static_cast<std::int64_t>(rest_of_pool()));
      if (static_cast<std::int64_t>(rest_of_pool()) <= 0) room = chunk_left;
      room = std::min(room, free_ - mixed);
      if (room > 0) run(chunk_, std::min(room, s.prompt + s.launched - s.computed));
    }
    while (!waiting_.empty() && !chunked_) {
      const Slot id = waiting_.front();
      const Sequence& s = all_[id];
      if (std::ssize(can_run) >= seats) {
        full_ = true;
        break;
      }
      const std::int64_t tokens = s.prompt + s.launched;
      const auto needed = static_cast<double>(tokens + std::min<std::int64_t>(s.output - s.launched, 4096) + 1);
      if (needed >= rest_of_pool()) {
        full_ = true;
        break;
      }
      if ((tokens >= input_left && !can_run.empty()) || chunk_left <= 0) break;
      waiting_.pop_front();
      run(id, std::min(tokens, chunk_left));
      if (rest_of_pool() <= 0 || free_ - mixed <= 0) {
        full_ = true;
        break;
      }
      if (input_left <= 0 || chunk_left <= 0) break;
    }
    if (can_run.empty()) return false;
    last_ = can_run;
    std::erase_if(can_run, [&](Slot id) { return chunked_ && id == chunk_; });
    bool mixes = false;
    if (mixed > 0) {
      std::erase_if(running_, [&](Slot id) { return all_[id].finished; });
      mixes = !running_.empty();
    }
    Results results = can_run;
    if (mixes) {
      launch_decode(step, results);
      last_.insert(last_.end(), running_.begin(), running_.end());
      running_.clear();
    } else {
      for (const Slot id : running_)
        if (!all_[id].over() && all_[id].token_at == now_ - 1) step.interrupted.push_back(id);
    }
    for (const Slot id : can_run) {
      step.prefilled.push_back(id);
      launch_token(id, step);
    }
    in_flight_.push_back(results);
    last_is_extend_ = true;
    return true;
  }

  bool update_running(Step& step) {
    const std::size_t before = running_.size();
    std::erase_if(running_, [&](Slot id) { return all_[id].finished; });
    if (running_.size() < before) full_ = false;
    const auto live = [&] {
      return std::any_of(running_.begin(), running_.end(), [&](Slot id) { return !all_[id].over(); });
    };
    if (!live()) return false;
    if (free_ < std::ssize(running_)) {
      do retract(step);
      while (live() && free_ < std::ssize(running_));
      double given = 0, asked = 1;
      for (const Slot id : running_) {
        given += static_cast<double>(all_[id].known + 20);
        asked += static_cast<double>(all_[id].output);
      }
      ratio_ = std::min(1.0, given / asked);
      full_ = false;
      if (!live()) return false;
    } else {
      const double least = first_ratio() * 0.14;
      ratio_ = std::max(ratio_ - (first_ratio() - least) / 600.0, least);
    }
    Results results;
    launch_decode(step, results);
    in_flight_.push_back(results);
    return true;
  }

  void launch_decode(Step& step, Results& results) {
    for (const Slot id : running_) {
      Sequence& s = all_[id];
      ++step.shape.decode_sequences;
      step.shape.decode_context_tokens += s.computed++;
      ++s.held;
      --free_;
      results.push_back(id);
      if (s.over()) {
        ++step.ended_rows;
        continue;
      }
      if (s.token_at != now_ - 1) step.resumed.push_back(id);
      launch_token(id, step);
    }
  }

  void launch_token(Slot id, Step& step) {
    all_[id].token_at = now_;
    if (++all_[id].launched == all_[id].output) step.finished.push_back(id);
  }

  // The last in Python's sort by (tokens given, -prompt), reversed.
  void retract(Step& step) {
    std::vector<Slot> sorted;
    for (const Slot id : running_)
      if (!all_[id].over()) sorted.push_back(id);
    std::stable_sort(sorted.begin(), sorted.end(), [&](Slot a, Slot b) {
      const Sequence &x = all_[a], &y = all_[b];
      return x.known != y.known ? x.known > y.known : x.prompt < y.prompt;
    });
    const Slot id = sorted.back();
    Sequence& s = all_[id];
    ++retractions_;
    free_ += s.held;
    s.held = s.computed = 0;
    s.known = s.launched;  // what is under way is kept
    for (Results& results : in_flight_) std::erase(results, id);
    if (s.token_at == now_ - 1) step.interrupted.push_back(id);
    std::erase(running_, id);
    waiting_.push_back(id);
  }

  SchedulerInput input_;
  std::int64_t total_, free_, now_ = 0;
  double ratio_ = 0;
  std::map<Slot, Sequence> all_;
  std::deque<Slot> waiting_;
  std::vector<Slot> running_, last_;
  std::deque<Results> in_flight_;
  bool full_ = false, last_is_extend_ = false, chunked_ = false;
  Slot chunk_ = 0;
  std::uint64_t retractions_ = 0;
};

}  // namespace wordline::serve
