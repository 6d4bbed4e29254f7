// A table of measured collectives, row by row: sys,op,dtype,gpus,elems,impl and, where measured, us. elems counts the
// numbers that each chip starts or ends with, the larger.
#pragma once

#include <optional>

#include "wordline/cluster/transfer.h"
#include "wordline/core/csv.h"

namespace wordline::cluster {

// One row as asked of the model.
struct MeasuredTransfer {
  int chips = 0;
  Software software = Software::nccl;
  Transfer transfer;
  std::optional<double> us;
};

// Reads rows of such a table; columns that lack throw core::InputError, with the nearest of those there are.
class MeasuredTransfers {
 public:
  explicit MeasuredTransfers(const core::Csv&);
  // Whether the row is of this chip: sys is its name or the start of it, '_' for '-' ("h100_sxm", "a100_sxm" for
  // "a100-sxm-80gb").
  bool is_of(std::size_t row, const std::string& chip) const;
  // impl: nccl... is NCCL alone, trtllm... and vllm... have their custom all-reduce besides. Wrong values throw
  // core::InputError with file, line and column.
  MeasuredTransfer row(std::size_t row) const;

 private:
  const core::Csv& table_;
  std::size_t sys_, op_, dtype_, gpus_, elems_, impl_;
  std::optional<std::size_t> us_;
};

}  // namespace wordline::cluster
