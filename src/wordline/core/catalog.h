// The catalogue: folders of TOML (models: JSON) files, one thing a file, found by kind ("chips") and name ("h100-sxm").
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "wordline/core/document.h"
#include "wordline/core/reader.h"

namespace wordline::core {

// A search path of catalogue folders; a file in a later folder hides one of the same name before it.
class Catalog {
 public:
  // The shipped catalogue (the one installed beside the program, else the build's tree, else the install tree), then
  // the folders in $WORDLINE_CATALOG (':' between), then `extra`.
  static Catalog open(const std::vector<std::filesystem::path>& extra = {});

  // The kinds there are: folders with TOML or JSON files, sorted.
  std::vector<std::string> kinds() const;
  // Names in a kind's folder ("dram/parts", "memory/modules", "chips"), sorted.
  std::vector<std::string> names(const std::string& kind) const;
  // The document, `extends = "other"` of the same kind resolved. Unknown names throw InputError at `asked_at`.
  const Value& load(const std::string& kind, const std::string& name, const Location& asked_at = {}) const;
  // Lays a document over the catalogue as kind/name, before anything reads that one: a file that lies elsewhere, say.
  void put(const std::string& kind, const std::string& name, Value document);
  // A catalogue-mode Reader over load(); facts are kept here.
  Reader read(const std::string& kind, const std::string& name, const Location& asked_at = {}) const;
  // Every fact read so far, in reading order, each once.
  Facts facts() const;
  // Content hash over every file of every folder: stands in each result.
  std::string hash() const;

 private:
  std::filesystem::path find(const std::string& kind, const std::string& name, const Location& asked_at) const;
  Value extended(const std::string& kind, Value document, int depth) const;  // with what it `extends` under it

  std::vector<std::filesystem::path> roots_;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wordline::core
