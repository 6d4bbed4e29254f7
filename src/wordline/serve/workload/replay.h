// A recorded workload, made longer, denser, thinner or faster.
#pragma once

#include <cstdint>
#include <memory>

#include "wordline/serve/source.h"
#include "wordline/serve/workload/arrivals.h"

namespace wordline::serve {

// How a workload is repeated. A pass is as long as its span and one mean gap, so that the rate stays. Sessions of
// different copies are different sessions; of different passes, too, and so are the texts that they name: what was
// cached in one pass is not found in the next.
struct Copies {
  std::uint64_t passes = 1;   // one after the other
  std::uint32_t at_once = 1;  // each moved by a random time within the pass, wrapping around by whole sessions
  bool same_texts = true;     // of copies that run at once: whether they name the same texts
  double speed = 1;           // arrivals so many times as fast; think times stay as they are
};

// Memory: the workload once, and what is under way of each copy at once. Throws core::InputError where the last arrival
// would be later than latest_arrival_s.
std::unique_ptr<RequestSource> replayed(std::shared_ptr<const Workload> workload, const Copies& copies,
                                        std::uint64_t seed);

// Each session, and each request of none, with this probability (above 0, at most 1).
std::unique_ptr<RequestSource> thinned(std::unique_ptr<RequestSource> source, double probability, std::uint64_t seed);

// The same requests at arrivals that are drawn; they end with the rate.
std::unique_ptr<RequestSource> paced(std::unique_ptr<RequestSource> source, Gaps gaps, RateCurve rate,
                                     std::uint64_t seed);

// The first `count` requests.
std::unique_ptr<RequestSource> first_of(std::unique_ptr<RequestSource> source, std::uint64_t count);

}  // namespace wordline::serve
