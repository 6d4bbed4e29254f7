#include "wordline/model/architecture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/core/error.h"

namespace wordline::model {

namespace policy {
#define WORDLINE_POLICY(stem) extern const Family stem;
#include "wordline/model/policy/architecture.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

namespace fs = std::filesystem;

Architecture read_value(const core::Value& config, const std::string& name) {
  const core::Reader reader(config);
  std::vector<std::string> known;
  for (const auto& family : families()) known.push_back(family.model_type);
  const std::string model_type = reader.text("model_type");
  for (const auto& family : families()) {
    if (family.model_type != model_type) continue;
    Architecture out = family.read(reader);
    out.name = name;
    return out;
  }
  throw core::InputError(reader.where("model_type"), fmt::format("the model_type \"{}\"", model_type),
                         fmt::format("an architecture that is modelled: {}", fmt::join(known, ", ")),
                         core::nearest_name(model_type, known));
}

// What to call a model whose file is `file`: its folder where the file is called config.json, else the file's stem.
std::string name_for(const fs::path& file) {
  const std::string stem = file.stem().string();
  if (stem != "config") return stem;
  const std::string folder = fs::absolute(file).parent_path().filename().string();
  return folder.empty() ? stem : folder;
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
#define WORDLINE_POLICY(stem) policy::stem,
#include "wordline/model/policy/architecture.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

std::int64_t layer_matrix_parameters(const Architecture& a) {
  const std::int64_t hidden = a.hidden, width = a.feed_forward.width, head_dim = a.attention.head_dim;
  const std::int64_t queries = a.attention.heads * head_dim, keys = a.attention.kv_heads * head_dim;
  const std::int64_t attention = hidden * (queries + 2 * keys) + queries * hidden;
  return a.layers * (attention + 3 * hidden * width);
}

std::int64_t parameters(const Architecture& a) {
  const std::int64_t hidden = a.hidden, width = a.feed_forward.width, head_dim = a.attention.head_dim;
  const std::int64_t vectors =
      2 * hidden                                                                                // norms
      + (a.attention.qkv_bias ? (a.attention.heads + 2 * a.attention.kv_heads) * head_dim : 0)  //
      + (a.attention.output_bias ? hidden : 0)                                                  //
      + (a.feed_forward.bias ? 2 * width + hidden : 0);
  const std::int64_t embedding = static_cast<std::int64_t>(a.vocabulary) * hidden;
  return layer_matrix_parameters(a) + a.layers * vectors + hidden + embedding * (a.tied_embeddings ? 1 : 2);
}

core::Bytes kv_bytes_per_token(const Architecture& a, chip::Dtype kv) {
  const auto numbers = 2 * static_cast<std::int64_t>(a.layers) * a.attention.kv_heads * a.attention.head_dim;
  return chip::bytes_of(kv) * static_cast<double>(numbers);
}

Architecture read_config(const fs::path& file) { return read_value(core::read_document(file), name_for(file)); }

Architecture load(const core::Catalog& catalog, const std::string& path_or_name, const core::Location& asked_at) {
  const fs::path path = path_or_name;
  if (fs::is_directory(path)) return read_config(path / "config.json");
  if (fs::is_regular_file(path) || path.has_parent_path() || path.extension() == ".json") return read_config(path);
  return read_value(catalog.load("models", path_or_name, asked_at), path_or_name);
}

}  // namespace wordline::model
