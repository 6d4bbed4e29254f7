// wordline chip kernel: one kernel on one chip.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip.h"
#include "output.h"
#include "wordline/chip/kernel_timer.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

// A matrix product m x k times k x n, or a kernel by its operations and bytes.
struct KernelOptions {
  std::string chip, dtype = "bf16";
  std::optional<std::int64_t> m, n, k;
  double flops = 0, read = 0, written = 0, paged = 0, page = 0;
};

chip::Kernel kernel_of(const KernelOptions& o) {
  if (o.m && o.n && o.k) {
    if (*o.m < 1 || *o.n < 1 || *o.k < 1) throw core::UsageError("--m, --n and --k must be at least 1");
    return {"matmul", chip::Gemm{.m = *o.m, .n = *o.n, .k = *o.k, .weights = chip::dtype_of(o.dtype)}};
  }
  if (o.paged > 0 && o.page < 64) throw core::UsageError("--paged needs --page, at least 64 bytes");
  if (o.flops < 0 || o.read < 0 || o.written < 0 || o.paged < 0) throw core::UsageError("counts must not be negative");
  chip::Movement out;
  out.dtype = chip::dtype_of(o.dtype);
  out.matrix = core::Flops(o.flops);
  out.read = core::bytes(o.read);
  out.written = core::bytes(o.written);
  out.paged = core::bytes(o.paged);
  out.page = core::bytes(o.page);
  return {"kernel", out};
}

int kernel(const KernelOptions& o, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const chip::Kernel work = kernel_of(o);
  chip::KernelTimer timer(chip::load(catalog, o.chip, {std::make_shared<std::string>("--chip")}));
  const chip::KernelCost cost = timer(work);
  const chip::Chip& on = timer.chip();
  const double us = cost.time.in(core::microseconds(1));
  const chip::Counts counts = chip::counts_of(work);
  const double bytes = counts.bytes().value(), flops = counts.matrix.value();
  const chip::Dtype dtype = chip::operands_of(work);
  auto document = core::result_document("chip.kernel", catalog);
  document["chip"] = o.chip;
  document["kernel"] = work.name;
  document["dtype"] = chip::name_of(dtype);
  document["computed_in"] = chip::name_of(on.computes(dtype) ? dtype : chip::Dtype::bf16);
  document["flops"] = flops;
  document["bytes"] = bytes;
  document["time_us"] = us;
  document["launch_us"] = cost.launch.in(core::microseconds(1));
  document["tensor_us"] = cost.tensor.in(core::microseconds(1));
  document["dram_us"] = cost.dram.in(core::microseconds(1));
  document["bound"] = chip::name_of(cost.bound);
  document["joules"] = cost.joules.value();
  document["roofline"] = {{"flops_per_byte", bytes > 0 ? flops / bytes : 0},
                          {"achieved_tflops", flops / cost.time.value() / 1e12},
                          {"peak_tflops", on.rate(dtype).peak.value() / 1e12},
                          {"achieved_gbps", bytes / cost.time.value() / 1e9},
                          {"peak_gbps", on.memory.peak.value() / 1e9}};
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  const std::string text = fmt::format(
      "{} on {}: {:.3f} us, bound by {} (launch {:.3f}, compute {:.3f}, memory {:.3f} us)\n{:.4g} TFLOP/s, {:.4g} "
      "GB/s, "
      "{:.4g} mJ\n",
      work.name, on.title, us, chip::name_of(cost.bound), cost.launch.in(core::microseconds(1)),
      cost.tensor.in(core::microseconds(1)), cost.dram.in(core::microseconds(1)), flops / cost.time.value() / 1e12,
      bytes / cost.time.value() / 1e9, cost.joules.value() * 1e3);
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_chip(Args& program) {
  auto& room = program.command("chip", "the chip alone");
  auto& args = room.command("kernel", "time and energy of one kernel");
  auto o = std::make_shared<KernelOptions>();
  args.option("--chip", o->chip, "chip from the catalogue").required().called("NAME");
  args.option("--m", o->m, "matrix product: rows (tokens)");
  args.option("--n", o->n, "matrix product: columns");
  args.option("--k", o->k, "matrix product: inner size");
  args.option("--dtype", o->dtype, "format of the weights: bf16 or fp8");
  args.option("--flops", o->flops, "instead of a product: matrix operations");
  args.option("--read", o->read, "bytes read in long runs");
  args.option("--written", o->written, "bytes written in long runs");
  args.option("--paged", o->paged, "bytes read in scattered pieces");
  args.option("--page", o->page, "bytes of such a piece");
  args.footer("Example: wordline chip kernel --chip h200-sxm --m 16 --n 8192 --k 8192");
  args.action([o, &common = args.common()] { return kernel(*o, common); });
  add_chip_kernels(room);
}

}  // namespace wordline::cli
