// Requests drawn from distributions, one after the other: single ones, conversations, and users who wait for answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "wordline/serve/source.h"
#include "wordline/serve/workload/arrivals.h"
#include "wordline/serve/workload/length_law.h"

namespace wordline::serve {

// How many questions a conversation has: uniform from `low` to `high`, or geometric where `mean` is above 0.
struct Turns {
  int low = 1, high = 1;
  double mean = 0;
};

// What to draw.
struct Generator {
  LengthLaw lengths;  // of a new question and of its answer
  // Open loop: conversations begin at these times. With one turn each they are the requests.
  Gaps gaps = Gaps::exponential();
  RateCurve rate = RateCurve::constant(1);
  // Closed loop where above 0: so many users, each with one conversation after the other, no rate. The first request of
  // each comes after one think time.
  std::uint32_t users = 0;
  std::uint64_t requests = 0;  // in all; 0: as many as come before the rate's end
  Turns turns;
  // From an answer to the next question: Gamma distributed (1: exponential, 0: constant).
  core::Seconds think{0};
  double think_cv = 1;
  // Every conversation begins with one of `prefixes` system prompts of `prefix_tokens` each; the one of rank r is taken
  // in proportion to r^-prefix_zipf.
  std::int32_t prefix_tokens = 0;
  std::uint32_t prefixes = 1;
  double prefix_zipf = 0;
  // A conversation ends before a turn whose prompt and answer would be longer.
  std::int64_t longest_context = 10'000'000;
};

// A turn's prompt is the system prompt, all questions and answers before, and the new question; its content names them,
// so that what was said is found again. `arrival` of a later turn is the earliest possible, as if answers took no time:
// `think` says what it waits for. Memory: the conversations that go on at one arrival. Conversations begin at the same
// times whatever their turns, and draw from streams of their own: a longer workload begins with the shorter one, and
// another rate only stretches the beginnings. With one turn, no prefix and Poisson or Gamma gaps the requests are those
// of generate(). Settings that cannot be throw core::InputError.
std::unique_ptr<RequestSource> generated(Generator generator, std::uint64_t seed);

}  // namespace wordline::serve
