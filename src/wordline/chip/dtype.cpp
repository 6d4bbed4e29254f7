#include "wordline/chip/dtype.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "wordline/core/error.h"

namespace wordline::chip {

namespace {

struct Format {
  Dtype dtype;
  const char* name;
};

constexpr std::array formats = {
    Format{Dtype::fp32, "fp32"}, Format{Dtype::bf16, "bf16"},           Format{Dtype::fp16, "fp16"},
    Format{Dtype::fp8, "fp8"},   Format{Dtype::fp8_block, "fp8_block"}, Format{Dtype::int8, "int8"},
    Format{Dtype::fp4, "fp4"},   Format{Dtype::mxfp4, "mxfp4"},
};

const Format& format_of(Dtype dtype) { return formats[static_cast<std::size_t>(dtype)]; }

// What others call them.
constexpr std::array<std::pair<const char*, Dtype>, 10> aliases = {{{"float32", Dtype::fp32},
                                                                    {"bfloat16", Dtype::bf16},
                                                                    {"float16", Dtype::fp16},
                                                                    {"half", Dtype::fp16},
                                                                    {"fp8_e4m3", Dtype::fp8},
                                                                    {"float8_e4m3fn", Dtype::fp8},
                                                                    {"int8_wo", Dtype::int8},
                                                                    {"nvfp4", Dtype::fp4},
                                                                    {"w4a16_mxfp4", Dtype::mxfp4},
                                                                    {"fp8_e5m2", Dtype::fp8}}};

}  // namespace

const std::vector<Dtype>& all_dtypes() {
  static const std::vector<Dtype> all = [] {
    std::vector<Dtype> out;
    for (const auto& format : formats) out.push_back(format.dtype);
    return out;
  }();
  return all;
}

std::string name_of(Dtype dtype) { return format_of(dtype).name; }

Dtype dtype_of(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& format : formats) {
    if (name == format.name) return format.dtype;
    known.emplace_back(format.name);
  }
  for (const auto& [alias, dtype] : aliases) {
    if (name == alias) return dtype;
    known.emplace_back(alias);
  }
  const std::string near = core::nearest_name(name, known);
  throw core::UsageError(fmt::format("the number format \"{}\" is not known; known are {}{}", name,
                                     fmt::join(known, ", "), near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

}  // namespace wordline::chip
