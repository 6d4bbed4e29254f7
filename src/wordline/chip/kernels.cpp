#include "wordline/chip/kernels.h"

#include <utility>

namespace wordline::chip {

namespace {

constexpr double wide = 2;    // bytes of a bf16 activation
constexpr double single = 4;  // bytes of a 32-bit number

// `rows` times so much; `passes` over the data one after the other.
Kernel movement(std::string name, std::int64_t rows, double read, double written, double operations, int passes = 1) {
  const auto times = static_cast<double>(rows);
  Movement out;
  out.read = core::bytes(times * read);
  out.written = core::bytes(times * written);
  out.vector = core::Flops(times * operations);
  out.passes = passes;
  return {std::move(name), out};
}

// Whether the chip's library states this factor as 1; chips without a library state none.
bool factor(const Chip& chip, const char* name) {
  const auto stated = chip.factors.find(name);
  return stated != chip.factors.end() && stated->second > 0;
}

double number(std::int64_t x) { return static_cast<double>(x); }

}  // namespace

Kernel rms_norm(std::string name, std::int64_t rows, std::int64_t width, bool residual) {
  const double row = number(width) * wide, sides = residual ? 2 : 1;
  return movement(std::move(name), rows, sides * row, sides * row, number(width) * (residual ? 5 : 4), 2);
}

Kernel rotary(std::string name, std::int64_t rows, std::int64_t rotated, core::Bytes cached) {
  const double row = number(rotated) * wide;
  return movement(std::move(name), rows, row + cached.value(), row + cached.value(), 3 * number(rotated));
}

bool attention_prepares(const Chip& chip) { return factor(chip, "attention_prepares"); }

bool attention_joint(const Chip& chip) { return factor(chip, "attention_joint"); }

Kernel gated_activation(std::string name, std::int64_t rows, std::int64_t width) {
  return movement(std::move(name), rows, 2 * number(width) * wide, number(width) * wide, 5 * number(width));
}

Kernel embedding(std::string name, std::int64_t rows, std::int64_t width) {
  return movement(std::move(name), rows, number(width) * wide, number(width) * wide, 0);
}

Kernel sampling(std::string name, std::int64_t rows, std::int64_t vocabulary, bool top_k) {
  const double row = number(vocabulary);
  return movement(std::move(name), rows, row * (wide + single * (top_k ? 2 : 1)), row * single * (top_k ? 2 : 1),
                  row * (top_k ? 8 : 4), top_k ? 4 : 2);
}

Kernel top_k(std::string name, std::int64_t rows, std::int64_t of, int k) {
  const double row = number(of) * single;
  return movement(std::move(name), rows, row, 2.0 * k * single, number(of) * (k + 3), 2);
}

Kernel quantise_static(std::string name, std::int64_t rows, std::int64_t width) {
  return movement(std::move(name), rows, number(width) * wide, number(width), 2 * number(width));
}

Kernel compute_scale(std::string name, std::int64_t rows, std::int64_t width) {
  Kernel out = movement(std::move(name), rows, number(width) * wide, 0, number(width), 2);
  std::get<Movement>(out.work).launches = 5;
  return out;
}

Kernel quantise_dynamic(std::string name, std::int64_t rows, std::int64_t width) {
  return movement(std::move(name), rows, number(width) * wide, number(width), 3 * number(width), 2);
}

Kernel copy(std::string name, core::Bytes amount) {
  return movement(std::move(name), 1, amount.value(), amount.value(), 0);
}

}  // namespace wordline::chip
