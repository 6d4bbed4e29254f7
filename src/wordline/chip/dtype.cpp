#include "wordline/chip/dtype.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/core/error.h"

namespace wordline::chip {

const std::vector<Dtype>& all_dtypes() {
  static const std::vector<Dtype> all = {Dtype::bf16, Dtype::fp8};
  return all;
}

std::string name_of(Dtype dtype) { return dtype == Dtype::bf16 ? "bf16" : "fp8"; }

Dtype dtype_of(std::string_view name) {
  if (name == "bf16" || name == "bfloat16" || name == "float16" || name == "fp16") return Dtype::bf16;
  if (name == "fp8" || name == "fp8_e4m3" || name == "float8_e4m3fn") return Dtype::fp8;
  const std::vector<std::string> known = {"bf16", "bfloat16", "float16", "fp8", "fp8_e4m3"};
  const std::string near = core::nearest_name(name, known);
  throw core::UsageError(fmt::format("the number format \"{}\" is not known; known are {}{}", name,
                                     fmt::join(known, ", "), near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

core::Bytes bytes_of(Dtype dtype) { return core::bytes(dtype == Dtype::bf16 ? 2 : 1); }

}  // namespace wordline::chip
