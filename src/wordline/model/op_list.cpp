#include "wordline/model/op_list.h"

#include <algorithm>

namespace wordline::model {

namespace {

using chip::Dtype;

constexpr double wide_bytes = 2;

bool equal(const Op& a, const Op& b) {
  if (a.work.index() != b.work.index() || a.chips != b.chips || a.name() != b.name()) return false;
  if (const auto* kernel = std::get_if<chip::Kernel>(&a.work))
    return kernel->work == std::get<chip::Kernel>(b.work).work;
  const auto &x = std::get<cluster::Transfer>(a.work), &y = std::get<cluster::Transfer>(b.work);
  return x.collective == y.collective && x.bytes == y.bytes;
}

}  // namespace

Dtype OpList::operands(const Storage& stored) const {
  const bool wide = stored.dtype == Dtype::bf16 || stored.dtype == Dtype::fp16 || stored.dtype == Dtype::fp32;
  if (wide) return stored.dtype;
  if (activations_of(d_) == Activations::none) return Dtype::bf16;
  const bool widened = !d_.chip.engines.empty() && !d_.chip.computes(stored.dtype);
  return widened ? Dtype::bf16 : stored.dtype;
}

// One 32-bit scale for each 128 numbers in blocks; those of whole rows are left out.
double OpList::input_bytes(const Storage& stored) const {
  const Dtype dtype = operands(stored);
  return dtype == Dtype::fp8_block ? 1 + 4.0 / 128 : chip::bytes_of(dtype).value();
}

void OpList::add(Op op) {
  if (op.count == 0) return;
  const auto same = std::find_if(ops_.begin(), ops_.end(), [&](const Op& other) { return equal(op, other); });
  if (same == ops_.end())
    ops_.push_back(std::move(op));
  else
    same->count += op.count;
}

void OpList::add(chip::Kernel kernel, int count) { add(Op{std::move(kernel), count, d_.tp * d_.dp}); }

void OpList::add(const char* name, cluster::Collective collective, double bytes, int chips, int count) {
  if (chips > 1) add(Op{cluster::Transfer{name, collective, core::bytes(bytes)}, count, chips});
}

void OpList::gemm(const char* name, std::int64_t rows, std::int64_t n, std::int64_t k, const Storage& stored,
                  int count) {
  chip::Gemm work;
  work.m = rows, work.n = n, work.k = k;
  work.weights = stored.dtype;
  work.operands = operands(stored);
  add({name, work}, count);
}

void OpList::quantise(const char* name, std::int64_t rows, std::int64_t width, const Storage& stored, int count,
                      bool also_wide) {
  const double narrow = input_bytes(stored);
  const bool fixed = activations_of(d_) == Activations::fixed;
  if (narrow >= wide_bytes || (fixed && !also_wide)) return;
  chip::Kernel kernel = fixed ? chip::quantise_static(name, rows, width) : chip::quantise_dynamic(name, rows, width);
  const double numbers = static_cast<double>(rows) * static_cast<double>(width);
  std::get<chip::Movement>(kernel.work).written = core::bytes(numbers * narrow);
  add(std::move(kernel), count);
}

chip::Kernel OpList::feeding(chip::Kernel kernel, double numbers, const Storage& stored) const {
  const double narrow = input_bytes(stored);
  if (activations_of(d_) == Activations::fixed && narrow < wide_bytes)
    std::get<chip::Movement>(kernel.work).written -= core::bytes(numbers * (wide_bytes - narrow));
  return kernel;
}

}  // namespace wordline::model
