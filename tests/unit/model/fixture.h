// Models and a chip with round numbers for the tests of this room.
#pragma once

#include "wordline/chip/kernel_timer.h"
#include "wordline/model/deployment.h"
#include "wordline/model/step_timer.h"

namespace wordline::model {

// From the shipped catalogue.
inline Architecture llama(const std::string& name) { return load(core::Catalog::open(), name); }

// 1000 TFLOP/s in bf16, 2000 in fp8, 3 us to launch, links of 450 GB/s.
inline chip::Chip round_chip() {
  chip::Chip out;
  out.name = "round";
  out.engines[chip::Dtype::bf16].peak = core::teraflops(1000);
  out.engines[chip::Dtype::fp8].peak = core::teraflops(2000);
  out.memory.capacity = core::gigabytes(80);
  out.launch = core::microseconds(3);
  out.port.bandwidth = core::gigabytes_per_second(450);
  out.port.latency = core::microseconds(0.8);
  out.port.largest_group = 16;
  out.port.topology = "all-to-all";
  out.port.switched = true;
  out.tdp = core::watts(700);
  out.idle = core::watts(100);
  return out;
}

// 3 TB/s on pure reads, 2 on half reads, 1 on scattered pieces, times `factor`; 40 pJ a byte.
inline chip::Streams round_streams(double factor = 1) {
  return [factor](const chip::Memory&, double reads, core::Bytes piece, double) {
    const double gbps = piece.value() > 0 ? 1000 : reads < 1 ? 2000 : 3000;
    return chip::Streamed{core::gigabytes_per_second(gbps * factor), core::JoulesPerByte(40e-12),
                          core::nanoseconds(400)};
  };
}

inline Deployment deployment(const std::string& model, int tp, chip::Dtype weights = chip::Dtype::bf16,
                             chip::Dtype kv = chip::Dtype::bf16) {
  Deployment out;
  out.architecture = llama(model);
  out.chip = round_chip();
  out.tp = tp;
  out.weights = weights;
  out.kv = kv;
  return out;
}

}  // namespace wordline::model
