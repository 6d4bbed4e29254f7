#include "wordline/fab/control/process.h"

#include <cmath>

#include "wordline/core/random.h"

namespace wordline::fab {

Process load_process(const core::Catalog& catalog, const std::string& name) {
  const core::Reader file = catalog.read("fab/processes", name);
  Process p;
  p.name = name;
  p.title = file.text("title");
  const core::Reader drift = file.table("disturbance");
  p.walk_sd = drift.number("walk_sd", 0);
  p.noise_sd = drift.number("noise_sd", 1e-12);
  p.jump_sd = drift.number("jump_sd", 0);
  p.maintenance_wafers = drift.integer("maintenance_wafers", 0);
  drift.finish();
  const core::Reader recipe = file.table("recipe");
  p.gain = recipe.number("gain");
  p.model_gain = recipe.number("model_gain");
  if (p.gain == 0) recipe.fail("gain", "a number other than 0");
  if (p.model_gain == 0) recipe.fail("model_gain", "a number other than 0");
  recipe.finish();
  const core::Reader metrology = file.table("metrology");
  p.sampling = metrology.integer("sampling", 1, 1000000);
  p.delay = metrology.integer("delay", 1, 1000000);
  p.metrology_sd = metrology.number("sd", 0);
  metrology.finish();
  const core::Reader predicted = file.table("virtual_metrology");
  p.vm_sds = predicted.numbers("sds");
  for (const double sd : p.vm_sds)
    if (!(sd > 0)) predicted.fail("sds", "deviations above 0");
  p.vm_bias_sd = predicted.number("bias_sd", 0);
  predicted.finish();
  const core::Reader worth = file.table("worth");
  p.cpk = worth.number("cpk", 1e-6);
  p.layers = worth.number("layers", 1);
  p.stack = worth.text("stack");
  worth.finish();
  file.finish();
  return p;
}

ProcessPath simulate(const Process& process, std::int64_t wafers, double vm_sd, std::uint64_t seed,
                     std::uint64_t number) {
  // Each cause draws from a sequence of its own.
  core::Random walk(seed, 8 * number), noise(seed, 8 * number + 1), jump(seed, 8 * number + 2),
      measured(seed, 8 * number + 3), predicted(seed, 8 * number + 4), biased(seed, 8 * number + 5);
  ProcessPath out;
  double offset = 0, bias = process.vm_bias_sd * biased.normal();
  for (std::int64_t t = 0; t < wafers; ++t) {
    if (process.maintenance_wafers > 0 && t > 0 && t % process.maintenance_wafers == 0) {
      offset += process.jump_sd * jump.normal();
      bias = process.vm_bias_sd * biased.normal();
    }
    offset += process.walk_sd * walk.normal();
    out.disturbance.push_back(offset + process.noise_sd * noise.normal());
    if (process.metrology_sd > 0) out.metrology_error.push_back(process.metrology_sd * measured.normal());
    if (vm_sd > 0) {
      out.prediction_error.push_back(bias + vm_sd * predicted.normal());
      out.prediction_variance.push_back(vm_sd * vm_sd);
    }
  }
  return out;
}

}  // namespace wordline::fab
