// What kernels draw, against sums by hand.
#include "wordline/chip/power.h"

namespace wordline::chip {
namespace {

using namespace core;

// 700 W, 100 idle, 150 while kernels run; 800 TFLOP/s sustained, 50 of the other units; 30 and 20 pJ a byte.
Chip round_chip() {
  Chip out;
  out.engines[Dtype::bf16] = {teraflops(1000), 0.8};
  out.engines[Dtype::fp8] = {teraflops(2000), 0.8, JoulesPerFlop(0.5e-12)};
  out.vector = teraflops(50);
  out.tdp = watts(700);
  out.idle = watts(100);
  out.running = watts(150);
  out.fabric_energy = JoulesPerByte(30e-12);
  out.cache_energy = JoulesPerByte(20e-12);
  return out;
}

Kernel kernel(double matrix, double vector, double read, Dtype dtype = Dtype::bf16) {
  Movement out;
  out.matrix = Flops(matrix);
  out.vector = Flops(vector);
  out.read = bytes(read);
  out.dtype = dtype;
  return {"kernel", out};
}

double joules(const Chip& chip, const Kernel& work, double seconds, double moved = 0, double dram = 0) {
  return PowerMeter(chip).joules(work, Seconds(seconds), bytes(moved), Joules(dram)).value();
}

TEST(Power, EachPartCountsByItself) {
  const Chip chip = round_chip();
  EXPECT_NEAR(joules(chip, kernel(0, 0, 0), 1), 150, 1e-9);
  EXPECT_NEAR(joules(chip, kernel(400e12, 0, 0), 1), 150 + 400e12 * 550 / 800e12, 1e-6) << "derived from the TDP";
  EXPECT_NEAR(joules(chip, kernel(400e12, 0, 0, Dtype::fp8), 1), 150 + 200, 1e-6) << "as stated";
  EXPECT_NEAR(joules(chip, kernel(0, 25e12, 0), 1), 150 + 275, 1e-6);
  // 2 TB pass the cache, 1.5 of them come from DRAM, which takes 60 J of its own.
  EXPECT_NEAR(joules(chip, kernel(0, 0, 2e12), 1, 1.5e12, 60), 150 + 2e12 * 20e-12 + 1.5e12 * 30e-12 + 60, 1e-6);
}

TEST(Power, WhatIsIdleStaysTheLeast) {
  Chip chip = round_chip();
  chip.running = {};
  EXPECT_NEAR(joules(chip, kernel(0, 0, 0), 2), 200, 1e-9);
}

TEST(Power, NoMoreThanTheTdp) {
  Chip chip = round_chip();
  const Kernel heavy = kernel(800e12, 0, 3e12);
  EXPECT_NEAR(joules(chip, heavy, 1, 3e12, 120), 700, 1e-6);
  chip.tdp_with_memory = false;
  EXPECT_NEAR(joules(chip, heavy, 1, 3e12, 120), 700 + 120, 1e-6) << "the memory's beside the TDP";
}

}  // namespace
}  // namespace wordline::chip
