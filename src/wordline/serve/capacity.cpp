#include "wordline/serve/capacity.h"

#include <algorithm>
#include <cmath>

#include "wordline/serve/generate.h"

namespace wordline::serve {
namespace {

constexpr double lightest_rps = 1e-3;           // requests come one at a time
constexpr std::size_t lightest_requests = 500;  // enough for a p99
// Over the service rate of single requests: a power of two. Most replicas hold more, and runs far below their answer
// are the longest, small batches taking many steps.
constexpr double begin_at = 8;
constexpr double highest_rps = 1e5;  // where the search gives up

// Means over the requests from `begin` to `end` (shares of the run's requests, in the order of arrival).
struct Means {
  core::Seconds arrival, ttft;
};
Means means(const Result& result, double begin, double end) {
  const auto n = static_cast<double>(result.served.size());
  const auto first = static_cast<std::size_t>(begin * n), last = static_cast<std::size_t>(end * n);
  Means sum;
  for (std::size_t i = first; i < last; ++i) {
    sum.arrival += result.served[i].arrival;
    sum.ttft += result.served[i].ttft;
  }
  const double count = std::max(1.0, static_cast<double>(last - first));
  return {sum.arrival / count, sum.ttft / count};
}

// Where arrivals outpace the service by a share x, every second of them waits x seconds longer than the one before.
bool queue_grows(const Result& result, double precision) {
  const Means early = means(result, 0.25, 0.5), late = means(result, 0.75, 1);
  return late.ttft - early.ttft > (late.arrival - early.arrival) * precision;
}

// What the run fails in: "ttft", "tpot", "rejected", "queue", or "" where it holds.
std::string failure(const Result& result, const Slo& slo, double precision) {
  if (result.rejected > 0) return "rejected";
  if (result.ttft.p99 > slo.ttft) return "ttft";
  if (result.tpot.p99 > slo.tpot) return "tpot";
  return queue_grows(result, precision) ? "queue" : "";
}

class Search {
 public:
  Search(Runs& runs, const Slo& slo, const CapacityOptions& options) : runs_(runs), slo_(slo), options_(options) {}

  Capacity find() {
    Capacity best;
    best.at = trial(lightest_rps, lightest_requests);
    best.limit = failure(best.at, slo_, options_.precision);
    best.met = best.limit.empty();
    if (best.met) bisect(best);
    best.at.request_goodput = goodput(best.at, slo_);
    best.runs = trials_;
    return best;
  }

 private:
  const Result& trial(double rate, std::size_t requests) {
    ++trials_;
    return runs_.at(rate, requests);
  }

  std::size_t requests_at(double rate) const {
    const double for_span = std::ceil(rate * options_.min_span.value());
    return static_cast<std::size_t>(
        std::clamp(for_span, static_cast<double>(options_.min_requests), static_cast<double>(options_.max_requests)));
  }

  // Whether the rate holds; if so it is the new best.
  bool holds(double rate, Capacity& best) {
    const Result& result = trial(rate, requests_at(rate));
    const std::string why = failure(result, slo_, options_.precision);
    if (!why.empty()) {
      best.limit = why;
      return false;
    }
    best.at = result;
    best.max_rps = rate;
    return true;
  }

  // Where doubling and halving begins: a power of two times the service rate of single requests.
  double first_rate(double single) const {
    double rate = begin_at * single;
    if (options_.expected_rps <= 0) return rate;
    while (rate > single && rate > options_.expected_rps) rate /= 2;
    while (2 * rate <= options_.expected_rps) rate *= 2;
    return rate;
  }

  // Doubles or halves until the answer is enclosed, then halves the bracket.
  void bisect(Capacity& best) {
    double low = 0, high = 0, rate = first_rate(std::max(lightest_rps, 1 / best.at.e2el.mean.value()));
    best.max_rps = lightest_rps;
    while (low == 0 || high == 0) {
      (holds(rate, best) ? low : high) = rate;
      if (rate <= lightest_rps || rate >= highest_rps) return;
      rate = high == 0 ? rate * 2 : rate / 2;
    }
    while (high - low > options_.precision * low) {
      rate = (low + high) / 2;
      (holds(rate, best) ? low : high) = rate;
    }
  }

  Runs& runs_;
  const Slo slo_;
  const CapacityOptions options_;
  std::uint32_t trials_ = 0;
};

}  // namespace

Capacity capacity(Runs& runs, const Slo& slo, const CapacityOptions& options) {
  return Search(runs, slo, options).find();
}

Capacity capacity(const Server& server, const Engine& engine, const WorkloadAt& workload, const Slo& slo,
                  const CapacityOptions& options) {
  Runs runs(server, engine, workload);
  return capacity(runs, slo, options);
}

Capacity capacity(const model::Deployment& deployment, const Engine& engine, const WorkloadAt& workload, const Slo& slo,
                  const CapacityOptions& options) {
  const Engine settings = resolved(engine, deployment);
  return capacity(server_of(deployment, settings), settings, workload, slo, options);
}

Capacity capacity(const model::Deployment& deployment, const Engine& engine, const LengthModel& lengths, const Slo& slo,
                  const CapacityOptions& options) {
  const WorkloadAt generated = [&](double rate, std::size_t requests) {
    return generate(lengths, {rate, options.arrival_cv}, requests, options.seed);
  };
  return capacity(deployment, engine, generated, slo, options);
}

}  // namespace wordline::serve
