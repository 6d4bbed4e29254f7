#include "wordline/fab/fields.h"

namespace wordline::fab {

FieldReader::FieldReader(core::Reader file, std::string subject) : subject_(std::move(subject)) {
  tables_.emplace("", std::move(file));
}

core::Reader& FieldReader::table(const std::string& path) {
  const auto found = tables_.find(path);
  if (found != tables_.end()) return found->second;
  const auto dot = path.rfind('.');
  core::Reader& outer = table(dot == std::string::npos ? "" : path.substr(0, dot));
  return tables_.emplace(path, outer.table(path.substr(dot == std::string::npos ? 0 : dot + 1))).first->second;
}

std::pair<core::Reader*, std::string> FieldReader::split(const std::string& path) {
  const auto dot = path.rfind('.');
  if (dot == std::string::npos) return {&table(""), path};
  return {&table(path.substr(0, dot)), path.substr(dot + 1)};
}

bool FieldReader::has(const std::string& path) {
  const auto dot = path.rfind('.');
  if (dot != std::string::npos && !has(path.substr(0, dot))) return false;
  const auto [table, key] = split(path);
  return table->has(key);
}

void FieldReader::within(Limit limit, const core::Reader& table, const std::string& key,
                         const core::Range<double>& range) {
  if ((limit == Limit::above_zero || limit == Limit::share_above_zero) && !(range.low > 0))
    table.fail(key, limit == Limit::above_zero ? "a value above 0" : "a share above 0, up to 1");
  if ((limit == Limit::share || limit == Limit::share_above_zero) && !(range.high <= 1))
    table.fail(key, limit == Limit::share ? "a share from 0 to 1" : "a share above 0, up to 1");
}

void FieldReader::finish() const {
  for (const auto& [path, table] : tables_) table.finish();
}

}  // namespace wordline::fab
