#include "wordline/chip/measured_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/core/csv.h"
#include "wordline/core/error.h"

namespace wordline::chip {

namespace {

std::int64_t number(Dtype dtype) { return static_cast<std::int64_t>(dtype); }

// Where x lies between two neighbours: the index of the lower one and the share of the way to the upper one.
std::pair<std::size_t, double> between(const std::vector<double>& line, double x) {
  if (line.size() == 1) return {0, 0};
  const auto after = std::upper_bound(line.begin() + 1, line.end() - 1, x);
  const auto at = static_cast<std::size_t>(after - line.begin()) - 1;
  return {at, std::clamp((x - line[at]) / (line[at + 1] - line[at]), 0.0, 1.0)};
}

// The one chunk that has as many new tokens and query-key pairs as all chunks together, or nearly.
PrefillAttention one_chunk(PrefillAttention w) {
  const auto tokens = static_cast<double>(w.tokens - w.decode_sequences);
  const double pairs = w.pairs - static_cast<double>(w.decode_sequences + w.decode_context);
  const double context = std::max(0.0, std::round(pairs / tokens - (tokens + 1) / 2));
  w.sequences = 1 + w.decode_sequences;
  w.context = static_cast<std::int64_t>(context) + w.decode_context;
  w.pairs = tokens * context + tokens * (tokens + 1) / 2 + static_cast<double>(w.decode_sequences + w.decode_context);
  return w;
}

// The place of a kernel on the grids of its kind, and a kernel of the same heads at another place.
std::vector<double> place_of(const DecodeAttention& w) {
  const auto sequences = static_cast<double>(w.sequences);
  return {sequences, static_cast<double>(w.context) / sequences - 1};
}
std::vector<double> place_of(const PrefillAttention& w) {
  std::vector<double> out = {static_cast<double>(w.tokens - w.decode_sequences),
                             static_cast<double>(w.context - w.decode_context)};
  if (w.decode_sequences == 0) return out;
  const auto sequences = static_cast<double>(w.decode_sequences);
  out.insert(out.end(), {sequences, static_cast<double>(w.decode_context) / sequences});
  return out;
}
DecodeAttention moved(DecodeAttention w, const std::vector<double>& to) {
  w.sequences = static_cast<std::int64_t>(to[0]);
  w.context = static_cast<std::int64_t>(to[0] * (to[1] + 1));
  return w;
}
PrefillAttention moved(PrefillAttention w, const std::vector<double>& to) {
  const double decoding = to.size() > 2 ? to[2] : 0, read = to.size() > 2 ? to[2] * to[3] : 0;
  w.decode_sequences = static_cast<std::int64_t>(decoding);
  w.decode_context = static_cast<std::int64_t>(read);
  w.sequences = 1 + w.decode_sequences;
  w.tokens = static_cast<std::int64_t>(to[0] + decoding);
  w.context = static_cast<std::int64_t>(to[1] + read);
  w.pairs = to[0] * to[1] + to[0] * (to[0] + 1) / 2 + decoding + read;
  return w;
}

template <class Attention>
std::vector<std::int64_t> key_of(const Attention& w) {
  return {w.heads, w.kv_heads, w.head_dim, w.value_dim, number(w.operands), number(w.kv)};
}
std::vector<std::int64_t> key_of(const Gemm& w) {
  return {w.n, w.k, w.batch, number(w.weights), number(w.operands), number(w.output)};
}

double bytes_of(const Movement& w) { return (w.read + w.written + w.paged).value(); }

}  // namespace

double Line::nearest(double x) const { return std::clamp(x, points_.begin()->first, points_.rbegin()->first); }

double Line::at(double x) const {
  const auto after = points_.lower_bound(x);
  if (after == points_.end()) return points_.rbegin()->second;
  if (after->first == x || after == points_.begin()) return after->second;
  const auto before = std::prev(after);
  const double share = (x - before->first) / (after->first - before->first);
  return before->second + share * (after->second - before->second);
}

Grid::Grid(const std::map<std::vector<double>, double>& points) {
  if (points.empty()) return;
  const std::size_t variables = points.begin()->first.size();
  std::vector<std::map<double, std::size_t>> counts(variables);  // points on each line that is left
  std::map<std::vector<double>, double> left = points;
  const auto count = [&] {
    for (auto& of_one : counts) of_one.clear();
    for (const auto& [x, y] : left)
      for (std::size_t i = 0; i < variables; ++i) ++counts[i][x[i]];
  };
  const auto all = [&] {
    std::size_t out = 1;
    for (const auto& of_one : counts) out *= of_one.size();
    return out;
  };
  for (count(); left.size() < all(); count()) {
    std::size_t variable = 0;
    double line = 0, least = 2;
    for (std::size_t i = 0; i < variables; ++i)
      for (const auto& [x, n] : counts[i])
        if (const double share = static_cast<double>(n * counts[i].size()) / static_cast<double>(all());
            counts[i].size() > 1 && share < least)
          variable = i, line = x, least = share;
    std::erase_if(left, [&](const auto& point) { return point.first[variable] == line; });
  }
  for (const auto& of_one : counts) {
    lines_.emplace_back();
    for (const auto& [x, n] : of_one) lines_.back().push_back(x);
  }
  for (const auto& [x, y] : left) values_.push_back(y);
}

std::vector<double> Grid::nearest(std::vector<double> x) const {
  for (std::size_t i = 0; i < lines_.size(); ++i) x[i] = std::clamp(x[i], lines_[i].front(), lines_[i].back());
  return x;
}

double Grid::at(const std::vector<double>& x) const {
  double out = 0;
  const std::size_t corners = std::size_t{1} << lines_.size();
  for (std::size_t corner = 0; corner < corners; ++corner) {
    double weight = 1;
    std::size_t index = 0;
    for (std::size_t i = 0; i < lines_.size() && weight > 0; ++i) {
      const auto [lower, share] = between(lines_[i], x[i]);
      const bool upper = (corner >> i & 1) != 0;
      weight *= upper ? share : 1 - share;
      index = index * lines_[i].size() + lower + (upper ? 1 : 0);
    }
    if (weight > 0) out += weight * values_[index];
  }
  return out;
}

MeasuredTimes::MeasuredTimes(const std::vector<MeasuredTime>& all) {
  std::map<Key, std::map<std::vector<double>, double>> decodes, prefills, mixed;
  for (const auto& [kernel, seconds] : all) {
    if (const auto* product = std::get_if<Gemm>(&kernel.work))
      products_[key_of(*product)].add(static_cast<double>(product->m), seconds);
    else if (const auto* movement = std::get_if<Movement>(&kernel.work))
      movements_[kernel.name].add(bytes_of(*movement), seconds);
    else if (const auto* decode = std::get_if<DecodeAttention>(&kernel.work))
      decodes[key_of(*decode)][place_of(*decode)] = seconds;
    else if (const auto* prefill = std::get_if<PrefillAttention>(&kernel.work))
      (prefill->decode_sequences > 0 ? mixed : prefills)[key_of(*prefill)][place_of(*prefill)] = seconds;
  }
  for (const auto& [key, points] : decodes) decodes_.emplace(key, Grid(points));
  for (const auto& [key, points] : prefills) prefills_.emplace(key, Grid(points));
  for (const auto& [key, points] : mixed) mixed_.emplace(key, Grid(points));
}

std::optional<double> MeasuredTimes::seconds(const Kernel& kernel,
                                             const std::function<double(const Kernel&)>& model) const {
  // The measured time of `known`, in the proportion of the model's times where the kernel is another.
  const auto beside = [&](double measured, auto known) {
    return measured * model(kernel) / model(Kernel{kernel.name, std::move(known)});
  };
  if (const auto* product = std::get_if<Gemm>(&kernel.work)) {
    const auto found = products_.find(key_of(*product));
    if (found == products_.end()) return {};
    const auto m = static_cast<double>(product->m);
    const double near = found->second.nearest(m), measured = found->second.at(near);
    Gemm known = *product;
    known.m = static_cast<std::int64_t>(near);
    return near == m ? measured : beside(measured, known);
  }
  if (const auto* movement = std::get_if<Movement>(&kernel.work)) {
    const auto found = movements_.find(kernel.name);
    const double bytes = bytes_of(*movement);
    if (found == movements_.end() || bytes <= 0) return {};
    const double near = found->second.nearest(bytes), measured = found->second.at(near), share = near / bytes;
    Movement known = *movement;
    known.read = known.read * share, known.written = known.written * share, known.paged = known.paged * share;
    known.vector = known.vector * share;
    return near == bytes ? measured : beside(measured, known);
  }
  const auto on = [&](const std::map<Key, Grid>& grids, const auto& work, const auto& alike) -> std::optional<double> {
    const auto found = grids.find(key_of(work));
    if (found == grids.end() || found->second.empty()) return {};
    const std::vector<double> place = place_of(alike), near = found->second.nearest(place);
    const double measured = found->second.at(near);
    return near == place && alike == work ? measured : beside(measured, near == place ? alike : moved(alike, near));
  };
  if (const auto* decode = std::get_if<DecodeAttention>(&kernel.work)) {
    if (decode->latent || decode->queries > 1 || decode->sequences < 1) return {};
    return on(decodes_, *decode, *decode);
  }
  if (const auto* prefill = std::get_if<PrefillAttention>(&kernel.work)) {
    if (prefill->tokens <= prefill->decode_sequences || prefill->decode_queries > 1) return {};
    const bool alone = prefill->sequences == 1 + prefill->decode_sequences;
    return on(prefill->decode_sequences > 0 ? mixed_ : prefills_, *prefill, alone ? *prefill : one_chunk(*prefill));
  }
  return {};
}

std::string profile_csv(const std::vector<MeasuredTime>& all) {
  std::string out = "kernel,dtype,n,k,heads,kv_heads,head_dim,tokens,context,sequences,sequence_context,bytes,us\n";
  for (const auto& [kernel, seconds] : all) {
    const std::string dtype = name_of(operands_of(kernel));
    const double us = seconds * 1e6;
    if (const auto* product = std::get_if<Gemm>(&kernel.work)) {
      out += fmt::format("{},{},{},{},,,,{},,,,,{:.6g}\n", core::csv_field(kernel.name), dtype, product->n, product->k,
                         product->m, us);
    } else if (const auto* movement = std::get_if<Movement>(&kernel.work)) {
      out +=
          fmt::format("{},{},,,,,,,,,,{:.17g},{:.6g}\n", core::csv_field(kernel.name), dtype, bytes_of(*movement), us);
    } else if (const auto* decode = std::get_if<DecodeAttention>(&kernel.work)) {
      const auto place = place_of(*decode);
      out += fmt::format("{},{},,,{},{},{},0,0,{},{},,{:.6g}\n", core::csv_field(kernel.name), dtype, decode->heads,
                         decode->kv_heads, decode->head_dim, place[0], place[1], us);
    } else if (const auto* prefill = std::get_if<PrefillAttention>(&kernel.work)) {
      auto place = place_of(*prefill);
      place.resize(4);
      out += fmt::format("{},{},,,{},{},{},{},{},{},{},,{:.6g}\n", core::csv_field(kernel.name), dtype, prefill->heads,
                         prefill->kv_heads, prefill->head_dim, place[0], place[1], place[2], place[3], us);
    }
  }
  return out;
}

std::vector<MeasuredTime> read_profile(const std::filesystem::path& file) {
  constexpr std::int64_t most = 1'000'000'000;
  const auto table = core::Csv::read(file);
  std::vector<MeasuredTime> out;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto given = [&](const char* column) { return !table.text(row, table.column(column)).empty(); };
    const auto size = [&](const char* column, std::int64_t least) {
      return table.integer(row, table.column(column), least, most);
    };
    const auto count = [&](const char* column) { return static_cast<int>(size(column, 1)); };
    const std::size_t us = table.column("us"), dtype_at = table.column("dtype");
    const double seconds = table.number(row, us) * 1e-6;
    if (!(seconds > 0)) throw core::InputError(table.where(row, us), fmt::format("us = {}", seconds * 1e6), "above 0");
    Dtype dtype{};
    try {
      dtype = dtype_of(table.text(row, dtype_at));
    } catch (const core::UsageError& error) {
      throw core::InputError(fmt::format("{}: {}", to_string(table.where(row, dtype_at)), error.what()));
    }
    Kernel kernel;
    kernel.name = table.text(row, table.column("kernel"));
    if (given("n")) {
      Gemm work;
      work.m = size("tokens", 1), work.n = size("n", 1), work.k = size("k", 1);
      work.weights = work.operands = dtype;
      kernel.work = work;
    } else if (given("heads")) {
      const auto heads = [&](auto work) {
        work.heads = count("heads"), work.kv_heads = count("kv_heads");
        work.head_dim = work.value_dim = count("head_dim");
        work.operands = dtype;
        return work;
      };
      const std::int64_t tokens = size("tokens", 0), sequences = size("sequences", tokens > 0 ? 0 : 1);
      const auto each = static_cast<double>(size("sequence_context", 0));
      std::vector<double> place = {static_cast<double>(tokens), static_cast<double>(size("context", 0))};
      if (tokens == 0) {
        kernel.work = moved(heads(DecodeAttention{}), {static_cast<double>(sequences), each});
      } else {
        if (sequences > 0) place.insert(place.end(), {static_cast<double>(sequences), each});
        kernel.work = moved(heads(PrefillAttention{}), place);
      }
    } else {
      Movement work;
      const std::size_t at = table.column("bytes");
      work.read = core::bytes(table.number(row, at));
      if (!(work.read.value() > 0))
        throw core::InputError(table.where(row, at), fmt::format("bytes = {}", work.read.value()), "above 0");
      work.dtype = dtype;
      kernel.work = work;
    }
    out.push_back({std::move(kernel), seconds});
  }
  return out;
}

}  // namespace wordline::chip
