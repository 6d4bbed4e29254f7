#include "wordline/chip/engine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/core/error.h"

namespace wordline::chip {

namespace policy {
#define WORDLINE_POLICY(stem) extern const EngineKind stem;
#include "wordline/chip/policy/engine.inc"
#undef WORDLINE_POLICY
}  // namespace policy

std::string name_of(Residency residency) { return residency.share > 0 ? "warm" : "cold"; }

const std::vector<EngineKind>& engine_kinds() {
  static const std::vector<EngineKind> all = {
#define WORDLINE_POLICY(stem) policy::stem,
#include "wordline/chip/policy/engine.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

const EngineKind& engine_kind(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& kind : engine_kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  const std::string near = core::nearest_name(name, known);
  throw core::UsageError(fmt::format("no engine kind is called \"{}\"; known are {}{}", name, fmt::join(known, ", "),
                                     near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

}  // namespace wordline::chip
