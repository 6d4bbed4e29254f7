#include "kernel_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/chip/kernels.h"
#include "wordline/core/error.h"

namespace wordline::cli {

namespace {

// The options of one op: what it reads counts as taken, what else was given is refused.
class Flags {
 public:
  Flags(const KernelOptions& options, std::string op) : o_(options), op_(std::move(op)) {}

  std::int64_t size(const std::string& name) {
    const auto got = given(o_.sizes, name);
    if (!got) throw core::UsageError(fmt::format("--op {} needs --{}", op_, name));
    return positive(name, *got);
  }
  std::int64_t size_or(const std::string& name, std::int64_t fallback) {
    const auto got = given(o_.sizes, name);
    return got ? positive(name, *got) : fallback;
  }
  std::int64_t cached(const std::string& name) {  // may be 0
    const auto got = given(o_.sizes, name);
    return got && *got == 0 ? 0 : size_or(name, 0);
  }
  int count(const std::string& name) { return narrow(name, size(name)); }
  int count_or(const std::string& name, int fallback) { return narrow(name, size_or(name, fallback)); }
  double amount(const std::string& name) {
    const double out = given(o_.amounts, name).value_or(0);
    if (!(out >= 0 && out < 1e30)) throw core::UsageError(fmt::format("--{} must not be negative", name));
    return out;
  }
  chip::Dtype dtype(const std::string& name, const std::optional<std::string>& text, chip::Dtype fallback) {
    taken_.insert(name);
    return text ? chip::dtype_of(*text) : fallback;
  }
  std::string choice(const std::string& name, const std::optional<std::string>& text, const std::string& fallback) {
    taken_.insert(name);
    return text.value_or(fallback);
  }
  bool flag(const std::string& name, bool value) {
    taken_.insert(name);
    return value;
  }

  // Refuses what nobody asked for.
  void finish() const {
    std::set<std::string> all;
    for (const auto& [name, value] : o_.sizes)
      if (value) all.insert(name);
    for (const auto& [name, value] : o_.amounts)
      if (value) all.insert(name);
    if (o_.dtype) all.insert("dtype");
    if (o_.weights) all.insert("weights");
    if (o_.kv_dtype) all.insert("kv-dtype");
    if (o_.scale) all.insert("scale");
    if (o_.latent) all.insert("latent");
    if (o_.residual) all.insert("residual");
    if (o_.sort) all.insert("sort");
    for (const auto& name : all)
      if (!taken_.contains(name))
        throw core::UsageError(
            fmt::format("--{} says nothing of --op {}, which takes --{}", name, op_, fmt::join(taken_, ", --")));
  }

 private:
  template <class T>
  std::optional<T> given(const std::map<std::string, std::optional<T>>& from, const std::string& name) {
    taken_.insert(name);
    const auto at = from.find(name);
    return at == from.end() ? std::nullopt : at->second;
  }
  static std::int64_t positive(const std::string& name, std::int64_t value) {
    if (value < 1 || value > 1'000'000'000'000)
      throw core::UsageError(fmt::format("--{} is {}; wanted 1 to 10^12", name, value));
    return value;
  }
  static int narrow(const std::string& name, std::int64_t value) {
    if (value > 1'000'000'000) throw core::UsageError(fmt::format("--{} is {}; wanted 1 to 10^9", name, value));
    return static_cast<int>(value);
  }

  const KernelOptions& o_;
  std::string op_;
  std::set<std::string> taken_;
};

using chip::Dtype;
using chip::Kernel;

Kernel gemm(const KernelOptions& o, Flags& f) {
  chip::Gemm out;
  out.m = f.size("m");
  out.n = f.size("n");
  out.k = f.size("k");
  out.batch = f.size_or("batch", 1);
  out.operands = f.dtype("dtype", o.dtype, Dtype::bf16);
  out.weights = f.dtype("weights", o.weights, out.operands);
  return {"gemm", out};
}

Kernel moe(const KernelOptions& o, Flags& f) {
  chip::Experts out;
  out.tokens = f.size("tokens");
  out.hidden = f.size("hidden");
  out.width = f.size("width");
  out.experts = f.count("experts");
  out.top_k = f.count("top-k");
  out.ranks = f.count_or("ranks", 1);
  out.skew = f.amount("skew");
  out.operands = f.dtype("dtype", o.dtype, Dtype::bf16);
  out.weights = f.dtype("weights", o.weights, out.operands);
  if (out.top_k > out.experts) throw core::UsageError("--top-k must be at most --experts");
  if (out.experts % out.ranks != 0) throw core::UsageError("--ranks must divide --experts");
  return {"moe", out};
}

// Fills in what both kinds of attention have.
template <class Attention>
void heads(Attention& out, const KernelOptions& o, Flags& f) {
  out.heads = f.count("heads");
  out.kv_heads = f.count_or("kv-heads", out.heads);
  out.head_dim = f.count_or("head-dim", 128);
  out.value_dim = f.count_or("value-dim", out.head_dim);
  out.operands = f.dtype("dtype", o.dtype, Dtype::bf16);
  out.kv = f.dtype("kv-dtype", o.kv_dtype, out.operands);
  if (out.heads % out.kv_heads != 0) throw core::UsageError("--kv-heads must divide --heads");
}

Kernel ctx_attn(const KernelOptions& o, Flags& f) {
  chip::PrefillAttention out;
  out.sequences = f.size_or("batch", 1);
  const std::int64_t tokens = f.size("tokens"), context = f.cached("context");
  heads(out, o, f);
  out.tokens = out.sequences * tokens;
  out.context = out.sequences * context;
  const auto n = static_cast<double>(tokens), before = static_cast<double>(context);
  out.pairs = static_cast<double>(out.sequences) * (n * before + n * (n + 1) / 2);
  return {"ctx_attn", out};
}

Kernel gen_attn(const KernelOptions& o, Flags& f) {
  chip::DecodeAttention out;
  out.sequences = f.size_or("batch", 1);
  out.context = out.sequences * f.size("context");
  out.latent = f.flag("latent", o.latent);
  heads(out, o, f);
  out.page_tokens = f.count_or("page-tokens", out.page_tokens);
  if (out.latent && out.value_dim > out.head_dim)
    throw core::UsageError("--latent: --value-dim must be at most --head-dim, of which the value is a part");
  return {"gen_attn", out};
}

Kernel quant(const KernelOptions& o, Flags& f) {
  const std::string scale = f.choice("scale", o.scale, "dynamic");
  const std::int64_t rows = f.size("rows"), width = f.size("width");
  if (scale == "static") return chip::quantise_static("quantise_static", rows, width);
  if (scale == "compute") return chip::compute_scale("compute_scale", rows, width);
  return chip::quantise_dynamic("quantise_dynamic", rows, width);
}

Kernel counts(const KernelOptions& o, Flags& f) {
  chip::Movement out;
  out.dtype = f.dtype("dtype", o.dtype, Dtype::bf16);
  out.matrix = core::Flops(f.amount("flops"));
  out.vector = core::Flops(f.amount("vector-flops"));
  out.read = core::bytes(f.amount("read"));
  out.written = core::bytes(f.amount("written"));
  out.paged = core::bytes(f.amount("paged"));
  out.page = core::bytes(f.amount("page"));
  if (out.paged.value() > 0 && out.page.value() < 64) throw core::UsageError("--paged needs --page, at least 64 bytes");
  return {"kernel", out};
}

using Make = std::function<Kernel(const KernelOptions&, Flags&)>;

// A kernel of rows of one width.
Make rows(Kernel (*make)(std::string, std::int64_t, std::int64_t), const char* name) {
  return [=](const KernelOptions&, Flags& f) {
    const std::int64_t count = f.size("rows");
    return make(name, count, f.size("width"));
  };
}

const std::map<std::string, Make>& makers() {
  static const std::map<std::string, Make> all = {
      {"gemm", gemm},
      {"moe", moe},
      {"ctx_attn", ctx_attn},
      {"gen_attn", gen_attn},
      {"quant", quant},
      {"counts", counts},
      {"activation", rows(chip::gated_activation, "activation")},
      {"embedding", rows(chip::embedding, "embedding")},
      {"norm",
       [](const KernelOptions& o, Flags& f) {
         const std::int64_t count = f.size("rows"), width = f.size("width");
         return chip::rms_norm("norm", count, width, f.flag("residual", o.residual));
       }},
      {"rope",
       [](const KernelOptions&, Flags& f) {
         const std::int64_t count = f.size("rows"), width = f.size("width");
         return chip::rotary("rope", count, width, core::bytes(f.amount("cached")));
       }},
      {"sampling",
       [](const KernelOptions& o, Flags& f) {
         const std::int64_t count = f.size("rows"), width = f.size("width");
         return chip::sampling("sampling", count, width, f.flag("sort", o.sort));
       }},
      {"top_k",
       [](const KernelOptions&, Flags& f) {
         const std::int64_t count = f.size("rows"), width = f.size("width");
         return chip::top_k("top_k", count, width, f.count("top-k"));
       }},
      {"copy", [](const KernelOptions&, Flags& f) {
         return chip::copy("copy", core::bytes(static_cast<double>(f.size("bytes"))));
       }}};
  return all;
}

}  // namespace

void KernelOptions::add_to(Args& args) {
  std::vector<std::string> ops;
  for (const auto& [name, make] : makers()) ops.push_back(name);
  args.option("--op", op, "kind of kernel; gemm where --m, --n or --k is given, else counts").choices(ops).called("OP");
  args.option("--dtype", dtype,
              "format in which operands are multiplied: bf16, fp16, fp8, fp8_block, int8, fp4, mxfp4");
  args.option("--weights", weights, "gemm, moe: format in which weights are stored, where it is another");
  args.option("--kv-dtype", kv_dtype, "attention: format of the cached keys and values, where it is another");
  const auto size = [&](const char* name, const char* help) {
    args.option(std::string("--") + name, sizes[name], help).called("N");
  };
  size("m", "gemm: rows (tokens)");
  size("n", "gemm: columns");
  size("k", "gemm: inner size");
  size("batch", "gemm: products; attention: sequences (1)");
  size("tokens", "moe: tokens of all ranks; ctx_attn: new tokens of each sequence");
  size("context", "ctx_attn: cached tokens of each sequence; gen_attn: tokens that each reads");
  size("heads", "attention: query heads on this rank");
  size("kv-heads", "attention: KV heads on this rank (as many as query heads)");
  size("head-dim", "attention: numbers of a key (128)");
  size("value-dim", "attention: numbers of a value (as a key)");
  size("page-tokens", "gen_attn: tokens of a KV block (16)");
  args.option("--latent", latent, "gen_attn: keys and values are one cached vector, as in absorbed MLA");
  size("hidden", "moe: width of the model");
  size("width", "moe: width of an expert on this rank; others: numbers in a row");
  size("experts", "moe: experts of all ranks");
  size("top-k", "moe: experts of a token; top_k: how many of a row");
  size("ranks", "moe: ranks that share the experts (1)");
  args.option("--skew", amounts["skew"], "moe: exponent of the power law by which tokens fall on experts (0: evenly)");
  size("rows", "small kernels: rows (tokens)");
  args.option("--residual", residual, "norm: adds the residual stream first");
  args.option("--cached", amounts["cached"], "rope: bytes of keys and values written to the cache a row");
  args.option("--sort", sort, "sampling: by top-k or top-p, which sorts");
  args.option("--scale", scale, "quant: compute (the scale alone), static (it is known), dynamic (both in one)")
      .choices({"compute", "static", "dynamic"});
  size("bytes", "copy: bytes");
  args.option("--flops", amounts["flops"], "counts: matrix operations");
  args.option("--vector-flops", amounts["vector-flops"], "counts: other operations, in 32 bits");
  args.option("--read", amounts["read"], "counts: bytes read in long runs");
  args.option("--written", amounts["written"], "counts: bytes written in long runs");
  args.option("--paged", amounts["paged"], "counts: bytes read in scattered pieces");
  args.option("--page", amounts["page"], "counts: bytes of such a piece");
}

chip::Kernel KernelOptions::kernel() const {
  const auto has = [&](const char* name) { return sizes.contains(name) && sizes.at(name).has_value(); };
  const std::string chosen = !op.empty() ? op : has("m") || has("n") || has("k") ? "gemm" : "counts";
  Flags flags(*this, chosen);
  auto out = makers().at(chosen)(*this, flags);
  flags.finish();
  return out;
}

}  // namespace wordline::cli
