// wordline chip kernel: one kernel on one chip.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
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
  chip::Kernel out;
  out.dtype = chip::dtype_of(o.dtype);
  const bool any = o.m || o.n || o.k, by_counts = o.flops > 0 || o.read > 0 || o.written > 0 || o.paged > 0;
  if (any != (o.m && o.n && o.k)) throw core::UsageError("a matrix product needs --m, --n and --k");
  if (any == by_counts)
    throw core::UsageError("give a matrix product (--m, --n, --k) or counts (--flops, --read, --written, --paged)");
  if (any) {
    if (*o.m < 1 || *o.n < 1 || *o.k < 1) throw core::UsageError("--m, --n and --k must be at least 1");
    const auto m = static_cast<double>(*o.m), n = static_cast<double>(*o.n), k = static_cast<double>(*o.k);
    out.name = "matmul";
    out.flops = core::Flops(2 * m * n * k);
    out.read = chip::bytes_of(out.dtype) * (n * k) + chip::bytes_of(chip::Dtype::bf16) * (m * k);
    out.written = chip::bytes_of(chip::Dtype::bf16) * (m * n);
    return out;
  }
  if (o.paged > 0 && o.page < 64) throw core::UsageError("--paged needs --page, at least 64 bytes");
  if (o.flops < 0 || o.read < 0 || o.written < 0 || o.paged < 0) throw core::UsageError("counts must not be negative");
  out.name = "kernel";
  out.flops = core::Flops(o.flops);
  out.read = core::bytes(o.read);
  out.written = core::bytes(o.written);
  out.paged = core::bytes(o.paged);
  out.page = core::bytes(o.page);
  return out;
}

int kernel(const KernelOptions& o, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const chip::Kernel work = kernel_of(o);
  chip::KernelTimer timer(chip::load(catalog, o.chip, {std::make_shared<std::string>("--chip")}));
  const chip::KernelCost cost = timer(work);
  const chip::Chip& on = timer.chip();
  const double us = cost.time.in(core::microseconds(1));
  const double bytes = (work.read + work.written + work.paged).value();
  auto document = core::result_document("chip.kernel", catalog);
  document["chip"] = o.chip;
  document["kernel"] = work.name;
  document["dtype"] = chip::name_of(work.dtype);
  document["computed_in"] = chip::name_of(on.computes(work.dtype) ? work.dtype : chip::Dtype::bf16);
  document["flops"] = work.flops.value();
  document["bytes"] = bytes;
  document["time_us"] = us;
  document["launch_us"] = cost.launch.in(core::microseconds(1));
  document["compute_us"] = cost.compute.in(core::microseconds(1));
  document["memory_us"] = cost.memory.in(core::microseconds(1));
  document["bound"] = chip::name_of(cost.bound);
  document["joules"] = cost.joules.value();
  document["roofline"] = {{"flops_per_byte", bytes > 0 ? work.flops.value() / bytes : 0},
                          {"achieved_tflops", work.flops.value() / cost.time.value() / 1e12},
                          {"peak_tflops", on.rate(work.dtype).peak.value() / 1e12},
                          {"achieved_gbps", bytes / cost.time.value() / 1e9},
                          {"peak_gbps", on.memory.peak.value() / 1e9}};
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  const std::string text = fmt::format(
      "{} on {}: {:.3f} us, bound by {} (launch {:.3f}, compute {:.3f}, memory {:.3f} us)\n{:.4g} TFLOP/s, {:.4g} "
      "GB/s, "
      "{:.4g} mJ\n",
      work.name, on.title, us, chip::name_of(cost.bound), cost.launch.in(core::microseconds(1)),
      cost.compute.in(core::microseconds(1)), cost.memory.in(core::microseconds(1)),
      work.flops.value() / cost.time.value() / 1e12, bytes / cost.time.value() / 1e9, cost.joules.value() * 1e3);
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_chip(Args& program) {
  auto& args = program.command("chip", "the chip alone").command("kernel", "time and energy of one kernel");
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
}

}  // namespace wordline::cli
