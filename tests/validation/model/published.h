// Published figures of language models on chips other than GPUs, where the reference data is at hand.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "wordline/model/step_timer.h"

namespace wordline::model {

// Rows of a CSV file of the reference by column name; empty where it is absent.
using Row = std::map<std::string, std::string>;

inline std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      out.emplace_back();
    else if (c != '\r')
      out.back() += c;
  }
  return out;
}

inline std::vector<Row> published(const std::string& file) {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  const auto root =
      folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference";
  std::ifstream in(root / "llm_results" / file);
  std::string line;
  if (!std::getline(in, line)) return {};
  const auto names = cells_of(line);
  std::vector<Row> out;
  while (std::getline(in, line)) {
    const auto cells = cells_of(line);
    Row row;
    for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) row[names[i]] = cells[i];
    out.push_back(row);
  }
  return out;
}

inline double number(const Row& row, const std::string& column) {
  const auto it = row.find(column);
  return it == row.end() || it->second.empty() ? 0 : std::stod(it->second);
}

// Shapes from the model cards.
struct Shape {
  int layers, hidden, heads, kv_heads, width, vocabulary;
};

inline const Shape* shape_of(const std::string& model) {
  static const std::vector<std::pair<std::string, Shape>> known = {
      {"llama-2-70b", {80, 8192, 64, 8, 28672, 32000}},    {"llama-2-13b", {40, 5120, 40, 40, 13824, 32000}},
      {"llama-2-7b", {32, 4096, 32, 32, 11008, 32000}},    {"llama-7b", {32, 4096, 32, 32, 11008, 32000}},
      {"llama-3-8b", {32, 4096, 32, 8, 14336, 128256}},    {"llama-3.1-8b", {32, 4096, 32, 8, 14336, 128256}},
      {"llama-3-70b", {80, 8192, 64, 8, 28672, 128256}},   {"llama-3.1-70b", {80, 8192, 64, 8, 28672, 128256}},
      {"llama-3.3-70b", {80, 8192, 64, 8, 28672, 128256}}, {"llama-3.1-405b", {126, 16384, 128, 8, 53248, 128256}},
      {"mistral-7b", {32, 4096, 32, 8, 14336, 32000}},     {"codellama-13b", {40, 5120, 40, 40, 13824, 32016}},
      {"codellama-34b", {48, 8192, 64, 8, 22016, 32000}}};
  std::string low;
  for (const char c : model) low += static_cast<char>(std::tolower(c));
  for (const auto& [name, shape] : known)
    if (low.find(name) != std::string::npos) return &shape;
  return nullptr;
}

// That model, its heads and columns padded to multiples of `ways` and its KV heads repeated up to them, as the Neuron
// libraries do where a core gets less than one.
inline Architecture padded(const std::string& name, Shape s, int ways) {
  const auto up = [&](int x) { return (x + ways - 1) / ways * ways; };
  const int head_dim = s.hidden / s.heads;
  if (ways > 1) {
    s.heads = up(s.heads);
    s.kv_heads = up(s.kv_heads);
    s.width = up(s.width);
  }
  const auto folder = std::filesystem::path(testing::TempDir()) / (name + "-over-" + std::to_string(ways));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "config.json") << "{\"model_type\": \"llama\", \"num_hidden_layers\": " << s.layers
                                        << ", \"hidden_size\": " << s.hidden << ", \"num_attention_heads\": " << s.heads
                                        << ", \"num_key_value_heads\": " << s.kv_heads << ", \"head_dim\": " << head_dim
                                        << ", \"intermediate_size\": " << s.width
                                        << ", \"vocab_size\": " << s.vocabulary
                                        << ", \"hidden_act\": \"silu\", \"max_position_embeddings\": 131072}";
  return read_config(folder / "config.json");
}

// The memory simulation, each pattern once for all rows.
inline chip::Streams shared_streams() {
  using Key = std::tuple<std::string, int, double, double, double>;
  static std::map<Key, chip::Streamed> known;
  return [simulated = chip::simulated()](const chip::Memory& of, double reads, core::Bytes piece, double load) {
    const Key key{of.module, of.count, reads, piece.value(), load};
    const auto it = known.find(key);
    return it != known.end() ? it->second : known.emplace(key, simulated(of, reads, piece, load)).first->second;
  };
}

// Seconds of a deployment's prompts and decode steps, `batch` sequences at a time.
class Timed {
 public:
  explicit Timed(const Deployment& d) : steps_(d, shared_streams()) {}

  // All prompts, as many sequences a step as make up 32,768 tokens.
  double prompts(std::int64_t batch, std::int64_t tokens) {
    const std::int64_t together = std::max<std::int64_t>(1, std::min(batch, 32768 / tokens));
    StepShape shape;
    shape.prefill.assign(static_cast<std::size_t>(together), {tokens, 0});
    return steps_(shape).time.value() * static_cast<double>(batch) / static_cast<double>(together);
  }
  // A decode step over so many tokens of each sequence.
  double step(std::int64_t batch, std::int64_t context) { return steps_({batch, batch * context, {}}).time.value(); }
  // A mean decode step while the answers grow from nothing to `out`.
  double decode(std::int64_t batch, std::int64_t in, std::int64_t out) {
    double sum = 0;
    constexpr int samples = 8;
    for (int i = 0; i < samples; ++i) sum += step(batch, in + out * (2 * i + 1) / (2 * samples));
    return sum / samples;
  }

 private:
  StepTimer steps_;
};

}  // namespace wordline::model
