// When requests are sent, and how far the source is read ahead of them.
#include "wordline/serve/dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "wordline/core/random.h"
#include "wordline/serve/workload/generator.h"
#include "workload.h"

namespace wordline::serve {
namespace {

using Order = std::vector<std::pair<Ticks, std::uint64_t>>;  // when, and which

// The requests of another source, counted as they are read.
class Counted final : public RequestSource {
 public:
  explicit Counted(std::unique_ptr<RequestSource> source) : source_(std::move(source)) {}
  std::optional<Request> next() override {
    auto request = source_->next();
    read += request.has_value();
    return request;
  }
  std::uint64_t count() const override { return source_->count(); }
  bool waits() const override { return source_->waits(); }
  std::uint64_t users() const override { return source_->users(); }
  std::uint64_t read = 0;

 private:
  std::unique_ptr<RequestSource> source_;
};

// How long the answer to a request takes: whole seconds, so that many end at once.
Ticks service(std::uint64_t id) {
  core::Random random(5, id);
  return static_cast<Ticks>(1 + random.below(4)) * to_ticks(core::Seconds(1));
}

// All of a source sent, each request answered after its service(); `ahead` is how many at most were read and not sent.
Order sent_by_dispatcher(std::unique_ptr<RequestSource> source, std::uint64_t& ahead) {
  Counted counted(std::move(source));
  Dispatcher dispatcher(counted, 0);
  std::multimap<Ticks, std::uint32_t> ends;
  Order out;
  ahead = 0;
  for (;;) {
    const auto due = dispatcher.due();
    if (due && (ends.empty() || *due < ends.begin()->first)) {
      const Sent sent = dispatcher.take();
      out.emplace_back(sent.arrival, sent.id);
      ends.emplace(sent.arrival + service(sent.id), sent.request.session);
      ahead = std::max(ahead, counted.read - out.size());
    } else if (!ends.empty()) {
      const auto [at, session] = *ends.begin();
      ends.erase(ends.begin());
      dispatcher.ended(session, at);
    } else {
      break;
    }
  }
  EXPECT_TRUE(dispatcher.done());
  return out;
}

// The same with all requests at hand: each session's next comes no sooner than its arrival and, where it waits, than
// the end of the one before and its think time. Sorted by time, then by id.
Order sent_in_full_view(const std::vector<Request>& requests) {
  std::map<std::uint32_t, Ticks> free_at;
  Order out;
  for (std::uint64_t id = 0; id < requests.size(); ++id) {
    const Request& request = requests[id];
    Ticks at = to_ticks(request.arrival);
    Ticks& free = free_at[request.session];
    if (request.think.value() >= 0) at = std::max(at, free + to_ticks(request.think));
    free = std::max(free, at + service(id));
    out.emplace_back(at, id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Generator users(std::uint32_t count, double think, double think_cv) {
  Generator out;
  out.lengths = uniform_lengths({10, 10}, {3, 3});
  out.users = count;
  out.requests = 20000;
  out.turns = {1, 4, 0};
  out.think = core::Seconds(think);
  out.think_cv = think_cv;
  return out;
}

TEST(Dispatcher, UsersAreReadNoFurtherThanTheyAreApart) {
  for (const auto& [think, cv] :
       {std::pair{0.0, 1.0}, std::pair{0.5, 1.0}, std::pair{2.0, 0.0}, std::pair{30.0, 1.0}}) {
    const Generator g = users(16, think, cv);
    std::uint64_t ahead = 0;
    const Order sent = sent_by_dispatcher(generated(g, 3), ahead);
    EXPECT_EQ(sent, sent_in_full_view(all_of(generated(g, 3)))) << think;
    // Their progress differs by a random walk of 1250 steps, whole runs are 20000 requests.
    EXPECT_LT(ahead, 1500u) << think;
  }
}

TEST(Dispatcher, UsersInStepAreReadOneAhead) {
  Generator g = users(1, 0, 1);
  std::uint64_t ahead = 0;
  EXPECT_EQ(sent_by_dispatcher(generated(g, 3), ahead).size(), 20000u);
  EXPECT_EQ(ahead, 1u);
}

TEST(Dispatcher, ConversationsAreSentAsInFullView) {
  Generator g = users(0, 1.5, 1);
  g.rate = RateCurve::constant(3);
  std::uint64_t ahead = 0;
  EXPECT_EQ(sent_by_dispatcher(generated(g, 4), ahead), sent_in_full_view(all_of(generated(g, 4))));
}

}  // namespace
}  // namespace wordline::serve
