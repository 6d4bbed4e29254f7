// The density of faults varies exponentially: 1 / (1 + AD) (Seeds 1967); the negative binomial with clustering 1.
namespace wordline::fab::policy {

double seeds(double faults, double /*clustering*/) { return 1 / (1 + faults); }

}  // namespace wordline::fab::policy
