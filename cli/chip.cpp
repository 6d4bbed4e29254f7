// wordline chip: the room's subcommands; here `kernel`: one kernel on one chip.
#include "chip.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip_options.h"
#include "kernel_options.h"
#include "output.h"
#include "wordline/chip/roofline.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct Options {
  ChipOptions on;
  KernelOptions kernel;
};

double us(core::Seconds time) { return time.in(core::microseconds(1)); }

int kernel(const Options& o, const Common& common) {
  const auto catalog = open_catalog(common, o.on.chip);
  const chip::Kernel work = o.kernel.kernel();
  chip::KernelTimer timer(o.on.load(catalog), chip::simulated(), o.on.caches());
  const chip::Chip& on = timer.chip();
  const chip::KernelCost cost = timer(work);
  const chip::Dtype dtype = chip::operands_of(work);
  const auto point = chip::roofline_point(on, work);
  const double bytes = point.bytes.value(), flops = point.flops.value(), seconds = cost.time.value();
  const auto roof = chip::roofline_of(on, timer.memory(), dtype);
  const double ceiling = roof.at(point.flops_per_byte(), point.roof).value();

  auto document = core::result_document("chip.kernel", catalog);
  document["chip"] = o.on.chip;
  document["library"] = on.library;
  document["residency"] = chip::name_of(timer.residency());
  document["kernel"] = work.name;
  document["dtype"] = chip::name_of(dtype);
  document["computed_in"] = chip::name_of(on.computes(dtype) ? dtype : chip::Dtype::bf16);
  document["flops"] = flops;
  document["bytes"] = bytes;
  document["moved_bytes"] = cost.moved.value();
  document["time_us"] = us(cost.time);
  document["low_us"] = us(cost.low);
  document["high_us"] = us(cost.high);
  document["launch_us"] = us(cost.launch);
  document["tensor_us"] = us(cost.tensor);
  document["vector_us"] = us(cost.vector);
  document["dram_us"] = us(cost.dram);
  document["l2_us"] = us(cost.l2);
  document["bound"] = chip::name_of(cost.bound);
  document["joules"] = cost.joules.value();
  document["roofline"] = {
      {"flops_per_byte", point.flops_per_byte()}, {"achieved_tflops", flops / seconds / 1e12},
      {"ceiling_tflops", ceiling / 1e12},         {"peak_tflops", point.roof.value() / 1e12},
      {"achieved_gbps", bytes / seconds / 1e9},   {"simulated_gbps", roof.memory.front().bandwidth.value() / 1e9},
      {"peak_gbps", on.memory.peak.value() / 1e9}};
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");

  std::string text =
      fmt::format("{} on {}: {:.3f} us, bound by {}", work.name, on.title, us(cost.time), chip::name_of(cost.bound));
  if (cost.low < cost.high) text += fmt::format("; band {:.3f} to {:.3f} us", us(cost.low), us(cost.high));
  text += fmt::format("\nbusy: launch {:.3f}, tensor {:.3f}, vector {:.3f}, dram {:.3f}, l2 {:.3f} us\n",
                      us(cost.launch), us(cost.tensor), us(cost.vector), us(cost.dram), us(cost.l2));
  text += fmt::format("{:.4g} flop/byte: {:.4g} TFLOP/s of {:.4g} under its roof, {:.4g} of {:.4g} GB/s, {:.4g} mJ\n",
                      point.flops_per_byte(), flops / seconds / 1e12, ceiling / 1e12, bytes / seconds / 1e9,
                      roof.memory.front().bandwidth.value() / 1e9, cost.joules.value() * 1e3);
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_chip(Args& program) {
  auto& room = program.command("chip", "the chip alone");
  auto& args = room.command("kernel", "time, bound, energy and roofline point of one kernel");
  auto o = std::make_shared<Options>();
  o->on.add_to(args);
  o->kernel.add_to(args);
  args.footer(
      "Examples: wordline chip kernel --chip h200-sxm --m 16 --n 8192 --k 8192\n"
      "          wordline chip kernel --chip h100-sxm --op gen_attn --batch 64 --context 4096 --heads 32 --kv-heads 8\n"
      "          wordline chip kernel --chip h100-sxm --op gen_attn --batch 64 --context 4096 --heads 128 --kv-heads 1 "
      "--latent --head-dim 576 --value-dim 512");
  args.action([o, &common = args.common()] { return kernel(*o, common); });
  add_chip_kernels(room);
  add_chip_roofline(room);
  add_chip_calibrate(room);
}

}  // namespace wordline::cli
