// wordline check [FILE...]: hands each file to the reader of the room that owns it; without files, the whole catalogue.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "args.h"
#include "output.h"
#include "wordline/chip/chip.h"
#include "wordline/cluster/machine.h"
#include "wordline/core/catalog.h"
#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"
#include "wordline/dram/part.h"
#include "wordline/fab/control/process.h"
#include "wordline/fab/metrology/bank.h"
#include "wordline/fab/node.h"
#include "wordline/fab/package_spec.h"
#include "wordline/memory/module.h"
#include "wordline/memory/named_system.h"
#include "wordline/model/architecture.h"
#include "wordline/plan/cost.h"
#include "wordline/plan/fab_budget.h"
#include "wordline/plan/scenario.h"
#include "wordline/serve/engine_memory.h"
#include "wordline/serve/host_times.h"
#include "wordline/serve/lengths.h"

namespace wordline::cli {

namespace {

namespace fs = std::filesystem;

// One kind of file: its folder in the catalogue ("" for one that is none of the catalogue's), the key that only such a
// file has at its top, and who reads it.
struct Kind {
  std::string folder, called, mark;
  void (*read)(const core::Catalog&, const std::string& name);
};

// A standard is compiled only together with a part: each part of the catalogue that names it is read.
void read_parts_of(const core::Catalog& catalog, const std::string& standard) {
  for (const auto& part : catalog.names("dram/parts")) {
    const core::Value* named = catalog.load("dram/parts", part).find("standard");
    if (named && named->text() && *named->text() == standard) dram::load_part(catalog, part);
  }
}

void read_prices(const core::Catalog& catalog, const std::string& name) {
  const core::Reader reader = catalog.read("prices", name);
  reader.text_or("title", "");
  plan::Prices::read(reader);
  reader.finish();
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"chips", "chip", "engines", [](auto& catalog, auto& name) { chip::load(catalog, name); }},
      {"dram/parts", "DRAM part", "organisation", [](auto& catalog, auto& name) { dram::load_part(catalog, name); }},
      {"dram/standards", "DRAM standard", "commands", read_parts_of},
      {"fab/nodes", "process node", "defects", [](auto& catalog, auto& name) { fab::load_node(catalog, name); }},
      {"fab/stacks", "stack", "bonding", [](auto& catalog, auto& name) { fab::load_stack(catalog, name); }},
      {"fab/packages", "package", "substrate", [](auto& catalog, auto& name) { fab::load_package(catalog, name); }},
      {"memory/modules", "memory module", "part",
       [](auto& catalog, auto& name) { memory::load_module(catalog, name); }},
      {"memory/systems", "memory system", "front_end",
       [](auto& catalog, auto& name) { memory::load_named_system(catalog, name); }},
      {"models", "model", "model_type", [](auto& catalog, auto& name) { model::load(catalog, name); }},
      {"services", "service", "prompt",
       [](auto& catalog, auto& name) { serve::LengthModel::from_catalog(catalog, name); }},
      {"hosts", "host", "least_step", [](auto& catalog, auto& name) { serve::load_host(catalog, name); }},
      {"machines", "machine", "host_link", [](auto& catalog, auto& name) { cluster::load_machine(catalog, name); }},
      {"serving", "serving engine", "outside_torch",
       [](auto& catalog, auto& name) { serve::load_outside_torch(catalog, name); }},
      {"prices", "price list", "tariff", read_prices},
      {"fab/chains", "chain", "process", [](auto& catalog, auto& name) { plan::load_chain(catalog, name); }},
      {"fab/budgets", "budget", "investment", [](auto& catalog, auto& name) { plan::load_budget(catalog, name); }},
      {"fab/banks", "bank of experts", "experts", [](auto& catalog, auto& name) { fab::load_bank(catalog, name); }},
      {"fab/processes", "process", "disturbance", [](auto& catalog, auto& name) { fab::load_process(catalog, name); }},
  };
  return all;
}

const Kind* kind_of(const fs::path& file, const core::Value& document) {
  const std::string folder = fs::absolute(file).parent_path().generic_string();
  for (const auto& kind : kinds())
    if (folder.ends_with("/" + kind.folder)) return &kind;
  for (const auto& kind : kinds())
    if (document.find(kind.mark)) return &kind;
  return nullptr;
}

// Reads one file as its kind would; what it is called. Throws InputError where it cannot be used.
std::string check_file(const fs::path& file, const Common& common) {
  core::Value document = core::read_document(file);
  for (const auto& setting : common.settings) core::set_value(document, setting);
  auto catalog = core::Catalog::open(common.catalogs);
  if (const Kind* kind = kind_of(file, document)) {
    const std::string name = file.stem().string();
    catalog.put(kind->folder, name, std::move(document));
    kind->read(catalog, name);
    return kind->called;
  }
  plan::read_scenario(document, catalog);
  return "scenario";
}

struct Verdict {
  std::string file, called, problem;
};

template <class F>
Verdict judged(const std::string& file, F read) {
  try {
    return {file, read(), ""};
  } catch (const core::InputError& error) {
    return {file, "", error.what()};
  }
}

std::vector<Verdict> check_catalog(const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  std::vector<Verdict> verdicts;
  for (const auto& kind : kinds())
    for (const auto& name : catalog.names(kind.folder))
      verdicts.push_back(judged(kind.folder + "/" + name, [&] {
        kind.read(catalog, name);
        return kind.called;
      }));
  return verdicts;
}

int check(const std::vector<fs::path>& files, const Common& common) {
  std::vector<Verdict> verdicts = files.empty() ? check_catalog(common) : std::vector<Verdict>{};
  for (const auto& file : files) verdicts.push_back(judged(file.string(), [&] { return check_file(file, common); }));
  auto document = core::result_document("check", core::Catalog::open(common.catalogs));
  document["files"] = nlohmann::ordered_json::array();
  std::string text;
  for (const auto& [file, called, problem] : verdicts) {
    document["files"].push_back({{"file", file}, {"is", called}, {"problem", problem}});
    if (problem.empty())
      text += fmt::format("{}: a good {}\n", file, called);
    else
      fmt::print(stderr, "error: {}\n", problem);
  }
  write_result(common, document, text);
  const bool all_good = std::all_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.problem.empty(); });
  return all_good ? core::exit_done : core::exit_bad_input;
}

}  // namespace

void add_check(Args& program) {
  auto& args = program.command("check", "whether scenarios and catalogue files can be used, and what is wrong where");
  auto files = std::make_shared<std::vector<fs::path>>();
  args.positional("files", *files, "scenarios, chips, parts, models, ...; without any, the whole catalogue");
  args.footer("Example: wordline check my-chip.toml");
  args.action([files, &common = args.common()] { return check(*files, common); });
}

}  // namespace wordline::cli
