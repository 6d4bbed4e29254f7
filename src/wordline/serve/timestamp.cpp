#include "wordline/serve/timestamp.h"

#include <charconv>
#include <chrono>

namespace wordline::serve {
namespace {

// Takes exactly `digits` digits off the front of `text`, or none: then the value is -1.
int take(std::string_view& text, std::size_t digits) {
  int value = -1;
  if (text.size() < digits) return -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || text.front() == '-') return -1;
  text.remove_prefix(digits);
  return value;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".6805900" as nanoseconds; nothing is zero; -1 where it is no fraction.
std::int64_t take_fraction(std::string_view& text) {
  if (!skip(text, ".")) return 0;
  std::int64_t value = 0, unit = 1'000'000'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if ((unit /= 10) == 0) return -1;
    value += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return unit == 1'000'000'000 ? -1 : value;
}

}  // namespace

std::optional<std::int64_t> timestamp_ns(std::string_view text) {
  const int year = take(text, 4);
  const bool dash = skip(text, "-");
  const int month = take(text, 2);
  const bool second_dash = skip(text, "-");
  const int day = take(text, 2);
  const bool gap = skip(text, " T");
  const int hour = take(text, 2);
  const bool colon = skip(text, ":");
  const int minute = take(text, 2);
  const bool second_colon = skip(text, ":");
  const int second = take(text, 2);
  const std::int64_t fraction = take_fraction(text);
  if (!skip(text, "Z") && text == "+00:00") text = {};
  if (!(dash && second_dash && gap && colon && second_colon) || !text.empty() || fraction < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970 || year > 2200 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 60)
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60'000'000'000 + second * 1'000'000'000LL + fraction;
}

}  // namespace wordline::serve
