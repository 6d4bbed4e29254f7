// The tables of scheduler, page and refresh policies, generated from the files in policy/<kind>.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/core/error.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/policies.h"
#include "wordline/memory/policy/page/page.h"
#include "wordline/memory/policy/refresh/refresh.h"
#include "wordline/memory/policy/scheduler/scheduler.h"

namespace wordline::memory {

namespace {

// The name of a policy: its file's with hyphens for underscores.
std::string name_of(std::string file) {
  std::replace(file.begin(), file.end(), '_', '-');
  return file;
}

[[noreturn]] void refuse(const char* kind, const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = core::nearest_name(name, known);
  throw core::UsageError(fmt::format("{}: found \"{}\"; wanted one of {}{}", kind, name, fmt::join(known, ", "),
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

}  // namespace

#define WORDLINE_POLICY(file) name_of(#file),
const std::vector<std::string>& scheduler_names() {
  static const std::vector<std::string> names{
#include "wordline/memory/policy/scheduler.inc"
  };
  return names;
}
const std::vector<std::string>& page_policy_names() {
  static const std::vector<std::string> names{
#include "wordline/memory/policy/page.inc"
  };
  return names;
}
const std::vector<std::string>& refresh_policy_names() {
  static const std::vector<std::string> names{
#include "wordline/memory/policy/refresh.inc"
  };
  return names;
}
#undef WORDLINE_POLICY

const SchedulerPolicy& scheduler_named(const std::string& name) {
#define WORDLINE_POLICY(file) \
  if (name == name_of(#file)) return policy::scheduler::file;
#include "wordline/memory/policy/scheduler.inc"
#undef WORDLINE_POLICY
  refuse("scheduler", name, scheduler_names());
}

const PagePolicy& page_policy_named(const std::string& name) {
#define WORDLINE_POLICY(file) \
  if (name == name_of(#file)) return policy::page::file;
#include "wordline/memory/policy/page.inc"
#undef WORDLINE_POLICY
  refuse("page", name, page_policy_names());
}

const RefreshPolicy& refresh_policy_named(const std::string& name) {
#define WORDLINE_POLICY(file) \
  if (name == name_of(#file)) return policy::refresh::file;
#include "wordline/memory/policy/refresh.inc"
#undef WORDLINE_POLICY
  refuse("refresh", name, refresh_policy_names());
}

}  // namespace wordline::memory
