// What can go wrong, by exit code: wrong usage (2), bad input (3). An answer of "no" (1) is a result, not an error.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wordline::core {

enum ExitCode { exit_done = 0, exit_answer_is_no = 1, exit_usage = 2, exit_bad_input = 3 };

// A place in an input file; line and column count from 1, 0 means unknown.
struct Location {
  std::shared_ptr<const std::string> file;
  int line = 0, column = 0;
};
// "file:line:column", shorter where parts are unknown.
std::string to_string(const Location&);

// Input that cannot be used: where it stands (nothing where that is not known), what was found, what was wanted, and
// the nearest valid name if there is one.
class InputError : public std::runtime_error {
 public:
  InputError(const Location& where, const std::string& found, const std::string& wanted,
             const std::string& nearest = "");
  explicit InputError(const std::string& message) : std::runtime_error(message) {}
};

// The command line cannot be understood.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The shortest candidate that begins with `name`, else the nearest by edit distance (case, '-' and '_' apart), or "" if
// none is near enough to suggest.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace wordline::core
