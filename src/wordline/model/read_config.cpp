// Finds a model's files, the family that reads them, and says what is missing where none does.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "wordline/core/error.h"
#include "wordline/model/config.h"

namespace wordline::model {

namespace policy {
#define WORDLINE_POLICY(stem) extern const Family stem;
#include "wordline/model/policy/architecture.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

namespace fs = std::filesystem;

// Keys of architectures that are not modelled, and what they stand for.
struct Unmodelled {
  const char *key, *what;
};
constexpr std::array unmodelled = {
    Unmodelled{"mamba_num_heads", "state-space layers"},
    Unmodelled{"linear_num_value_heads", "linear attention"},
    Unmodelled{"linear_attn_config", "linear attention"},
    Unmodelled{"index_topk", "attention to tokens that an indexer chooses"},
    Unmodelled{"sparse_attention_config", "attention to blocks that an indexer chooses"},
    Unmodelled{"compress_ratios", "a compressed cache"},
    Unmodelled{"hc_mult", "several residual streams"},
    Unmodelled{"block_configs", "layers of unlike widths"},
    Unmodelled{"attn_output_gate", "gated attention"},
    Unmodelled{"attention_output_gate", "gated attention"},
    Unmodelled{"swa_head_dim", "heads of another size in windowed layers"},
    Unmodelled{"global_head_dim", "heads of another size in layers without a window"},
    Unmodelled{"attention_chunk_size", "attention within chunks"},
    Unmodelled{"interleave_moe_layer_step", "experts in every so many layers"},
    Unmodelled{"qk_norm_type", "norms over all heads of queries and keys together"},
    Unmodelled{"share_expert_dim", "a shared expert of its own width"},
    Unmodelled{"lm_head_bias", "a bias of the output matrix"},
    Unmodelled{"vision_config", "a vision tower"},
    Unmodelled{"audio_config", "an audio tower"},
};

// The keys of `table` that stand for what is not modelled, each with its place.
void find_unmodelled(const core::Value& table, const std::string& path, std::vector<std::string>& out) {
  for (const auto& [key, what] : unmodelled) {
    const core::Value* found = table.find(key);
    if (!found || std::holds_alternative<std::monostate>(found->data)) continue;
    out.push_back(fmt::format("{}{} ({}, line {})", path, key, what, found->where.line));
  }
}

[[noreturn]] void refuse_type(const core::Reader& config, const std::string& model_type) {
  std::vector<std::string> known, missing;
  for (const auto& family : families()) known.push_back(family.model_type);
  find_unmodelled(config.value(), "", missing);
  const core::Value* text = config.value().find("text_config");
  if (text && text->is_table()) find_unmodelled(*text, "text_config.", missing);
  std::string wanted = fmt::format("an architecture that is modelled: {}", fmt::join(known, ", "));
  if (!missing.empty()) wanted += fmt::format("; not modelled of this one: {}", fmt::join(missing, ", "));
  throw core::InputError(config.where("model_type"), fmt::format("the model_type \"{}\"", model_type), wanted,
                         core::nearest_name(model_type, known));
}

const Family& family_of(const core::Reader& config) {
  // A file without model_type lacks more, often: all of it is named at once.
  if (!is_given(config, "model_type"))
    require(config, {"model_type", "num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size",
                     "max_position_embeddings"});
  const std::string model_type = config.text("model_type");
  for (const auto& family : families())
    if (family.model_type == model_type) return family;
  refuse_type(config, model_type);
}

void apply(Architecture& out, const Family& family, const Quantisation& q, const core::Location& where) {
  out.quantisation = q;
  std::vector<Layer> layers;
  bool converted = false;
  for (int i = 0; i < out.layers(); ++i) {
    Layer layer = out.kinds[out.order[static_cast<std::size_t>(i)]];
    layer.formats = formats_of(q, family.modules(), i, where);
    for (std::size_t part = 0; part < parts; ++part) {
      const bool has = static_cast<Part>(part) == Part::feed_forward ? layer.feed_forward.width > 0
                       : static_cast<Part>(part) == Part::shared_experts
                           ? layer.feed_forward.experts && layer.feed_forward.experts->shared_width > 0
                       : static_cast<Part>(part) == Part::experts ? layer.feed_forward.experts.has_value()
                                                                  : true;
      if (!has) layer.formats[part] = {};
      converted |= layer.formats[part] != Storage{};
    }
    layers.push_back(layer);
  }
  set_layers(out, layers);
  out.output = output_format(q);
  if (converted) out.stated = q.format.dtype;
}

// The file beside a config.json that states its quantisation: hf_quant_config.json, x_hf_quant_config.json.
fs::path beside(const fs::path& file) {
  std::string name = file.filename().string();
  const std::string tail = "config.json";
  if (!name.ends_with(tail)) return {};
  name.insert(name.size() - tail.size(), "hf_quant_");
  return file.parent_path() / name;
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

Architecture read_config(const core::Value& document, const std::string& name, const core::Value* beside) {
  const core::Reader config(document);
  const Family& family = family_of(config);
  Architecture out = family.read(config);
  out.name = name;
  out.model_type = family.model_type;
  if (is_given(config, "quantization_config")) {
    const core::Reader table = config.table("quantization_config");
    apply(out, family, read_quantisation(table), table.where());
  } else if (beside) {
    const core::Reader table = core::Reader(*beside).table("quantization");
    apply(out, family, read_quantisation(table), table.where());
  }
  return out;
}

Architecture read_config(const fs::path& file) {
  const core::Value document = core::read_document(file);
  const fs::path quantisation = beside(file);
  if (quantisation.empty() || !fs::exists(quantisation)) return read_config(document, name_for(file));
  const core::Value more = core::read_document(quantisation);
  return read_config(document, name_for(file), &more);
}

Architecture load(const core::Catalog& catalog, const std::string& path_or_name, const core::Location& asked_at) {
  const fs::path path = path_or_name;
  if (fs::is_directory(path)) return read_config(path / "config.json");
  if (fs::is_regular_file(path) || path.has_parent_path() || path.extension() == ".json") return read_config(path);
  return read_config(catalog.load("models", path_or_name, asked_at), path_or_name);
}

}  // namespace wordline::model
