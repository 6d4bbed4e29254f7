// What every engine policy owes its callers, whatever it schedules first.
#include <gmock/gmock.h>

#include <set>

#include "../../unit/serve/servers.h"

namespace wordline::serve {
namespace {

class EnginePolicy : public testing::TestWithParam<std::string> {};

// Drives a scheduler alone through random arrivals and holds every step to the contract.
class Watch {
 public:
  Watch(const Engine& engine, std::int64_t usable_blocks, const Workload& workload)
      : engine_(engine), requests_(workload.requests), given_(workload.requests.size()) {
    scheduler_ = make_scheduler({engine, with_null_block(usable_blocks), 0});
  }

  void serve(core::Random& random) {
    Step step, next;
    bool running = false, planned = false;
    for (int idle = 0; idle < 3;) {
      for (auto n = random.below(3); n > 0 && arrived_ < requests_.size(); --n, ++arrived_)
        if (!scheduler_->enqueue(arrived_, requests_[arrived_])) ended_.insert(arrived_);
      planned = scheduler_->plan(next);
      if (planned) look_at(next);
      if (running) end(step);
      std::swap(step, next);
      running = planned;
      if (running && !engine_.async_scheduling) {
        end(step);
        running = false;
      }
      idle = planned || arrived_ < requests_.size() ? 0 : idle + 1;
    }
    EXPECT_EQ(ended_.size(), requests_.size());
    EXPECT_EQ(scheduler_->blocks_used(), 0);
  }

 private:
  void look_at(const Step& step) {
    EXPECT_GT(step.shape.tokens(), 0);
    EXPECT_LE(step.shape.tokens(), engine_.max_num_batched_tokens);
    EXPECT_LE(step.shape.logits_rows(), engine_.max_num_seqs);
    EXPECT_LE(step.prefilled.size(), step.shape.prefill.size());
    EXPECT_LE(scheduler_->blocks_used(), scheduler_->blocks_total());
    EXPECT_GE(scheduler_->blocks_used() * engine_.block_size,
              step.shape.decode_context_tokens + step.shape.decode_sequences);
  }

  void end(const Step& step) {
    tokens_ += static_cast<std::uint64_t>(step.decoded()) + step.prefilled.size();
    for (const Slot id : step.prefilled) given_[id] = true;
    for (const Slot id : step.finished) {
      EXPECT_TRUE(given_[id]);
      EXPECT_TRUE(ended_.insert(id).second) << "request " << id << " ended twice";
      owed_ += static_cast<std::uint64_t>(requests_[id].output_tokens);
    }
    scheduler_->complete(step);
    if (ended_.size() == requests_.size()) {
      EXPECT_EQ(tokens_, owed_);
    }
  }

  Engine engine_;
  std::vector<Request> requests_;
  std::vector<bool> given_;
  std::unique_ptr<Scheduler> scheduler_;
  std::set<Slot> ended_;
  Slot arrived_ = 0;
  std::uint64_t tokens_ = 0, owed_ = 0;
};

TEST_P(EnginePolicy, EndsEveryRequestOnceWithinItsLimits) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 9);
    const auto seats = static_cast<std::int32_t>(1 + random.below(12));
    auto engine = small_engine(seats, seats + static_cast<std::int32_t>(random.below(60)), 4, random.below(2) == 0);
    engine.policy = GetParam();
    vary(engine, random);
    Watch(engine, 10 + static_cast<std::int64_t>(random.below(30)), random_workload(seed, 80, 50, 1)).serve(random);
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(All, EnginePolicy, testing::ValuesIn(engine_policies()), [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace wordline::serve
