#include "wordline/plan/evaluate.h"

#include "wordline/serve/server.h"

namespace wordline::plan {

namespace {

// Power of all chips over the run, and what they draw without work.
void read_power(const model::Deployment& deployment, Evaluation& evaluation) {
  evaluation.idle = deployment.chip.idle * deployment.tp;
  evaluation.busy = evaluation.idle;
  if (evaluation.at.duration.value() > 0) evaluation.busy = evaluation.at.energy / evaluation.at.duration;
}

}  // namespace

Evaluation evaluate(const model::Deployment& deployment, const serve::Engine& engine, const Traffic& traffic,
                    const serve::Slo& slo, const serve::CapacityOptions& search, bool with_gains) {
  Evaluation evaluation;
  const serve::Engine settings = serve::resolved(engine, deployment);
  const serve::KvCapacity room = serve::kv_capacity(settings, deployment);
  evaluation.fits = room.blocks > 1;
  evaluation.short_gb = room.short_gb;
  if (evaluation.fits) {
    const auto workload = [&](double rate, std::size_t count) { return traffic.at(rate, count); };
    serve::Runs runs(serve::server_of(deployment, settings), settings, workload);
    serve::Capacity found = serve::capacity(runs, slo, search);
    evaluation.meets = found.met;
    evaluation.max_rps = found.max_rps;
    evaluation.limit = found.limit;
    evaluation.at = std::move(found.at);
    read_power(deployment, evaluation);
    if (found.met && with_gains)
      evaluation.gains = gains_of(deployment, settings, workload, runs, slo, search, found.max_rps);
  }
  evaluation.binds = !evaluation.fits    ? "memory capacity"
                     : !evaluation.meets ? "SLO"
                     : with_gains        ? what_binds(evaluation.gains)
                                         : "";
  return evaluation;
}

}  // namespace wordline::plan
