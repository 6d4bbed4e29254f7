#include "wordline/fab/control/compare.h"

#include <algorithm>
#include <cmath>

#include "wordline/core/parallel.h"
#include "wordline/fab/capability.h"

namespace wordline::fab {

namespace {

// Paths of a mode; tuning runs have the odd numbers, the judged ones the even.
std::vector<ProcessPath> paths_of(const Process& process, const ControlSettings& settings, double vm_sd, bool tuning) {
  std::vector<ProcessPath> paths(static_cast<std::size_t>(tuning ? settings.tuning_runs : settings.runs));
  core::parallel_for(paths.size(), settings.threads, [&](std::size_t i) {
    paths[i] = simulate(process, settings.wafers, vm_sd, settings.seed, 2 * i + (tuning ? 1 : 0));
  });
  return paths;
}

std::vector<double> sigmas_of(const ControllerPolicy& policy, const std::vector<double>& values,
                              const std::vector<ProcessPath>& paths, const LoopSettings& loop, unsigned threads) {
  std::vector<double> sigmas(paths.size());
  core::parallel_for(paths.size(), threads, [&](std::size_t i) {
    sigmas[i] = run_loop(paths[i], *policy.make(values, loop.noise_variance), loop).sigma;
  });
  return sigmas;
}

}  // namespace

Estimate estimate_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Estimate out;
  double squares = 0;
  for (const double x : values) out.mean += x / n;
  for (const double x : values) squares += (x - out.mean) * (x - out.mean);
  if (values.size() > 1) out.half_width = normal_quantile(0.975) * std::sqrt(squares / (n - 1) / n);
  return out;
}

std::vector<double> tune(const ControllerPolicy& policy, const std::vector<ProcessPath>& paths,
                         const LoopSettings& loop, unsigned threads) {
  const auto candidates = policy.candidates(loop.noise_variance);
  std::vector<double> squares(candidates.size());
  core::parallel_for(candidates.size(), threads, [&](std::size_t i) {
    for (const auto& path : paths) {
      const double sigma = run_loop(path, *policy.make(candidates[i], loop.noise_variance), loop).sigma;
      squares[i] += sigma * sigma;
    }
  });
  return candidates[static_cast<std::size_t>(std::min_element(squares.begin(), squares.end()) - squares.begin())];
}

std::vector<ControlRow> compare(const Process& process, const ControlSettings& settings) {
  const auto names = settings.controllers.empty() ? controller_policies() : settings.controllers;
  std::vector<double> modes = {0};
  modes.insert(modes.end(), process.vm_sds.begin(), process.vm_sds.end());
  LoopSettings loop = settings_of(process);
  loop.first = settings.wafers / 10;

  std::vector<std::vector<ControlRow>> rows(names.size());
  std::vector<std::vector<double>> alone(names.size());  // sigmas with sampled metrology, run by run
  for (const double vm_sd : modes) {
    const auto tuning = paths_of(process, settings, vm_sd, true), judged = paths_of(process, settings, vm_sd, false);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto policy = make_controller_policy(names[i]);
      if (vm_sd > 0 && !policy->looks()) continue;
      ControlRow row{names[i], {}, policy->parameters(), tune(*policy, tuning, loop, settings.threads), {}, {}};
      auto sigmas = sigmas_of(*policy, row.values, judged, loop, settings.threads);
      row.sigma = estimate_of(sigmas);
      if (vm_sd > 0) {
        row.vm_sd = vm_sd;
        for (std::size_t run = 0; run < sigmas.size(); ++run) sigmas[run] = sigmas[run] / alone[i][run] - 1;
        row.change = estimate_of(sigmas);
      } else {
        alone[i] = std::move(sigmas);
      }
      rows[i].push_back(std::move(row));
    }
  }
  std::vector<ControlRow> all;
  for (auto& of_one : rows) all.insert(all.end(), of_one.begin(), of_one.end());
  return all;
}

}  // namespace wordline::fab
