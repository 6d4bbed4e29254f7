// Number formats of operands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::chip {

// bf16: 16-bit brain float. fp8: 8-bit float (E4M3).
enum class Dtype { bf16, fp8 };

// Every format, in the order of the enumeration.
const std::vector<Dtype>& all_dtypes();
// "bf16", "fp8": as files and results spell it.
std::string name_of(Dtype);
// The format of that name ("bfloat16" and "float16" read as bf16, "fp8_e4m3" as fp8); others throw core::UsageError
// with the nearest name.
Dtype dtype_of(std::string_view name);
// Storage of one number.
core::Bytes bytes_of(Dtype);

}  // namespace wordline::chip
