#include "wordline/plan/candidates.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/chip/chip.h"
#include "wordline/model/deployment.h"

namespace wordline::plan {

namespace {

// A text and where it stands.
struct Word {
  std::string text;
  core::Location where;
};

// One text, or an array of them, each with its place.
std::vector<Word> words(const core::Reader& table, const std::string& key) {
  const core::Value& value = table.value(key);
  if (const auto* text = value.text()) return {{*text, value.where}};
  if (!value.array() || value.array()->empty()) table.fail(key, "a name, or an array of names");
  std::vector<Word> out;
  for (const auto& item : *value.array()) {
    if (!item.text()) throw core::InputError(item.where, item.describe(), "a name");
    out.push_back({*item.text(), item.where});
  }
  return out;
}

chip::Dtype dtype(const Word& word) {
  std::vector<std::string> names;
  for (const auto known : chip::all_dtypes()) {
    names.push_back(chip::name_of(known));
    if (names.back() == word.text) return known;
  }
  throw core::InputError(word.where, fmt::format("the format \"{}\"", word.text),
                         fmt::format("one of {}", fmt::join(names, ", ")), core::nearest_name(word.text, names));
}

std::vector<chip::Dtype> dtypes(const core::Reader& table, const std::string& key) {
  std::vector<chip::Dtype> out;
  for (const auto& word : words(table, key)) out.push_back(dtype(word));
  return out;
}

// The chip must exist, its port must join that many, and the model must be divisible by them.
void check_machine(const core::Catalog& catalog, const model::Architecture& architecture, const Word& name, int tp,
                   const core::Location& tp_at) {
  const chip::Chip found = chip::load(catalog, name.text, name.where);
  if (tp > found.port.largest_group)
    throw core::InputError(tp_at, fmt::format("tp = {} for {}", tp, name.text),
                           fmt::format("at most {}, which its port joins", found.port.largest_group));
  try {
    model::check({architecture, found, tp});
  } catch (const core::InputError& error) {
    throw core::InputError(tp_at, fmt::format("tp = {}", tp),
                           fmt::format("ranks that can share the model ({})", error.what()));
  }
}

bool same(const Candidate& a, const Candidate& b) {
  return a.model == b.model && a.chip == b.chip && a.tp == b.tp && a.weights == b.weights && a.kv == b.kv;
}

void add(Scenario& scenario, const Candidate& candidate, const core::Location& where) {
  const auto twin = [&](const Candidate& other) { return same(other, candidate); };
  if (std::any_of(scenario.candidates.begin(), scenario.candidates.end(), twin))
    throw core::InputError(where, fmt::format("{} x {} a second time", candidate.tp, candidate.chip),
                           "each combination once");
  scenario.candidates.push_back(candidate);
}

void read_group(const core::Reader& group, const core::Catalog& catalog, std::size_t model, Scenario& scenario) {
  const auto tps = group.integers("tp");
  const auto weights = dtypes(group, "weights");
  const auto kvs = group.has("kv") ? dtypes(group, "kv") : std::vector<chip::Dtype>{};
  if (tps.empty()) group.fail("tp", "at least one number of ranks");
  for (const auto& name : words(group, "chips"))
    for (const auto tp : tps) {
      if (tp < 1 || tp > 1024) group.fail("tp", "ranks per replica from 1 to 1024");
      check_machine(catalog, scenario.models[model], name, static_cast<int>(tp), group.where("tp"));
      for (const auto weight : weights)
        for (const auto kv : kvs.empty() ? std::vector{weight} : kvs)
          add(scenario, {model, name.text, static_cast<int>(tp), weight, kv}, name.where);
    }
  group.finish();
}

}  // namespace

void read_candidates(const core::Reader& root, const core::Catalog& catalog, Scenario& scenario) {
  for (const auto& table : root.tables("models")) {
    scenario.models.push_back(model::load(catalog, table.text("name"), table.where("name")));
    scenario.model_titles.push_back(table.text_or("title", scenario.models.back().name));
    for (const auto& group : table.tables("candidates"))
      read_group(group, catalog, scenario.models.size() - 1, scenario);
    table.finish();
  }
  if (scenario.candidates.empty()) root.fail("models", "at least one [[models]] with one [[models.candidates]]");
}

void read_memory_steps(const core::Reader& root, const core::Catalog& catalog, Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& model : scenario.models) names.push_back(model.name);
  for (const auto& table : root.tables("memory_steps")) {
    MemoryStep step;
    const auto found = std::find(names.begin(), names.end(), table.text("model"));
    if (found == names.end())
      table.fail("model", fmt::format("one of the models above: {}", fmt::join(names, ", ")),
                 core::nearest_name(table.text("model"), names));
    step.base.model = static_cast<std::size_t>(found - names.begin());
    step.base.tp = static_cast<int>(table.integer("tp", 1, 1024));
    const Word chip{table.text("chip"), table.where("chip")};
    check_machine(catalog, scenario.models[step.base.model], chip, step.base.tp, table.where("tp"));
    step.base.chip = chip.text;
    step.base.weights = dtype({table.text("weights"), table.where("weights")});
    step.base.kv = table.has("kv") ? dtype({table.text("kv"), table.where("kv")}) : step.base.weights;
    step.memory_of = table.text("memory_of");
    const chip::Chip other = chip::load(catalog, step.memory_of, table.where("memory_of"));
    step.title = table.text_or("title", fmt::format("The memory of {}", other.title));
    table.finish();
    scenario.memory_steps.push_back(step);
  }
}

}  // namespace wordline::plan
