#include "wordline/fab/control/worth.h"

#include "wordline/fab/capability.h"

namespace wordline::fab {

Worth worth_of(double cpk, double layers, const StackSpec& stack) {
  Worth worth;
  worth.cpk = cpk;
  worth.outside = outside_of(cpk);
  worth.parametric_yield = parametric_yield(worth.outside, layers);
  StackSpec lossy = stack;
  lossy.dram.parametric_yield.now() *= worth.parametric_yield;
  worth.cost_per_good = result_of(lossy).cost_per_good;
  return worth;
}

}  // namespace wordline::fab
