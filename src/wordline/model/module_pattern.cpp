// Patterns of ignore lists against module names.
#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/model/quantisation.h"

namespace wordline::model {

namespace {

constexpr std::size_t most_alternatives = 64;

// `*` stands for any text; linear in the text for each star.
bool matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g, ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

[[noreturn]] void refuse(std::string_view expression, const core::Location& where) {
  throw core::InputError(where, fmt::format("the expression \"re:{}\"", expression),
                         "literals, \".*\", \"\\.\" and \"(a|b)\"");
}

// The globs that a regular expression of the simple kind stands for: one for each choice of its alternatives.
std::vector<std::string> globs_of(std::string_view expression, const core::Location& where) {
  std::vector<std::string> out = {""};
  const auto append = [&](char c) {
    for (auto& glob : out) glob += c;
  };
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '.' && i + 1 < expression.size() && expression[i + 1] == '*') {
      append('*');
      ++i;
    } else if (c == '\\' && i + 1 < expression.size() && expression[i + 1] == '.') {
      append('.');
      ++i;
    } else if (c == '(') {
      const auto end = expression.find(')', i);
      if (end == std::string_view::npos) refuse(expression, where);
      std::vector<std::string> longer;
      for (std::size_t begin = i + 1; begin <= end;) {
        const auto stop = std::min(expression.find('|', begin), end);
        for (const auto& glob : out) longer.push_back(glob + std::string(expression.substr(begin, stop - begin)));
        if (longer.size() > most_alternatives) refuse(expression, where);
        begin = stop + 1;
      }
      for (const char inner : expression.substr(i + 1, end - i - 1))
        if (std::string_view("(\\.*+?[]{}^$").find(inner) != std::string_view::npos) refuse(expression, where);
      out = std::move(longer);
      i = end;
    } else if (std::string_view("*+?[]{}|)^$\\").find(c) != std::string_view::npos) {
      if (!(c == '$' && i + 1 == expression.size()) && !(c == '^' && i == 0)) refuse(expression, where);
    } else {
      append(c);  // a lone '.' is a literal one in all names there are
    }
  }
  if (!expression.ends_with('$')) append('*');  // such expressions match a beginning
  return out;
}

}  // namespace

bool names_module(const std::string& pattern, const std::string& module, const core::Location& where) {
  if (pattern.starts_with("re:")) {
    for (const auto& glob : globs_of(std::string_view(pattern).substr(3), where))
      if (matches(glob, module)) return true;
    return false;
  }
  const bool step = pattern.find('.') == std::string::npos && pattern.find('*') == std::string::npos;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = module.find('.', begin);
    const std::string_view upto = std::string_view(module).substr(0, end);
    if (step ? upto.substr(begin) == pattern : matches(pattern, upto)) return true;
  }
  return false;
}

}  // namespace wordline::model
