// The reader of pools; servegen_source.cpp draws from them.
#include "wordline/serve/workload/servegen.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "wordline/core/csv.h"
#include "wordline/core/document.h"
#include "wordline/core/files.h"
#include "wordline/core/tar.h"
#include "wordline/serve/ticks.h"
#include "wordline/serve/workload/rows.h"

namespace wordline::serve {
namespace {

namespace fs = std::filesystem;
using core::InputError;

// "a/chunk-12-trace.csv": folder, 12, and what it is.
struct ChunkName {
  std::string folder;
  int number = 0;
  bool trace = false;
};

std::optional<ChunkName> chunk_name(const std::string& path) {
  const auto slash = path.rfind('/');
  ChunkName out{slash == std::string::npos ? "" : path.substr(0, slash)};
  std::string_view name = std::string_view(path).substr(slash == std::string::npos ? 0 : slash + 1);
  if (!name.starts_with("chunk-")) return {};
  name.remove_prefix(6);
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), out.number);
  if (error != std::errc() || out.number < 0) return {};
  const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
  out.trace = rest == "-trace.csv";
  if (!out.trace && rest != "-dataset.json") return {};
  return out;
}

struct Chunk {
  ChunkName name;
  std::string path, text;  // what messages call it, and its content
};

// The chunks in a folder or an archive; none where it is something else.
std::vector<Chunk> chunks_in(const fs::path& file) {
  std::vector<Chunk> out;
  if (fs::is_directory(file)) {
    for (const auto& entry : fs::recursive_directory_iterator(file)) {
      if (!entry.is_regular_file()) continue;
      const auto name = chunk_name(fs::relative(entry.path(), file).generic_string());
      if (name) out.push_back({*name, entry.path().string(), core::read_text(entry.path())});
    }
    return out;
  }
  const std::string archive = core::read_text(file);
  if (!core::is_tar(archive)) return out;
  for (const auto& inner : core::files_of_tar(archive, file.string()))
    if (const auto name = chunk_name(inner.path))
      out.push_back({*name, file.string() + "/" + inner.path, std::string(inner.text)});
  return out;
}

// The folder whose traces are taken.
std::string folder_of(const std::vector<Chunk>& chunks, const std::string& pool, const std::string& first) {
  std::vector<std::string> folders;
  for (const auto& chunk : chunks)
    if (chunk.name.trace) folders.push_back(chunk.name.folder);
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  if (folders.empty())
    throw InputError(fmt::format("{}: found no chunk-N-trace.csv; wanted those of a ServeGen pool", first));
  if (pool.empty() && folders.size() == 1) return folders.front();
  if (std::find(folders.begin(), folders.end(), pool) != folders.end()) return pool;
  const std::string found =
      pool.empty() ? fmt::format("{} pools", folders.size()) : fmt::format("no pool \"{}\"", pool);
  throw InputError({std::make_shared<const std::string>(first)}, found,
                   fmt::format("one of {}", fmt::join(folders, ", ")), core::nearest_name(pool, folders));
}

void read_arrivals(const Chunk& chunk, ServegenClient& client) {
  // The form has no header; its reader wants one, in the first line.
  const auto csv = core::Csv::parse("start_s,per_second,cv,distribution,first,second\n" + chunk.text, chunk.path);
  const auto place = [&](std::size_t row, std::size_t column) {
    auto where = csv.where(row, column);
    --where.line;  // of the header
    return where;
  };
  const auto number = [&](std::size_t row, std::size_t column) {
    try {
      return csv.number(row, column);
    } catch (const InputError&) {
      throw InputError(place(row, column), fmt::format("\"{}\"", csv.text(row, column)), "a number");
    }
  };
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const double start = number(row, 0), rate = number(row, 1), cv = number(row, 2);
    if (start < 0 || (!client.arrivals.empty() && start <= client.arrivals.back().start_s))
      throw InputError(place(row, 0), fmt::format("a window from {} s", start), "windows in order of time, from 0 s");
    if (rate < 0 || rate > 1e6) throw InputError(place(row, 1), fmt::format("{} requests/s", rate), "0 to 1000000");
    Gaps gaps = Gaps::exponential();
    const auto law = csv.text(row, 3);
    if (rate > 0) {
      if (law == "Weibull") {
        const double shape = number(row, 4);
        if (!(shape >= 0.05 && shape <= 1000))
          throw InputError(place(row, 4), fmt::format("a shape of {}", shape), "0.05 to 1000");
        gaps = Gaps::weibull_of_shape(shape);
      } else if (law == "Gamma") {
        if (!(cv > 0 && cv <= 1000)) throw InputError(place(row, 2), fmt::format("a CV of {}", cv), "above 0, to 1000");
        gaps = Gaps::gamma(cv);
      } else if (!law.empty()) {
        throw InputError(place(row, 3), fmt::format("\"{}\"", law), "Gamma, Weibull or nothing (Poisson)",
                         core::nearest_name(law, {"Gamma", "Weibull"}));
      }
    }
    client.arrivals.push_back({start, rate, gaps});
  }
  if (client.arrivals.empty()) return;
  const auto& windows = client.arrivals;
  client.end_s = windows.back().start_s +
                 (windows.size() > 1 ? windows.back().start_s - windows[windows.size() - 2].start_s : 600);
}

// "{163: 0.25, 165: 0.75}" as Python writes it; what has 0 tokens is left out, and `zeros` counts it.
TokenPdf pdf_of(const core::Value& value, std::size_t& zeros) {
  const auto refuse = [&](std::string_view found) {
    throw InputError(value.where, fmt::format("\"{}\"", found.substr(0, 40)), "\"{tokens: probability, ...}\"");
  };
  TokenPdf out;
  if (!value.text()) throw InputError(value.where, value.describe(), "a text \"{tokens: probability, ...}\"");
  std::string_view text = *value.text();
  const auto skip = [&text](char c) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return true;
  };
  const auto number = [&](auto& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error != std::errc()) refuse(text);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  };
  if (!skip('{')) refuse(text);
  double sum = 0;
  for (bool first = true; !skip('}'); first = false) {
    if (!first && !skip(',')) refuse(text);
    std::int64_t tokens = 0;
    double probability = 0;
    number(tokens);
    if (!skip(':')) refuse(text);
    number(probability);
    if (!(probability >= 0 && probability <= 1)) refuse(fmt::format("a probability of {}", probability));
    zeros += tokens == 0;
    if (tokens == 0 || probability == 0) continue;
    out.tokens.push_back(checked_tokens(tokens, value.where));
    out.up_to.push_back(sum += probability);
  }
  if (!text.empty()) refuse(text);
  return out;
}

void read_lengths(const Chunk& chunk, ServegenClient& client, std::size_t& zeros) {
  const auto document = core::parse_json(chunk.text, chunk.path);
  if (!document.is_table()) throw InputError(document.where, document.describe(), "an object of windows");
  for (const auto& [key, window] : *document.table()) {
    double start = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), start);
    if (error != std::errc() || end != key.data() + key.size() || !(start >= 0 && start <= latest_arrival_s))
      throw InputError(window.where, fmt::format("a window \"{}\"", key), "its start in seconds");
    const core::Value *prompt = window.find("input_tokens"), *output = window.find("output_tokens");
    if (!prompt || !output) {
      std::vector<std::string> keys;
      if (window.is_table())
        for (const auto& [name, value] : *window.table()) keys.push_back(name);
      throw InputError(window.where, fmt::format("a window of {}", fmt::join(keys, ", ")),
                       "input_tokens and output_tokens (multimodal pools are not read)");
    }
    ServegenClient::Lengths lengths{start, pdf_of(*prompt, zeros), pdf_of(*output, zeros)};
    if (!lengths.prompt.tokens.empty() && !lengths.output.tokens.empty()) client.lengths.push_back(std::move(lengths));
  }
  std::sort(client.lengths.begin(), client.lengths.end(),
            [](const auto& a, const auto& b) { return a.start_s < b.start_s; });
}

double expected_of(const ServegenClient& client, double from_s, double to_s) {
  double sum = 0;
  for (std::size_t i = 0; i < client.arrivals.size(); ++i) {
    const auto& window = client.arrivals[i];
    const double end = i + 1 < client.arrivals.size() ? client.arrivals[i + 1].start_s : client.end_s;
    sum += window.per_second * std::max(0.0, std::min(end, to_s) - std::max(window.start_s, from_s));
  }
  return sum;
}

}  // namespace

double ServegenPool::expected(double from_s, double to_s) const {
  double sum = 0;
  for (const auto& client : clients) sum += expected_of(client, from_s, to_s);
  return sum;
}

bool is_servegen(const fs::path& file) {
  if (fs::is_directory(file)) return true;
  return fs::exists(file) && core::is_tar(core::read_text(file));
}

ServegenPool read_servegen(const std::vector<fs::path>& files, const std::string& pool) {
  std::vector<Chunk> chunks;
  for (const auto& file : files)
    for (auto& chunk : chunks_in(file)) chunks.push_back(std::move(chunk));
  const std::string first = files.empty() ? "" : files.front().string();
  const std::string folder = folder_of(chunks, pool, first);
  // Lengths that lie beside no traces belong to whichever pool is read.
  const auto elsewhere = [&chunks](const std::string& name) {
    return std::any_of(chunks.begin(), chunks.end(),
                       [&](const Chunk& chunk) { return chunk.name.trace && chunk.name.folder == name; });
  };
  std::map<int, ServegenClient> clients;
  std::size_t zeros = 0;
  for (const auto& chunk : chunks) {
    if (chunk.name.folder != folder && (chunk.name.trace || elsewhere(chunk.name.folder))) continue;
    auto& client = clients[chunk.name.number];
    client.number = chunk.name.number;
    if (chunk.name.trace ? !client.arrivals.empty() : !client.lengths.empty())
      throw InputError(fmt::format("{}: found client {} a second time; wanted each once", chunk.path, client.number));
    chunk.name.trace ? read_arrivals(chunk, client) : read_lengths(chunk, client, zeros);
  }
  ServegenPool out;
  out.name = folder.empty() ? fs::path(first).filename().string() : folder;
  double lost = 0, all = 0;
  std::size_t without = 0;
  for (auto& [number, client] : clients) {
    const double expected = expected_of(client, 0, client.end_s);
    all += expected;
    out.end_s = std::max(out.end_s, client.end_s);
    if (!client.lengths.empty() && !client.arrivals.empty()) {
      out.clients.push_back(std::move(client));
    } else if (!client.arrivals.empty()) {
      ++without;
      lost += expected;
    }
  }
  if (without > 0)
    out.warnings.push_back(fmt::format("{} of {} without lengths: left out, and with them {:.1f} % of the requests",
                                       without, counted(clients.size(), "client"), all > 0 ? 100 * lost / all : 0));
  if (zeros > 0)
    out.warnings.push_back(counted(zeros, "distribution") +
                           " with a share of requests or answers of 0 tokens: left out");
  if (!(out.expected(0, out.end_s) > 0))
    throw InputError(fmt::format("{}: found no client with requests and lengths; wanted one", first));
  return out;
}

}  // namespace wordline::serve
