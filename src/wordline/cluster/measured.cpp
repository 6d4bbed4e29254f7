#include "wordline/cluster/measured.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wordline/core/error.h"

namespace wordline::cluster {

namespace {

struct Format {
  std::string_view name;
  chip::Dtype dtype;
  double bytes;
};
// By NCCL's and PyTorch's names.
constexpr Format formats[] = {{"half", chip::Dtype::fp16, 2},     {"float16", chip::Dtype::fp16, 2},
                              {"bfloat16", chip::Dtype::bf16, 2}, {"float", chip::Dtype::fp32, 4},
                              {"float32", chip::Dtype::fp32, 4},  {"int8", chip::Dtype::int8, 1}};

template <class Names>
[[noreturn]] void refuse(const core::Csv& table, std::size_t row, std::size_t column, const Names& names) {
  const std::string found(table.text(row, column));
  throw core::InputError(table.where(row, column), fmt::format("\"{}\"", found),
                         fmt::format("one of {}", fmt::join(names, ", ")), core::nearest_name(found, names));
}

}  // namespace

MeasuredTransfers::MeasuredTransfers(const core::Csv& table)
    : table_(table),
      sys_(table.column("sys")),
      op_(table.column("op")),
      dtype_(table.column("dtype")),
      gpus_(table.column("gpus")),
      elems_(table.column("elems")),
      impl_(table.column("impl")) {
  const auto& header = table.header();
  if (std::find(header.begin(), header.end(), "us") != header.end()) us_ = table.column("us");
}

bool MeasuredTransfers::is_of(std::size_t row, const std::string& chip) const {
  std::string sys(table_.text(row, sys_));
  std::replace(sys.begin(), sys.end(), '_', '-');
  return chip == sys || chip.starts_with(sys + "-");
}

MeasuredTransfer MeasuredTransfers::row(std::size_t row) const {
  MeasuredTransfer out;
  try {
    out.transfer.collective = collective_of(table_.text(row, op_));
  } catch (const core::UsageError&) {
    std::vector<std::string> names = {"alltoall"};
    for (const auto collective : all_collectives()) names.push_back(name_of(collective));
    refuse(table_, row, op_, names);
  }
  out.transfer.name = name_of(out.transfer.collective);
  const auto format = std::find_if(std::begin(formats), std::end(formats),
                                   [&](const Format& f) { return f.name == table_.text(row, dtype_); });
  if (format == std::end(formats)) {
    std::vector<std::string> names;
    for (const auto& known : formats) names.emplace_back(known.name);
    refuse(table_, row, dtype_, names);
  }
  out.transfer.dtype = format->dtype;
  const std::int64_t gpus = table_.integer(row, gpus_), elems = table_.integer(row, elems_);
  if (gpus < 1 || gpus > 1 << 16)
    throw core::InputError(table_.where(row, gpus_), std::to_string(gpus), "a number of chips from 1 to 65536");
  if (elems < 0) throw core::InputError(table_.where(row, elems_), std::to_string(elems), "at least 0");
  out.chips = static_cast<int>(gpus);
  out.transfer.bytes = core::bytes(static_cast<double>(elems) * format->bytes);
  const std::string_view impl = table_.text(row, impl_);
  if (impl.starts_with("nccl"))
    out.software = Software::nccl;
  else if (impl.starts_with("trtllm"))
    out.software = Software::tensorrt_llm;
  else if (impl.starts_with("vllm"))
    out.software = Software::vllm;
  else
    refuse(table_, row, impl_, std::vector<std::string>{"nccl", "trtllm", "vllm"});
  if (us_) {
    out.us = table_.number(row, *us_);
    if (!(*out.us > 0))
      throw core::InputError(table_.where(row, *us_), std::string(table_.text(row, *us_)), "a time above 0");
  }
  return out;
}

}  // namespace wordline::cluster
