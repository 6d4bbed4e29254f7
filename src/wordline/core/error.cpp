#include "wordline/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace wordline::core {

std::string to_string(const Location& where) {
  const std::string file = where.file ? *where.file : "<input>";
  if (where.line <= 0) return file;
  if (where.column <= 0) return fmt::format("{}:{}", file, where.line);
  return fmt::format("{}:{}:{}", file, where.line, where.column);
}

InputError::InputError(const Location& where, const std::string& found, const std::string& wanted,
                       const std::string& nearest)
    : std::runtime_error(fmt::format("{}found {}; wanted {}{}",
                                     where.file || where.line > 0 ? to_string(where) + ": " : "", found, wanted,
                                     nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest))) {}

namespace {

// Names compare without case and with '-' and '_' alike.
std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Without '-', '_', '.' and blanks: "xeon8480" begins "xeon-8480-8x16gb".
std::string bare(std::string_view folded_name) {
  std::string out;
  for (const char c : folded_name)
    if (std::string_view("-_. ").find(c) == std::string_view::npos) out += c;
  return out;
}

// Edit distance with swapped neighbours as one edit (optimal string alignment).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string wanted = folded(name), wanted_bare = bare(wanted);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const std::string other = folded(candidate);
    std::size_t d = distance(wanted, other);
    const bool prefix = wanted.size() >= 3 && !wanted_bare.empty() && bare(other).starts_with(wanted_bare);
    if (prefix) d = 0;  // what begins so is nearer than any misspelling; of several the shortest
    if (d < best_distance || (prefix && d == best_distance && candidate.size() < best.size())) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace wordline::core
