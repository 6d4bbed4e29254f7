// Timing expressions of the tables: "max(8 nCK, 5 ns)", "tCWL + tBURST + tWR", "floor(3900 ns)".
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/clock.h"
#include "wordline/core/error.h"
#include "wordline/dram/command.h"
#include "wordline/dram/rounding.h"

namespace wordline::dram {

// What an expression is evaluated with.
struct ExpressionContext {
  core::Clock clock;        // one nCK
  int ticks_per_clock = 1;  // the answer's unit
  Rounding rounding = Rounding::ceiling;
  // The value of a name in ticks. Throws InputError at the given place for an unknown one.
  std::function<Tick(const std::string& name, const core::Location& at)> timing;
};

// The value in ticks. Operators + - * / and parentheses, max() and min(); literals in nCK (halves allowed where the
// tick divides them), ps, ns, us; plain whole numbers as factors and divisors. Nanoseconds become whole clocks by the
// standard's rule where they stand; inside floor() they and divisions round down (maxima such as tREFI), elsewhere up.
// Throws InputError with line and column inside the text (`at` is where the text begins).
Tick evaluate(std::string_view text, const ExpressionContext& context, const core::Location& at);

// The names that an expression uses, in order of appearance.
std::vector<std::string> names_in(std::string_view text);

}  // namespace wordline::dram
