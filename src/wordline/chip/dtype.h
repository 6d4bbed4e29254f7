// Number formats of operands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::chip {

// fp32: IEEE single (tensor cores round it to TF32). bf16, fp16: 16 bits. fp8: E4M3 with one scale a tensor or row.
// fp8_block: E4M3 with a 32-bit scale for each 128 x 128 weights (DeepSeek-V3). int8: one scale a row. fp4: E2M1 with
// an 8-bit scale for each 16 (NVFP4). mxfp4: E2M1 with an 8-bit exponent for each 32 (OCP microscaling).
enum class Dtype { fp32, bf16, fp16, fp8, fp8_block, int8, fp4, mxfp4 };

// Every format, in the order of the enumeration.
const std::vector<Dtype>& all_dtypes();
// "bf16", "fp8_block": as files and results spell it.
std::string name_of(Dtype);
// The format of that name, also by the names of PyTorch, vLLM and TensorRT-LLM ("bfloat16", "fp8_e4m3", "nvfp4");
// others throw core::UsageError with the nearest name.
Dtype dtype_of(std::string_view name);
// Storage of one number of a large matrix, its share of the scales included.
core::Bytes bytes_of(Dtype);
// The format whose rate an engine must state to multiply this one: block scales do not change the rate.
Dtype multiplied_as(Dtype);

}  // namespace wordline::chip
