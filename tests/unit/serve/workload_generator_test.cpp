// Requests drawn one after the other: their laws, their conversations, and that a seed means the same requests.
#include "wordline/serve/workload/generator.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>

#include "wordline/core/error.h"
#include "wordline/core/statistics.h"
#include "wordline/serve/generate.h"
#include "workload.h"

namespace wordline::serve {
namespace {

Generator fixed(std::uint64_t requests) {
  Generator out;
  out.lengths = uniform_lengths({10, 10}, {20, 20});
  out.requests = requests;
  return out;
}

TEST(Generator, GivesWhatGenerateGives) {
  const auto model = LengthModel::from_catalog(core::Catalog::open(), "azure-conversation");
  for (const double cv : {1.0, 2.5}) {
    Generator streamed;
    streamed.lengths = quantile_lengths(model);
    streamed.gaps = Gaps::gamma(cv);
    streamed.rate = RateCurve::constant(4);
    streamed.requests = 2000;
    EXPECT_TRUE(same(all_of(generated(streamed, 42)), generate(model, {4, cv}, 2000, 42).requests)) << cv;
  }
}

TEST(Generator, GapsHaveTheVariationAskedFor) {
  for (const auto& [gaps, cv] :
       {std::pair(Gaps::constant(), 0.0), std::pair(Gaps::exponential(), 1.0), std::pair(Gaps::gamma(0.5), 0.5),
        std::pair(Gaps::gamma(3), 3.0), std::pair(Gaps::weibull(0.5), 0.5), std::pair(Gaps::weibull(2), 2.0)}) {
    core::Random random(1);
    core::Samples found;
    for (int i = 0; i < 200000; ++i) found.add(gaps(random));
    EXPECT_NEAR(found.mean(), 1, 0.02) << cv;
    EXPECT_NEAR(found.deviation() / found.mean(), cv, 0.03 * cv) << cv;
  }
  // A Weibull distribution of shape 1/2 has a CV of sqrt(5), by its moments 2 and 24.
  core::Random one(7), two(7);
  const auto by_cv = Gaps::weibull(std::sqrt(5.0)), by_shape = Gaps::weibull_of_shape(0.5);
  for (int i = 0; i < 10; ++i) EXPECT_NEAR(by_cv(one), by_shape(two), 1e-9);
}

TEST(RateCurve, ReachesByItsIntegral) {
  auto stages = RateCurve::stages({{2, core::Seconds(10)}, {0, core::Seconds(5)}, {4, core::Seconds(10)}});
  EXPECT_EQ(stages.total(), 60);
  EXPECT_DOUBLE_EQ(*stages.reaches(0), 0);
  EXPECT_DOUBLE_EQ(*stages.reaches(19), 9.5);
  EXPECT_DOUBLE_EQ(*stages.reaches(20), 15);
  EXPECT_DOUBLE_EQ(*stages.reaches(40), 20);
  EXPECT_FALSE(stages.reaches(60));
  std::vector<double> factors(24, 1);
  factors[3] = 25;  // of 48
  auto day = RateCurve::day(1, factors);
  EXPECT_DOUBLE_EQ(*day.reaches(1800 * 3), 3 * 3600);
  EXPECT_DOUBLE_EQ(*day.reaches(1800 * (3 + 12.5)), 3.5 * 3600);
  EXPECT_NEAR(*day.reaches(86400 + 900), 86400 + 1800, 1e-6);
}

TEST(Generator, StagesEndAndHaveTheirRates) {
  auto g = fixed(0);
  g.rate = RateCurve::stages({{20, core::Seconds(1000)}, {5, core::Seconds(1000)}});
  const auto requests = all_of(generated(g, 3));
  const auto first = std::count_if(requests.begin(), requests.end(), [](auto& r) { return r.arrival.value() < 1000; });
  EXPECT_NEAR(static_cast<double>(first), 20000, 4 * std::sqrt(20000.0));
  EXPECT_NEAR(static_cast<double>(requests.size()) - static_cast<double>(first), 5000, 4 * std::sqrt(5000.0));
  EXPECT_LT(requests.back().arrival.value(), 2000);
}

TEST(Generator, ConstantGapsAreEqual) {
  auto g = fixed(5);
  g.gaps = Gaps::constant();
  g.rate = RateCurve::constant(4);
  const auto requests = all_of(generated(g, 1));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_DOUBLE_EQ(requests[i].arrival.value(), 0.25 * static_cast<double>(i + 1));
}

TEST(LengthLaw, LognormalsHaveTheirMeansVariationsAndCorrelation) {
  const auto law = lognormal_lengths({1000, 1}, {200, 0.5}, 0.6);
  core::Random random(5);
  core::Samples prompts, outputs;
  std::vector<std::pair<int, int>> pairs;
  for (int i = 0; i < 20000; ++i) {
    pairs.push_back(law(random));
    prompts.add(pairs.back().first);
    outputs.add(pairs.back().second);
  }
  EXPECT_NEAR(prompts.mean(), 1000, 25);
  EXPECT_NEAR(prompts.deviation() / prompts.mean(), 1, 0.06);
  EXPECT_NEAR(outputs.mean(), 200, 3);
  EXPECT_NEAR(outputs.deviation() / outputs.mean(), 0.5, 0.02);
  // Kendall's tau of the pairs against that of a Gaussian copula: 2/pi asin(rho), rho = 2 sin(0.6 pi / 6).
  double concordant = 0, discordant = 0;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const double sign = (pairs[i].first - pairs[i + 1].first) * 1.0 * (pairs[i].second - pairs[i + 1].second);
    (sign > 0 ? concordant : discordant) += sign != 0;
  }
  const double tau = 2 / M_PI * std::asin(2 * std::sin(M_PI * 0.1));
  EXPECT_NEAR((concordant - discordant) / (concordant + discordant), tau, 0.04);
}

TEST(LengthLaw, UniformsStayInTheirRanges) {
  const auto law = uniform_lengths({100, 103}, {7, 7});
  core::Random random(5);
  std::map<int, int> seen;
  for (int i = 0; i < 4000; ++i) {
    const auto [prompt, output] = law(random);
    ++seen[prompt];
    EXPECT_EQ(output, 7);
  }
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen.begin()->first, 100);
  for (const auto& [tokens, times] : seen) EXPECT_NEAR(times, 1000, 130);
}

TEST(LengthLaw, RefusesWhatNoRequestCanHave) {
  EXPECT_THROW(uniform_lengths({0, 5}, {1, 1}), core::InputError);
  EXPECT_THROW(uniform_lengths({5, 4}, {1, 1}), core::InputError);
  EXPECT_THROW(uniform_lengths({1, 1}, {1, 1'000'000'000}), core::InputError);
  EXPECT_THROW(lognormal_lengths({0.5, 1}, {1, 1}, 0), core::InputError);
  EXPECT_THROW(lognormal_lengths({10, -1}, {1, 1}, 0), core::InputError);
  EXPECT_THROW(lognormal_lengths({10, 1}, {1, 1}, 1.1), core::InputError);
}

TEST(Generator, ATurnsPromptIsAllThatWasSaid) {
  auto g = fixed(300);
  g.lengths = uniform_lengths({5, 50}, {1, 30});
  g.turns = {3, 3, 0};
  g.think = core::Seconds(10);
  g.prefix_tokens = 100;
  std::map<std::uint32_t, std::vector<Request>> sessions;
  double before = 0;
  for (auto& request : all_of(generated(g, 1))) {
    EXPECT_GE(request.arrival.value(), before);
    before = request.arrival.value();
    sessions[request.session].push_back(request);
  }
  EXPECT_EQ(sessions.count(0), 0u);
  std::size_t whole = 0;
  for (const auto& [session, turns] : sessions) {
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const auto& content = *turns[i].content;
      std::int64_t tokens = 0;
      for (std::size_t k = 0; k < 2 + 2 * i; ++k) tokens += content[k].tokens;
      EXPECT_EQ(tokens, turns[i].prompt_tokens);
      ASSERT_EQ(content.size(), 2 + 2 * i + (i < 2));  // the answer of all but the last turn
      EXPECT_EQ(content[0].tokens, 100);
      if (i == 0) {
        EXPECT_LT(turns[i].think.value(), 0);
        continue;
      }
      EXPECT_GE(turns[i].think.value(), 0);
      EXPECT_DOUBLE_EQ(turns[i].arrival.value(), turns[i - 1].arrival.value() + turns[i].think.value());
      const auto& earlier = *turns[i - 1].content;
      EXPECT_EQ(earlier.back().tokens, turns[i - 1].output_tokens);
      EXPECT_TRUE(std::equal(earlier.begin(), earlier.end(), content.begin()));
    }
    whole += turns.size() == 3;
  }
  EXPECT_GT(whole, 70u);
}

TEST(Generator, TextsOfConversationsAreTheirOwn) {
  auto g = fixed(2000);
  g.turns = {2, 4, 0};
  g.think = core::Seconds(3);
  std::map<std::uint64_t, std::uint32_t> owner;
  for (const auto& request : all_of(generated(g, 9)))
    for (const auto& piece : *request.content)
      EXPECT_EQ(owner.try_emplace(piece.text, request.session).first->second, request.session);
}

TEST(Generator, TurnsAreGeometricWithTheirMean) {
  auto g = fixed(40000);
  g.turns.mean = 4;
  g.think = core::Seconds(0.001);
  g.lengths = uniform_lengths({1, 1}, {1, 1});
  std::map<std::uint32_t, int> turns;
  for (const auto& request : all_of(generated(g, 2))) ++turns[request.session];
  double ones = 0;
  for (const auto& [session, count] : turns) ones += count == 1;
  EXPECT_NEAR(40000.0 / static_cast<double>(turns.size()), 4, 0.1);
  EXPECT_NEAR(ones / static_cast<double>(turns.size()), 0.25, 0.02);
}

TEST(Generator, ConversationsEndBeforeTheLongestContext) {
  auto g = fixed(1000);
  g.turns = {50, 50, 0};
  g.longest_context = 100;  // three turns of 30
  std::map<std::uint32_t, int> turns;
  for (const auto& request : all_of(generated(g, 2))) {
    EXPECT_LE(request.prompt_tokens + request.output_tokens, 100);
    ++turns[request.session];
  }
  for (const auto& [session, count] : turns) EXPECT_LE(count, 3);
}

TEST(Generator, SystemPromptsArePopularAsZipfSays) {
  auto g = fixed(30000);
  g.prefix_tokens = 64;
  g.prefixes = 3;
  g.prefix_zipf = 1;
  std::map<std::uint64_t, int> seen;
  for (const auto& request : all_of(generated(g, 4))) {
    EXPECT_EQ(request.prompt_tokens, 74);
    EXPECT_EQ(request.session, 0u);
    ++seen[request.content->front().text];
  }
  ASSERT_EQ(seen.size(), 3u);
  auto at = seen.begin();  // in order of rank: 6/11, 3/11, 2/11
  for (const double share : {6.0, 3.0, 2.0}) EXPECT_NEAR((at++)->second, 30000 * share / 11, 400);
}

TEST(Generator, UsersWaitForTheirAnswers) {
  auto g = fixed(500);
  g.users = 7;
  g.turns = {2, 3, 0};
  g.think = core::Seconds(5);
  std::map<std::uint32_t, std::vector<Request>> users;
  for (const auto& request : all_of(generated(g, 1))) users[request.session].push_back(request);
  ASSERT_EQ(users.size(), 7u);
  for (const auto& [user, requests] : users) {
    EXPECT_GT(requests.size(), 30u);
    for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(requests[i].think.value() >= 0, i > 0);
    std::set<std::uint64_t> first_texts;
    for (const auto& request : requests) first_texts.insert(request.content->front().text);
    EXPECT_GT(first_texts.size(), 10u);  // conversation after conversation
  }
}

TEST(Generator, ALongerWorkloadBeginsWithTheShorterOne) {
  auto g = fixed(200);
  g.turns = {1, 5, 0};
  g.think = core::Seconds(2);
  const auto few = all_of(generated(g, 8));
  g.requests = 400;
  auto many = all_of(generated(g, 8));
  many.resize(200);
  EXPECT_TRUE(same(few, many));
  EXPECT_FALSE(same(few, all_of(generated(fixed(200), 9))));
}

TEST(Generator, RefusesWhatCannotBe) {
  const auto refused = [](auto change) {
    auto g = fixed(10);
    change(g);
    EXPECT_THROW(all_of(generated(g, 1)), core::InputError);
  };
  refused([](Generator& g) { g.turns = {0, 3, 0}; });
  refused([](Generator& g) { g.turns = {4, 3, 0}; });
  refused([](Generator& g) { g.turns.mean = 0.5; });
  refused([](Generator& g) { g.think = core::Seconds(-1); });
  refused([](Generator& g) { g.prefixes = 0; });
  refused([](Generator& g) { g.prefix_zipf = NAN; });
  refused([](Generator& g) { g.requests = 0; });
  refused([](Generator& g) { g.rate = RateCurve::constant(1e-6); });
  EXPECT_THROW(RateCurve::constant(0), core::InputError);
  EXPECT_THROW(RateCurve::stages({{1, core::Seconds(0)}}), core::InputError);
  EXPECT_THROW(RateCurve::day(1, {1, 2}), core::InputError);
  EXPECT_THROW(RateCurve::day(1, std::vector<double>(24, 0)), core::InputError);
  EXPECT_THROW(Gaps::gamma(0), core::InputError);
  EXPECT_THROW(Gaps::weibull(1e9), core::InputError);
  EXPECT_THROW(Gaps::named("possion", 1), core::InputError);
}

}  // namespace
}  // namespace wordline::serve
