#include "wordline/fab/control/controller.h"

#include <fmt/format.h>

#include "wordline/core/policy_table.h"

namespace wordline::fab {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<ControllerPolicy> stem();
#include "wordline/fab/policy/controller.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<ControllerPolicy> (*)();

const std::vector<core::Policy<Make>>& table() {
  static const std::vector<core::Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/fab/policy/controller.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

std::vector<std::string> controller_policies() { return core::names_of(table()); }

std::unique_ptr<ControllerPolicy> make_controller_policy(const std::string& name) {
  return core::maker_of(table(), name, "the controller")();
}

void check_parameters(const std::vector<double>& values, const std::vector<std::string>& names, double most) {
  if (values.size() != names.size())
    throw core::InputError({}, fmt::format("{} parameters of the controller", values.size()),
                           fmt::format("{}: {}", names.size(), fmt::join(names, ", ")));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(values[i] > 0 && values[i] <= most))
      throw core::InputError({}, fmt::format("{} = {}", names[i], values[i]), fmt::format("above 0, {} at most", most));
}

double weight(double gain, double variance, double noise_variance) {
  return gain * noise_variance / (gain * noise_variance + (1 - gain) * variance);
}

}  // namespace wordline::fab
