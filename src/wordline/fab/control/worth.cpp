#include "wordline/fab/control/worth.h"

#include "wordline/fab/capability.h"

namespace wordline::fab {

Worth worth_of(double cpk, double layers, const StackSpec& stack) {
  Worth worth;
  worth.cpk = cpk;
  worth.outside = outside_of(cpk);
  worth.parametric_yield = parametric_yield(worth.outside, layers);
  StackDesign design = design_of(stack);
  design.dram.yield *= worth.parametric_yield;
  worth.cost_per_good = (stack.flow ? stack_of(design, *stack.flow) : best_flows(design).front()).cost_per_good;
  return worth;
}

}  // namespace wordline::fab
