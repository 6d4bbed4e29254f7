// Batches that stay as they were formed (generate() of Hugging Face's Transformers, FasterTransformer): as many
// requests as wait, up to max_num_seqs, begin together and none joins them. Prompts are padded to the longest, and
// whoever has its last token keeps its row, and its KV cache, until the longest answer is complete.
#include <algorithm>
#include <deque>
#include <vector>

#include "wordline/serve/scheduler.h"

namespace wordline::serve::policy {
namespace {

struct Member {
  Slot slot = 0;
  std::int32_t prompt = 0, output = 0;
};

class StaticBatching final : public Scheduler {
 public:
  explicit StaticBatching(const SchedulerInput& input)
      : seats_(input.engine.max_num_seqs),
        budget_(input.engine.max_num_batched_tokens),
        longest_(input.max_model_len),
        block_tokens_(input.engine.block_size),
        blocks_(input.kv_blocks) {}

  bool enqueue(Slot slot, const Request& request) override {
    const Member member{slot, request.prompt_tokens, request.output_tokens};
    const std::int64_t tokens = std::int64_t{member.prompt} + member.output;
    if (longest_ > 0 && tokens > longest_) return false;
    if (member.prompt > budget_ || blocks_for(1, member.prompt, member.output) > blocks_) return false;
    waiting_.push_back(member);
    return true;
  }

  bool plan(Step& step) override {
    step.clear();
    if (rows_ > 0 && decoded_ + 1 == batch_.back().output) return false;  // its last step is still running
    if (rows_ == 0) {
      if (waiting_.empty()) return false;
      form(step);
    } else {
      ++decoded_;
      step.shape.decode_sequences = rows_;
      step.shape.decode_context_tokens = rows_ * (prompt_ + decoded_ - 1);
      step.ended_rows = static_cast<std::int64_t>(ended_);
    }
    for (; ended_ < batch_.size() && batch_[ended_].output == decoded_ + 1; ++ended_)
      step.finished.push_back(batch_[ended_].slot);
    return true;
  }

  void complete(const Step& step) override {
    given_back_ += step.finished.size();
    if (given_back_ == batch_.size()) rows_ = used_ = 0;
  }

  std::int64_t repeats(std::int64_t most) override {
    if (rows_ == 0 || ended_ == batch_.size()) return 0;
    return std::min(most, batch_[ended_].output - decoded_ - 2);
  }
  void repeat() override { ++decoded_; }

  std::int64_t blocks_used() const override { return used_; }
  std::int64_t blocks_total() const override { return blocks_; }
  std::uint64_t preemptions() const override { return 0; }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }

 private:
  // The last token is given, but not computed.
  std::int64_t blocks_for(std::int64_t rows, std::int64_t prompt, std::int64_t output) const {
    return rows * ((prompt + output - 1 + block_tokens_ - 1) / block_tokens_);
  }

  // Takes requests in the order of arrival while the padded batch fits the seats, a step and the cache.
  void form(Step& step) {
    batch_.clear();
    std::int64_t prompt = 0, output = 0;
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const Member& next = waiting_.front();
      const auto rows = static_cast<std::int64_t>(batch_.size()) + 1;
      const std::int64_t longer = std::max<std::int64_t>(prompt, next.prompt);
      const std::int64_t more = std::max<std::int64_t>(output, next.output);
      if (blocks_for(rows, longer, more) > blocks_) step.short_of_blocks = true;
      if (step.short_of_blocks || rows > seats_ || rows * longer > budget_) break;
      prompt = longer;
      output = more;
      batch_.push_back(next);
    }
    prompt_ = prompt;
    rows_ = static_cast<std::int64_t>(batch_.size());
    used_ = blocks_for(rows_, prompt, output);
    decoded_ = 0;
    ended_ = given_back_ = 0;
    step.shape.prefill.assign(batch_.size(), {prompt, 0});
    for (const Member& member : batch_) step.prefilled.push_back(member.slot);
    std::stable_sort(batch_.begin(), batch_.end(),
                     [](const Member& a, const Member& b) { return a.output < b.output; });
  }

  const std::int64_t seats_, budget_, longest_, block_tokens_, blocks_;
  std::deque<Member> waiting_;
  std::vector<Member> batch_;               // by the length of their answers
  std::int64_t rows_ = 0, prompt_ = 0;      // of the batch; its prompts as they are padded
  std::int64_t decoded_ = 0;                // decode steps planned
  std::size_t ended_ = 0, given_back_ = 0;  // members whose last token is planned, and those that have it
  std::int64_t used_ = 0;
};

}  // namespace

std::unique_ptr<Scheduler> static_batching(const SchedulerInput& input) {
  return std::make_unique<StaticBatching>(input);
}

}  // namespace wordline::serve::policy
