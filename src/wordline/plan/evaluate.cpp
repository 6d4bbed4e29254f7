#include "wordline/plan/evaluate.h"

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
                    const serve::Slo& slo, const serve::CapacityOptions& search) {
  Evaluation evaluation;
  const serve::KvCapacity room = serve::kv_capacity(serve::resolved(engine, deployment), deployment);
  evaluation.fits = room.blocks > 1;
  evaluation.short_gb = room.short_gb;
  if (evaluation.fits) {
    const auto workload = [&](double rate, std::size_t count) { return traffic.at(rate, count); };
    serve::Capacity found = serve::capacity(deployment, engine, workload, slo, search);
    evaluation.meets = found.met;
    evaluation.max_rps = found.max_rps;
    evaluation.limit = found.limit;
    evaluation.at = std::move(found.at);
    read_power(deployment, evaluation);
  }
  evaluation.binds = !evaluation.fits ? "memory capacity" : evaluation.meets ? "" : "SLO";
  return evaluation;
}

}  // namespace wordline::plan
