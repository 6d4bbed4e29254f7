// Traces made longer, denser, thinner and faster.
#include "wordline/serve/workload/replay.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "workload.h"

namespace wordline::serve {
namespace {

std::shared_ptr<const Workload> trace() {
  Workload out{"trace", {}};
  const auto text = std::make_shared<const Content>(Content{{77, 10}});
  out.requests = {{core::Seconds(1), 10, 1, 0, core::Seconds(-1), text},
                  {core::Seconds(2), 20, 2, 1},
                  {core::Seconds(4), 30, 3, 1, core::Seconds(1.5)},
                  {core::Seconds(5), 40, 4}};
  return std::make_shared<const Workload>(std::move(out));
}

TEST(Replay, OncePassesTheTraceOn) {
  const auto workload = trace();
  auto source = replayed(workload, {}, 1);
  EXPECT_EQ(source->count(), 4u);
  EXPECT_TRUE(same(all_of(std::move(source)), workload->requests));
}

TEST(Replay, PassesFollowAtTheTracesRateWithTheirOwnTextsAndSessions) {
  auto source = replayed(trace(), {.passes = 3}, 1);
  EXPECT_EQ(source->count(), 12u);
  const auto all = all_of(std::move(source));
  ASSERT_EQ(all.size(), 12u);
  const double pass = 4 + 4.0 / 3;  // the span and one mean gap
  std::set<std::uint64_t> texts;
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_NEAR(all[i].arrival.value(), trace()->requests[i % 4].arrival.value() + static_cast<double>(i / 4) * pass,
                1e-12);
    EXPECT_EQ(all[i].prompt_tokens, trace()->requests[i % 4].prompt_tokens);
    if (i % 4 == 1) {
      EXPECT_EQ(all[i].session, 1 + i / 4);
    }
    if (i % 4 == 0) texts.insert(all[i].content->front().text);
  }
  EXPECT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts.count(77), 1u);
}

TEST(Replay, ManyPassesStayInOrder) {
  auto source = replayed(trace(), {.passes = 500'000, .speed = 1}, 1);
  EXPECT_EQ(source->count(), 2'000'000u);
  double before = 0;
  std::uint64_t count = 0;
  while (const auto request = source->next()) {
    ASSERT_GE(request->arrival.value(), before);
    before = request->arrival.value();
    ++count;
  }
  EXPECT_EQ(count, 2'000'000u);
}

TEST(Replay, CopiesAtOnceAreMovedAndWrapBySession) {
  constexpr std::uint32_t copies = 200;
  const auto all = all_of(replayed(trace(), {.passes = 2, .at_once = copies}, 5));
  ASSERT_EQ(all.size(), 2u * 4 * copies);
  const double pass = 4 + 4.0 / 3;
  std::map<std::uint32_t, std::vector<Request>> sessions;
  std::map<int, int> by_prompt;
  double before = 0, early = 0;
  for (const auto& request : all) {
    EXPECT_GE(request.arrival.value(), before);
    before = request.arrival.value();
    early += before < 1 + pass;
    ++by_prompt[request.prompt_tokens];
    if (request.session) sessions[request.session].push_back(request);
    if (request.content) {
      EXPECT_EQ(request.content->front().text == 77, request.arrival.value() < 1 + pass);
    }
  }
  for (const auto& [prompt, times] : by_prompt) EXPECT_EQ(times, 2 * static_cast<int>(copies));
  // A pass has all of a copy's requests but those of sessions that end after it.
  EXPECT_NEAR(early, 4 * copies, 0.5 * copies);
  ASSERT_EQ(sessions.size(), 2 * copies);
  for (const auto& [session, turns] : sessions) {
    ASSERT_EQ(turns.size(), 2u);
    EXPECT_NEAR(turns[1].arrival.value() - turns[0].arrival.value(), 2, 1e-9);
  }
}

TEST(Replay, SpeedLeavesThinkTimesAlone) {
  const auto all = all_of(replayed(trace(), {.speed = 2}, 1));
  std::vector<double> arrivals;
  for (const auto& request : all) arrivals.push_back(request.arrival.value());
  EXPECT_THAT(arrivals, testing::ElementsAre(0.5, 1, 2.5, 3));  // the third waits 2 s after the second, as recorded
  EXPECT_EQ(all[2].prompt_tokens, 40);
  EXPECT_EQ(all[3].prompt_tokens, 30);
}

TEST(Replay, ThinningKeepsSessionsWhole) {
  Workload many{"many", {}};
  for (std::uint32_t i = 0; i < 20000; ++i)
    many.requests.push_back({core::Seconds(i), 1, 1, i % 4 == 0 ? 0 : 1 + i % 5000});
  const auto kept = all_of(thinned(source_of(many), 0.3, 1));
  EXPECT_NEAR(static_cast<double>(kept.size()), 6000, 400);
  std::map<std::uint32_t, int> found, there;
  for (const auto& request : kept) ++found[request.session];
  for (const auto& request : many.requests) ++there[request.session];
  for (const auto& [session, count] : found)
    if (session != 0) {
      EXPECT_EQ(count, there[session]);
    }
  EXPECT_NEAR(found[0], 1500, 150);
  EXPECT_TRUE(same(all_of(thinned(source_of(many), 1, 1)), many.requests));
}

TEST(Replay, PacesTheSameRequestsAnew) {
  const auto workload = trace();
  auto paced_source = paced(source_of(*workload), Gaps::constant(), RateCurve::constant(10), 1);
  EXPECT_EQ(paced_source->count(), 4u);
  const auto all = all_of(std::move(paced_source));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_DOUBLE_EQ(all[i].arrival.value(), 0.1 * static_cast<double>(i + 1));
    EXPECT_EQ(all[i].prompt_tokens, workload->requests[i].prompt_tokens);
  }
  EXPECT_EQ(
      all_of(paced(source_of(*workload), Gaps::constant(), RateCurve::stages({{1, core::Seconds(2.5)}}), 1)).size(),
      2u);
}

TEST(Replay, GivesTheFirst) {
  const auto workload = trace();
  auto source = first_of(source_of(*workload), 3);
  EXPECT_EQ(source->count(), 3u);
  EXPECT_EQ(all_of(std::move(source)).size(), 3u);
  EXPECT_EQ(all_of(first_of(source_of(*workload), 9)).size(), 4u);
}

TEST(Replay, IsReadAsFarAsTheClockGoes) {
  EXPECT_EQ(all_of(first_of(replayed(trace(), {.passes = 10'000'000}, 1), 12)).size(), 12u);
  auto slow = replayed(trace(), {.speed = 1e-6}, 1);  // after 1, 2, 2 (it waits for an answer) and 5 million seconds
  EXPECT_EQ(slow->next()->prompt_tokens, 10);
  EXPECT_EQ(slow->next()->prompt_tokens, 20);
  EXPECT_EQ(slow->next()->prompt_tokens, 30);
  EXPECT_THROW(slow->next(), core::InputError);
}

TEST(Replay, RefusesWhatCannotBe) {
  EXPECT_THROW(replayed(trace(), {.passes = 0}, 1), core::InputError);
  EXPECT_THROW(replayed(trace(), {.at_once = 0}, 1), core::InputError);
  EXPECT_THROW(replayed(trace(), {.speed = 0}, 1), core::InputError);
  EXPECT_THROW(replayed(trace(), {.passes = 10'000'000, .at_once = 2}, 1), core::InputError);
  EXPECT_THROW(replayed(std::make_shared<const Workload>(), {}, 1), core::InputError);
  EXPECT_THROW(thinned(replayed(trace(), {}, 1), 0, 1), core::InputError);
  EXPECT_THROW(thinned(replayed(trace(), {}, 1), 1.5, 1), core::InputError);
}

}  // namespace
}  // namespace wordline::serve
