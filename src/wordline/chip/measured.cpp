#include "wordline/chip/measured.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "wordline/chip/kernels.h"
#include "wordline/core/error.h"

namespace wordline::chip {

namespace {

struct Columns {
  const char* mark;  // the column that no other kind has
  std::vector<std::string> needed, optional;
};

const Columns& columns_of(MeasuredOp op) {
  static const std::array<Columns, 5> all = {
      Columns{"n", {"dtype", "m", "n", "k"}, {}},
      Columns{"isl", {"attn_dtype", "kv_dtype", "hd", "nh", "nkv", "b", "isl"}, {}},
      Columns{"kv_len", {"attn_dtype", "kv_dtype", "hd", "nh", "nkv", "b", "kv_len"}, {}},
      Columns{"topk", {"dtype", "dist", "h", "i", "topk", "e", "tp", "ep", "tok"}, {"kernel"}},
      Columns{"quant_dtype", {"op", "quant_dtype", "m", "k"}, {}}};
  return all[static_cast<std::size_t>(op)];
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The formats of a product: of the stored weights and of both operands as multiplied, and how the activations get
// there from bf16.
enum class Quantised { no, by_tensor, by_block };
struct Formats {
  Dtype weights, operands;
  Quantised activations;
};

// The table's cells of one row, by column name.
class Row {
 public:
  Row(const core::Csv& table, MeasuredOp op) : table_(table) {
    const Columns& columns = columns_of(op);
    std::vector<std::string> known = columns.needed;
    known.insert(known.end(), columns.optional.begin(), columns.optional.end());
    known.insert(known.end(), {"us", "library", "repeats", "spread", "residency"});
    for (std::size_t i = 0; i < table.header().size(); ++i)
      if (const auto& name = table.header()[i]; !has(known, name) && !core::is_prediction(name))
        throw core::InputError(table.where_in_header(i), fmt::format("the column \"{}\"", name),
                               fmt::format("one of {}", fmt::join(known, ", ")), core::nearest_name(name, known));
    for (const auto& name : columns.needed) table.column(name);
  }
  void to(std::size_t row) { row_ = row; }
  std::size_t number() const { return row_; }

  std::string_view text(std::string_view column) const { return table_.text(row_, table_.column(column)); }
  std::int64_t size(std::string_view column) const {
    const std::size_t at = table_.column(column);
    const std::int64_t out = table_.integer(row_, at);
    if (out < 1 || out > most)
      throw core::InputError(table_.where(row_, at), fmt::format("{} = {}", column, out),
                             fmt::format("a size of 1 to {}", most));
    return out;
  }
  int count(std::string_view column) const { return static_cast<int>(size(column)); }
  double us() const {
    if (!has(table_.header(), "us")) return 0;
    const std::size_t at = table_.column("us");
    const double out = table_.number(row_, at);
    if (out <= 0) throw core::InputError(table_.where(row_, at), fmt::format("us = {}", out), "a time above 0");
    return out;
  }
  std::optional<Residency> residency() const {
    if (!has(table_.header(), "residency")) return {};
    for (const auto& known : {Residency::warm, Residency::cold})
      if (text("residency") == name_of(known)) return known;
    fail("residency", "warm or cold", core::nearest_name(text("residency"), {"warm", "cold"}));
  }
  // tools/measure writes the library, aiconfigurator's tables do not have it.
  bool names_library() const { return has(table_.header(), "library"); }
  // What `column` names, read by `of`, which throws core::UsageError for names that it does not know.
  template <class Read>
  auto named(std::string_view column, Read of) const {
    try {
      return of(text(column));
    } catch (const core::UsageError& error) {
      throw core::InputError(fmt::format("{}: {}", to_string(table_.where(row_, table_.column(column))), error.what()));
    }
  }
  Dtype dtype(std::string_view column) const { return named(column, dtype_of); }
  [[noreturn]] void fail(std::string_view column, const std::string& wanted, const std::string& nearest = "") const {
    throw core::InputError(table_.where(row_, table_.column(column)), fmt::format("{} = \"{}\"", column, text(column)),
                           wanted, nearest);
  }

 private:
  static constexpr std::int64_t most = 1'000'000'000;
  const core::Csv& table_;
  std::size_t row_ = 0;
};

Formats formats_of(std::string_view name) {
  const Dtype dtype = dtype_of(name);
  if (name == "int8_wo" || name == "w4a16_mxfp4") return {dtype, Dtype::bf16, Quantised::no};
  switch (dtype) {
    case Dtype::fp8:
      return {dtype, dtype, Quantised::by_tensor};
    case Dtype::fp8_block:
    case Dtype::int8:
    case Dtype::fp4:
    case Dtype::mxfp4:
      return {dtype, dtype, Quantised::by_block};
    default:
      return {dtype, dtype, Quantised::no};
  }
}

// What tools/measure calls a product of operands that are fp8 already, whose scales are given: no kernel before it.
constexpr std::string_view static_fp8 = "fp8_static";

// What a format is called in a region: the one that weights are stored in.
std::string spelled(const Formats& formats) {
  return name_of(formats.weights) + (formats.weights == formats.operands ? "" : " weights");
}

void read_gemm(const Row& row, MeasuredRow& out) {
  const bool given = row.text("dtype") == static_fp8;
  const Formats formats = given ? Formats{Dtype::fp8, Dtype::fp8, Quantised::no} : row.named("dtype", formats_of);
  const std::int64_t m = row.size("m"), n = row.size("n"), k = row.size("k");
  if (formats.activations == Quantised::by_tensor) {
    out.kernels.push_back(compute_scale("compute_scale", m, k));
    out.kernels.push_back(quantise_static("scale_matrix", m, k));
  } else if (formats.activations == Quantised::by_block) {
    out.kernels.push_back(quantise_dynamic("quantise", m, k));
  }
  out.kernels.push_back(
      {"gemm", Gemm{.m = m, .n = n, .k = k, .weights = formats.weights, .operands = formats.operands}});
  out.region = (given ? std::string(static_fp8) : spelled(formats)) +
               (n >= 512 && k >= 512 ? " n, k >= 512" : " smaller n or k");
}

struct Heads {
  int heads, kv_heads, dim;
  Dtype operands, kv;
};

Heads read_heads(const Row& row, MeasuredRow& out) {
  const Heads h{row.count("nh"), row.count("nkv"), row.count("hd"), row.dtype("attn_dtype"), row.dtype("kv_dtype")};
  if (h.heads % h.kv_heads != 0) row.fail("nkv", fmt::format("a divisor of the {} heads", h.heads));
  out.region = fmt::format("{} kv {} hd {}", name_of(h.operands), name_of(h.kv), h.dim);
  return h;
}

void read_ctx_attn(const Row& row, MeasuredRow& out) {
  const Heads h = read_heads(row, out);
  const std::int64_t b = row.size("b"), isl = row.size("isl");
  PrefillAttention work;
  work.sequences = b;
  work.tokens = b * isl;
  work.pairs = static_cast<double>(b) * static_cast<double>(isl) * static_cast<double>(isl + 1) / 2;
  work.heads = h.heads;
  work.kv_heads = h.kv_heads;
  work.head_dim = work.value_dim = h.dim;
  work.operands = h.operands;
  work.kv = h.kv;
  out.kernels.push_back({"ctx_attn", work});
}

void read_gen_attn(const Row& row, MeasuredRow& out) {
  const Heads h = read_heads(row, out);
  DecodeAttention work;
  work.sequences = row.size("b");
  work.context = work.sequences * (row.size("kv_len") + 1);
  work.heads = h.heads;
  work.kv_heads = h.kv_heads;
  work.head_dim = work.value_dim = h.dim;
  work.operands = h.operands;
  work.kv = h.kv;
  out.kernels.push_back({"gen_attn", work});
}

// "balanced" is 0, "power_law_1.2" is 1.2.
double skew_of(const Row& row) {
  constexpr std::string_view law = "power_law_";
  const std::string_view dist = row.text("dist");
  if (dist == "balanced") return 0;
  double skew = 0;
  if (dist.starts_with(law)) {
    const char* const end = dist.data() + dist.size();
    const auto [stop, error] = std::from_chars(dist.data() + law.size(), end, skew);
    if (error == std::errc() && stop == end && skew > 0 && skew <= 10) return skew;
  }
  row.fail("dist", "balanced, or power_law_ and an exponent of up to 10",
           core::nearest_name(dist, {"balanced", "power_law_1.2"}));
}

void read_moe(const Row& row, MeasuredRow& out) {
  const Formats formats = row.named("dtype", formats_of);
  Experts work;
  work.tokens = row.size("tok");
  work.hidden = row.size("h");
  const std::int64_t width = row.size("i"), tp = row.size("tp");
  if (width % tp != 0) row.fail("tp", fmt::format("a divisor of the width {}", width));
  work.width = width / tp;
  work.experts = row.count("e");
  work.ranks = row.count("ep");
  if (work.experts % work.ranks != 0) row.fail("ep", fmt::format("a divisor of the {} experts", work.experts));
  work.top_k = row.count("topk");
  if (work.top_k > work.experts) row.fail("topk", fmt::format("at most the {} experts", work.experts));
  work.skew = skew_of(row);
  work.dealt = true;
  work.bench = !row.names_library();
  work.weights = formats.weights;
  work.operands = formats.operands;
  out.kernels.push_back({"moe", work});
  out.region = fmt::format("{} {}", spelled(formats), row.text("dist"));
}

void read_quant(const Row& row, MeasuredRow& out) {
  const std::string_view op = row.text("op");
  if (row.dtype("quant_dtype") != Dtype::fp8) row.fail("quant_dtype", "fp8");
  if (op == "compute_scale")
    out.kernels.push_back(compute_scale("compute_scale", row.size("m"), row.size("k")));
  else if (op == "scale_matrix")
    out.kernels.push_back(quantise_static("scale_matrix", row.size("m"), row.size("k")));
  else
    row.fail("op", "compute_scale or scale_matrix", core::nearest_name(op, {"compute_scale", "scale_matrix"}));
  out.region = op;
}

}  // namespace

const std::vector<std::string>& measured_ops() {
  static const std::vector<std::string> all = {"gemm", "ctx_attn", "gen_attn", "moe", "quant"};
  return all;
}

MeasuredOp measured_op(const std::string& name) {
  const auto& all = measured_ops();
  const auto at = std::find(all.begin(), all.end(), name);
  if (at != all.end()) return static_cast<MeasuredOp>(at - all.begin());
  const std::string near = core::nearest_name(name, all);
  throw core::UsageError(fmt::format("no kind of measured kernels is called \"{}\"; known are {}{}", name,
                                     fmt::join(all, ", "), near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

MeasuredOp measured_op_of(const core::Csv& table) {
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < measured_ops().size(); ++i) {
    marks.emplace_back(columns_of(static_cast<MeasuredOp>(i)).mark);
    if (has(table.header(), marks.back())) return static_cast<MeasuredOp>(i);
  }
  throw core::InputError(
      table.where_in_header(0), fmt::format("the columns {}", fmt::join(table.header(), ", ")),
      fmt::format("those of {}: one of them is {}", fmt::join(measured_ops(), ", "), fmt::join(marks, ", ")));
}

std::vector<MeasuredRow> measured_rows(const core::Csv& table, MeasuredOp op) {
  static constexpr std::array read = {read_gemm, read_ctx_attn, read_gen_attn, read_moe, read_quant};
  Row row(table, op);
  std::vector<MeasuredRow> out(table.rows());
  for (std::size_t i = 0; i < table.rows(); ++i) {
    row.to(i);
    out[i].row = i;
    out[i].op = op;
    out[i].us = row.us();
    out[i].residency = row.residency();
    out[i].fitted_on = core::for_fitting(table, i);
    read[static_cast<std::size_t>(op)](row, out[i]);
  }
  return out;
}

std::string name_of(MeasuredOp op) {
  return op == MeasuredOp::layer ? "layer" : measured_ops()[static_cast<std::size_t>(op)];
}

Residency replayed(MeasuredOp op) {
  if (op == MeasuredOp::layer) return Residency::cold;
  return op == MeasuredOp::gemm ? Residency{1.0 / 6} : Residency::warm;
}

core::Prediction predicted(const MeasuredRow& row, KernelTimer& timer) {
  core::Prediction out;
  core::Seconds longest;
  for (const auto& kernel : row.kernels) {
    const KernelCost cost = timer(kernel);
    const core::Seconds us = core::microseconds(1);
    out.us += cost.time.in(us);
    out.low += cost.low.in(us);
    out.high += cost.high.in(us);
    if (out.bound.empty() || cost.time > longest) {
      out.bound = name_of(cost.bound);
      longest = cost.time;
    }
  }
  return out;
}

}  // namespace wordline::chip
