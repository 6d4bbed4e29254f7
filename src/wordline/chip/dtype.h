// Number formats of operands.
#pragma once

#include <array>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::chip {

// fp32: IEEE single (tensor cores round it to TF32). bf16, fp16: 16 bits. fp8: E4M3 with one scale a tensor or row.
// fp8_block: E4M3 with a 32-bit scale for each 128 x 128 weights (DeepSeek-V3). int8: one scale a row. fp4: E2M1 with
// an 8-bit scale for each 16 (NVFP4). mxfp4: E2M1 with an 8-bit exponent for each 32 (OCP microscaling).
enum class Dtype { fp32, bf16, fp16, fp8, fp8_block, int8, fp4, mxfp4 };
inline constexpr std::size_t dtypes = 8;

// Every format, in the order of the enumeration.
const std::vector<Dtype>& all_dtypes();
// "bf16", "fp8_block": as files and results spell it.
std::string name_of(Dtype);
// A value for each format, computed once and looked up by the format.
template <class Value>
class ByDtype {
 public:
  template <std::invocable<Dtype> Compute>
  explicit ByDtype(Compute compute) {
    for (std::size_t i = 0; i < dtypes; ++i) values_[i] = compute(static_cast<Dtype>(i));
  }
  const Value& operator[](Dtype dtype) const { return values_[static_cast<std::size_t>(dtype)]; }

 private:
  std::array<Value, dtypes> values_;
};

// The format of that name, also by the names of PyTorch, vLLM and TensorRT-LLM ("bfloat16", "fp8_e4m3", "nvfp4");
// others throw core::UsageError with the nearest name.
Dtype dtype_of(std::string_view name);
// Storage of one number of a large matrix, its share of the scales included.
constexpr core::Bytes bytes_of(Dtype dtype) {
  constexpr std::array<double, dtypes> bytes = {4, 2, 2, 1, 1 + 4.0 / (128 * 128), 1, 0.5 + 1.0 / 16, 0.5 + 1.0 / 32};
  return core::bytes(bytes[static_cast<std::size_t>(dtype)]);
}
// The format whose rate an engine must state to multiply this one: block scales do not change the rate.
constexpr Dtype multiplied_as(Dtype dtype) {
  if (dtype == Dtype::fp8_block) return Dtype::fp8;
  return dtype == Dtype::mxfp4 ? Dtype::fp4 : dtype;
}

}  // namespace wordline::chip
