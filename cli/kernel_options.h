// One kernel by flags: --op and the sizes that it takes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "args.h"
#include "wordline/chip/kernel.h"

namespace wordline::cli {

// The options' values; add_to() fills them in.
struct KernelOptions {
  std::string op;  // "": gemm where --m, --n or --k is given, else counts
  std::optional<std::string> dtype, weights, kv_dtype, scale;
  std::map<std::string, std::optional<std::int64_t>> sizes;  // by flag, without the dashes
  std::map<std::string, std::optional<double>> amounts;      // likewise
  bool latent = false, residual = false, sort = false;

  void add_to(Args& args);
  // Throws core::UsageError for sizes that are missing, not positive, or that this op does not take.
  chip::Kernel kernel() const;
};

}  // namespace wordline::cli
