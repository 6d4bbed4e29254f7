#include "serve_fleet.h"

#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/core/reader.h"

namespace wordline::cli {
namespace {

constexpr std::int64_t most = 1 << 30;

GroupOptions read_group(const core::Reader& table, const ServeOptions& base) {
  GroupOptions out{base, serve::Role::both};
  ServeOptions& o = out.options;
  const auto text = [&](const char* key, std::string& into) { into = table.text_or(key, into); };
  const auto whole = [&](const char* key, auto& into, std::int64_t least) {
    into = static_cast<std::remove_reference_t<decltype(into)>>(table.integer_or(key, into, least, most));
  };
  if (table.has("role")) {
    const std::string role = table.choice("role", {"both", "prefill", "decode"});
    out.role = role == "prefill" ? serve::Role::prefill : role == "decode" ? serve::Role::decode : serve::Role::both;
  }
  if (out.role == serve::Role::decode) o.engine.kv_offloading_size = 0;
  const auto name = [&](const char* key, std::string& into, core::Location& said) {
    if (!table.has(key)) return;
    into = table.text(key);
    said = table.where(key);
  };
  name("chip", o.on.chip, o.on.chip_said);
  name("machine", o.machine, o.machine_said);
  name("host_memory", o.host_memory, o.memory_said);
  name("host", o.host, o.host_said);
  text("library", o.on.library);
  text("quantization", o.model.quantization);
  text("kv_cache_dtype", o.model.kv_cache_dtype);
  whole("replicas", o.replicas, 1);
  whole("tp", o.model.tp, 1);
  whole("pp", o.model.pp, 1);
  whole("dp", o.model.dp, 1);
  whole("ep", o.model.ep, 1);
  whole("num_redundant_experts", o.model.redundant_experts, 0);
  o.model.eplb = table.flag_or("enable_eplb", o.model.eplb);
  if (table.has("expert_skew")) o.model.expert_skew = table.number("expert_skew", 0, model::most_expert_skew);
  whole("max_num_seqs", o.engine.max_num_seqs, 0);
  whole("max_num_batched_tokens", o.engine.max_num_batched_tokens, 0);
  whole("num_gpu_blocks", o.engine.num_gpu_blocks, 0);
  if (table.has("gpu_memory_utilization"))
    o.engine.gpu_memory_utilization = table.number("gpu_memory_utilization", 0, 1);
  if (table.has("kv_offloading_size")) o.engine.kv_offloading_size = table.number("kv_offloading_size", 0);
  table.finish();
  return out;
}

}  // namespace

const char* name_of(serve::Role role) {
  return role == serve::Role::prefill ? "prefill" : role == serve::Role::decode ? "decode" : "both";
}

std::vector<GroupOptions> groups_of(const ServeOptions& options) {
  if (options.prefill_replicas < 0) throw core::UsageError("--prefill-replicas must not be negative");
  if (options.fleet) {
    if (options.prefill_replicas > 0)
      throw core::UsageError("--prefill-replicas: a fleet's file says who computes prompts");
    const core::Value document = core::read_document(*options.fleet);
    const core::Reader reader(document);
    std::vector<GroupOptions> out;
    for (const auto& table : reader.tables("group")) out.push_back(read_group(table, options));
    reader.finish();
    if (out.empty()) reader.fail("group", "groups of replicas: [[group]]");
    return out;
  }
  GroupOptions all{options, serve::Role::both};
  if (options.prefill_replicas == 0) return {all};
  GroupOptions prefill = all;
  prefill.role = serve::Role::prefill;
  prefill.options.replicas = options.prefill_replicas;
  all.role = serve::Role::decode;
  all.options.engine.kv_offloading_size = 0;
  return {prefill, all};
}

}  // namespace wordline::cli
