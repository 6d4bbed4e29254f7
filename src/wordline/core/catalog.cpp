#include "wordline/core/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <set>

#include "wordline/core/build_info.h"
#include "wordline/core/files.h"

namespace wordline::core {

namespace fs = std::filesystem;

// Documents are parsed once; the mutex lets threads share a catalogue.
struct Catalog::State {
  std::mutex mutex;
  std::map<std::pair<std::string, std::string>, Value> documents;
  Facts facts;
  std::string hash;
};

namespace {

// The catalogue that was installed with the running program, wherever its prefix was moved.
fs::path beside_program() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none).parent_path().parent_path() / "share/wordline/catalog";
}

bool is_entry(const fs::path& file) { return file.extension() == ".toml" || file.extension() == ".json"; }

constexpr int longest_chain = 8;  // of `extends`; a longer one is a circle

}  // namespace

Catalog Catalog::open(const std::vector<fs::path>& extra) {
  Catalog out;
  out.state_ = std::make_shared<State>();
  for (const fs::path& shipped : {beside_program(), fs::path(build_catalog_dir), fs::path(install_catalog_dir)}) {
    if (fs::is_directory(shipped)) {
      out.roots_.push_back(shipped);
      break;
    }
  }
  if (const char* listed = std::getenv("WORDLINE_CATALOG")) {
    std::string_view rest = listed;
    while (!rest.empty()) {
      const auto colon = rest.find(':');
      if (colon != 0) out.roots_.emplace_back(rest.substr(0, colon));
      rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    }
  }
  out.roots_.insert(out.roots_.end(), extra.begin(), extra.end());
  for (const auto& root : out.roots_)
    if (!fs::is_directory(root)) throw InputError(fmt::format("{}: no such catalogue folder", root.string()));
  return out;
}

std::vector<std::string> Catalog::kinds() const {
  std::set<std::string> found;
  for (const auto& root : roots_)
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (is_entry(entry.path())) found.insert(fs::relative(entry.path().parent_path(), root).generic_string());
  return {found.begin(), found.end()};
}

std::vector<std::string> Catalog::names(const std::string& kind) const {
  std::set<std::string> found;
  for (const auto& root : roots_) {
    if (!fs::is_directory(root / kind)) continue;
    for (const auto& entry : fs::directory_iterator(root / kind))
      if (is_entry(entry.path())) found.insert(entry.path().stem().string());
  }
  return {found.begin(), found.end()};
}

fs::path Catalog::find(const std::string& kind, const std::string& name, const Location& asked_at) const {
  fs::path file;
  const bool plain = !name.empty() && name.find('/') == std::string::npos;
  for (const auto& root : roots_)
    for (const char* extension : {".toml", ".json"})
      if (plain && fs::is_regular_file(root / kind / (name + extension))) file = root / kind / (name + extension);
  if (!file.empty()) return file;
  const auto known = names(kind);
  if (known.empty())
    throw InputError(asked_at, fmt::format("the kind \"{}\"", kind),
                     fmt::format("a kind of the catalogue: {}", fmt::join(kinds(), ", ")), nearest_name(kind, kinds()));
  throw InputError(asked_at, fmt::format("the name \"{}\"", name),
                   known.size() <= 12 ? fmt::format("a name in {}: {}", kind, fmt::join(known, ", "))
                                      : fmt::format("a name that `wordline list {}` shows", kind),
                   nearest_name(name, known));
}

Value Catalog::extended(const std::string& kind, Value document, int depth) const {
  const Value* parent = document.find("extends");
  if (!parent) return document;
  if (!parent->text() || depth > longest_chain)
    throw InputError(parent->where, parent->describe(),
                     fmt::format("the name of another file in {} that does not extend this one", kind));
  const fs::path file = find(kind, *parent->text(), parent->where);
  const Value base = extended(kind, read_document(file), depth + 1);
  std::get<Table>(document.data).erase("extends");
  return merged(base, document);
}

const Value& Catalog::load(const std::string& kind, const std::string& name, const Location& asked_at) const {
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->documents.find({kind, name});
    if (it != state_->documents.end()) return it->second;
  }
  Value document = extended(kind, read_document(find(kind, name, asked_at)), 0);
  const std::lock_guard lock(state_->mutex);
  return state_->documents.try_emplace({kind, name}, std::move(document)).first->second;
}

void Catalog::put(const std::string& kind, const std::string& name, Value document) {
  document = extended(kind, std::move(document), 0);
  const std::lock_guard lock(state_->mutex);
  state_->documents.insert_or_assign({kind, name}, std::move(document));
}

Reader Catalog::read(const std::string& kind, const std::string& name, const Location& asked_at) const {
  const Value& document = load(kind, name, asked_at);
  return Reader(document, &state_->facts, kind + "/" + name);
}

Facts Catalog::facts() const { return state_->facts; }

std::string Catalog::hash() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->hash.empty()) return state_->hash;
  std::map<std::string, std::string> contents;  // by relative path: later folders hide earlier ones
  for (const auto& root : roots_)
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.is_regular_file() && is_entry(entry.path()))
        contents[fs::relative(entry.path(), root).generic_string()] = content_hash(read_text(entry.path()));
  std::string all;
  for (const auto& [path, hash] : contents) all += path + " " + hash + "\n";
  return state_->hash = content_hash(all);
}

}  // namespace wordline::core
