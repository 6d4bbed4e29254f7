// The face of a run-to-run controller: what it believes that the process will add to the next wafer.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace wordline::fab {

// A wafer's result less what its recipe should have given it: the process's offset, seen with an error.
struct Sight {
  double offset = 0;
  double variance = 0;  // of the error: the process's noise from wafer to wafer and the reading's own
};

// Estimates the offset a_t of y_t = a_t + b u_t + noise, wafer by wafer; the recipe is set as if the estimate were
// right. All of what it has learned is its `state`, which may be kept and put back.
class Controller {
 public:
  using State = std::array<double, 4>;
  virtual ~Controller() = default;
  // A wafer has gone by, with what was seen of it, or nothing.
  virtual void step(const Sight* seen) = 0;
  // The offset expected for the next wafer.
  virtual double offset() const = 0;
  State state{};
};

// A kind of controller and what can be chosen about it.
class ControllerPolicy {
 public:
  virtual ~ControllerPolicy() = default;
  // The names of its parameters; none for one without.
  virtual std::vector<std::string> parameters() const = 0;
  // The settings among which tuning chooses, for noise of this variance from wafer to wafer.
  virtual std::vector<std::vector<double>> candidates(double noise_variance) const = 0;
  // A controller that has learned nothing. Throws core::InputError for parameters out of their range.
  virtual std::unique_ptr<Controller> make(const std::vector<double>& values, double noise_variance) const = 0;
  // Whether it looks at what is seen: where not, virtual metrology makes no difference.
  virtual bool looks() const { return true; }
};

// The names that make_controller_policy takes: the files of policy/controller.
std::vector<std::string> controller_policies();
// Throws core::InputError with the nearest for an unknown name.
std::unique_ptr<ControllerPolicy> make_controller_policy(const std::string& name);

// Throws core::InputError unless there is a value for each name, each in (0, most].
void check_parameters(const std::vector<double>& values, const std::vector<std::string>& names, double most);
// The weight of a sight of that variance where `gain` is that of one with the process's noise alone: a share that falls
// as the variance grows, gain / (gain + (1 - gain) variance / noise). Kalman's gain has this form.
double weight(double gain, double variance, double noise_variance);

}  // namespace wordline::fab
