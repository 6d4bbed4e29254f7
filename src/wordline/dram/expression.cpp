#include "wordline/dram/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "wordline/core/wide.h"

namespace wordline::dram {

namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// A plain factor, or a time in ticks.
struct Term {
  std::int64_t number = 0;
  bool is_time = false;
};

constexpr std::int64_t longest_femtoseconds = 1'000'000'000'000'000;  // a second
constexpr std::int64_t largest_number = std::int64_t{1} << 40;        // of any intermediate result

// Recursive descent over one expression; every error names its column.
class Parser {
 public:
  Parser(std::string_view text, const ExpressionContext& context, const core::Location& at)
      : text_(text), context_(context), at_(at) {}

  Tick whole() {
    const Term value = sum();
    if (peek() != '\0') fail(fmt::format("'{}'", peek()), "an operator or the end");
    if (!value.is_time)
      fail_at(0, fmt::format("the plain number {}", value.number), "a time such as \"8 nCK\" or \"5 ns\"");
    return value.number;
  }

 private:
  [[noreturn]] void fail_at(std::size_t offset, const std::string& found, const std::string& wanted) const {
    core::Location place = at_;
    if (place.column > 0) place.column += static_cast<int>(offset) + 1;  // 1 for the opening quote
    throw core::InputError(place, fmt::format("{} in \"{}\"", found, text_), wanted);
  }
  [[noreturn]] void fail(const std::string& found, const std::string& wanted) const {
    fail_at(position_, found, wanted);
  }

  char peek() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(peek() == '\0' ? "the end" : fmt::format("'{}'", peek()), fmt::format("'{}'", c));
  }

  std::int64_t checked(core::Int128 number, std::size_t at) const {
    if (number > largest_number || number < -largest_number) fail_at(at, "a number beyond 2^40", "a time of DRAM");
    return static_cast<std::int64_t>(number);
  }

  Term sum() {
    Term left = product();
    for (;;) {
      const std::size_t start = position_;
      const bool plus = take('+');
      if (!plus && !take('-')) return left;
      const Term right = product();
      if (left.is_time != right.is_time) fail_at(start, "a time and a plain number in one sum", "two of one kind");
      left.number = checked(core::Int128{left.number} + (plus ? right.number : -right.number), start);
    }
  }

  Term product() {
    Term left = factor();
    for (;;) {
      const std::size_t start = position_;
      if (take('*')) {
        const Term right = factor();
        if (left.is_time && right.is_time) fail_at(start, "a product of two times", "one time and a plain number");
        left = {checked(core::Int128{left.number} * right.number, start), left.is_time || right.is_time};
      } else if (take('/')) {
        const Term right = factor();
        if (right.is_time || right.number <= 0) fail_at(start, "such a divisor", "a whole number above 0");
        left.number = (left.number + (down_ ? 0 : right.number - 1)) / right.number;
      } else {
        return left;
      }
    }
  }

  Term factor() {
    const char c = peek();
    if (take('(')) {
      const Term inside = sum();
      expect(')');
      return inside;
    }
    if (is_digit(c)) return literal();
    if (is_letter(c)) return word();
    fail(c == '\0' ? "the end" : fmt::format("'{}'", c), "a number, a name or '('");
  }

  std::string identifier() {
    const std::size_t start = position_;
    while (position_ < text_.size() && (is_letter(text_[position_]) || is_digit(text_[position_]))) ++position_;
    return std::string(text_.substr(start, position_ - start));
  }

  // Digits with up to six decimals, in millionths.
  std::int64_t millionths() {
    std::int64_t value = 0;
    int decimals = -1;  // behind the point, once there is one
    const std::size_t start = position_;
    for (char c = peek(); is_digit(c) || (c == '.' && decimals < 0);
         c = ++position_ < text_.size() ? text_[position_] : '\0') {
      if (c == '.') {
        decimals = 0;
        continue;
      }
      if (value >= 1'000'000'000 || decimals == 6)
        fail_at(start, "a number with too many digits", "nine, six decimals");
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    }
    for (int i = std::max(decimals, 0); i < 6; ++i) value *= 10;
    return value;
  }

  Term literal() {
    const std::size_t start = position_;
    const std::int64_t value = millionths();
    if (!is_letter(peek())) {
      if (value % 1'000'000 != 0) fail_at(start, "a fraction without a unit", "nCK, ps, ns or us behind it");
      return {value / 1'000'000, false};
    }
    const std::size_t unit_at = position_;
    const std::string unit = identifier();
    if (unit == "nCK") {
      if (value * context_.ticks_per_clock % 1'000'000 != 0)
        fail_at(start, "a fraction of a clock", fmt::format("a multiple of 1/{} nCK", context_.ticks_per_clock));
      return {value * context_.ticks_per_clock / 1'000'000, true};
    }
    for (const auto& [name, femtoseconds] : {std::pair{"ps", 1'000LL}, {"ns", 1'000'000LL}, {"us", 1'000'000'000LL}}) {
      if (unit != name) continue;
      const core::Int128 time = core::Int128{value} * femtoseconds / 1'000'000;
      if (time > longest_femtoseconds) fail_at(start, "a time above a second", "a time of DRAM");
      return {from_femtoseconds(static_cast<std::int64_t>(time)), true};
    }
    fail_at(unit_at, fmt::format("the unit \"{}\"", unit), "nCK, ps, ns or us");
  }

  Tick from_femtoseconds(std::int64_t femtoseconds) const {
    const std::int64_t clocks =
        down_ ? clocks_down(femtoseconds, context_.clock) : clocks_up(femtoseconds, context_.clock, context_.rounding);
    return clocks * context_.ticks_per_clock;
  }

  Term word() {
    const std::size_t start = position_;
    const std::string name = identifier();
    if (peek() != '(') {
      core::Location place = at_;
      if (place.column > 0) place.column += static_cast<int>(start) + 1;
      return {context_.timing(name, place), true};
    }
    if (name != "max" && name != "min" && name != "floor")
      fail_at(start, fmt::format("the function \"{}\"", name), "max, min or floor");
    expect('(');
    const bool before = down_;
    down_ = down_ || name == "floor";
    Term value = sum();
    while (name != "floor" && take(',')) {
      const Term other = sum();
      if (other.is_time != value.is_time) fail_at(start, "a time and a plain number", "arguments of one kind");
      value.number = name == "max" ? std::max(value.number, other.number) : std::min(value.number, other.number);
    }
    down_ = before;
    expect(')');
    return value;
  }

  std::string_view text_;
  const ExpressionContext& context_;
  const core::Location& at_;
  std::size_t position_ = 0;
  bool down_ = false;
};

}  // namespace

Tick evaluate(std::string_view text, const ExpressionContext& context, const core::Location& at) {
  return Parser(text, context, at).whole();
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < text.size();) {
    if (is_digit(text[i])) {  // a literal and its unit
      while (i < text.size() && (is_digit(text[i]) || text[i] == '.' || text[i] == ' ')) ++i;
      while (i < text.size() && is_letter(text[i])) ++i;
    } else if (is_letter(text[i])) {
      std::size_t end = i;
      while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
      if (end == text.size() || text[end] != '(') names.emplace_back(text.substr(i, end - i));
      i = end;
    } else {
      ++i;
    }
  }
  return names;
}

}  // namespace wordline::dram
