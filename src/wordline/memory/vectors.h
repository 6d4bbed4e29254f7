// Sixteen 32-bit ticks or keys at once: written for every machine, compiled to two instructions each where it has
// 256-bit integers, to four or more elsewhere.
#pragma once

#include <cstdint>
#include <limits>

// Nothing here is called across object files, so it does not matter how such vectors would be passed.
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

namespace wordline::memory {

inline constexpr int vector_ticks = 8;
// At any address of a 32-bit number.
using Ticks8 = std::int32_t __attribute__((vector_size(4 * vector_ticks), aligned(4), may_alias));
using Keys8 = std::uint32_t __attribute__((vector_size(4 * vector_ticks), aligned(4), may_alias));

// The loops below take two vectors at a time: arrays of `count` numbers must have so many.
inline constexpr int stride_ticks = 2 * vector_ticks;
constexpr std::int32_t padded(std::int32_t count) { return count + stride_ticks; }

[[gnu::always_inline]] inline const Ticks8& eight(const std::int32_t* from) {
  return *reinterpret_cast<const Ticks8*>(from);
}
[[gnu::always_inline]] inline Ticks8& eight(std::int32_t* from) { return *reinterpret_cast<Ticks8*>(from); }

template <class Vector>
[[gnu::always_inline]] inline Vector lesser(const Vector& a, const Vector& b) {
  return a < b ? a : b;
}
template <class Vector>
[[gnu::always_inline]] inline Vector greater(const Vector& a, const Vector& b) {
  return a > b ? a : b;
}
template <class Vector>
[[gnu::always_inline]] inline auto least(const Vector& v) {
  auto four = __builtin_shufflevector(v, v, 0, 1, 2, 3);
  auto other = __builtin_shufflevector(v, v, 4, 5, 6, 7);
  four = other < four ? other : four;
  other = __builtin_shufflevector(four, four, 2, 3, 2, 3);
  four = other < four ? other : four;
  other = __builtin_shufflevector(four, four, 1, 1, 1, 1);
  four = other < four ? other : four;
  return four[0];
}

// The least of what look(i, eight) finds at i, i + 1, ..., over the first `count` numbers, rounded up to sixteens.
template <class Vector, class Look>
[[gnu::always_inline]] inline auto least_of(int count, const Look& look) {
  Vector first, second;
  look(0, first);
  look(vector_ticks, second);
  for (int i = stride_ticks; i < count; i += stride_ticks) {
    Vector more, still_more;
    look(i, more);
    look(i + vector_ticks, still_more);
    first = lesser<Vector>(first, more);
    second = lesser<Vector>(second, still_more);
  }
  return least(lesser<Vector>(first, second));
}

// The least of max(a[i], b[i]).
[[gnu::always_inline]] inline std::int32_t least_of_greater(const std::int32_t* a, const std::int32_t* b, int count) {
  return least_of<Ticks8>(count, [=](int i, Ticks8& found) { found = greater<Ticks8>(eight(a + i), eight(b + i)); });
}
// The least of those and of max(c[i], d[i]).
[[gnu::always_inline]] inline std::int32_t least_of_greater(const std::int32_t* a, const std::int32_t* b,
                                                            const std::int32_t* c, const std::int32_t* d, int count) {
  return least_of<Ticks8>(count, [=](int i, Ticks8& found) {
    found = lesser<Ticks8>(greater<Ticks8>(eight(a + i), eight(b + i)), greater<Ticks8>(eight(c + i), eight(d + i)));
  });
}

// Numbers that stand in the way of what is chosen: each the greater of two, late where it is beyond a limit.
struct Candidates {
  const std::int32_t *a, *b;
  std::int32_t limit;
  [[gnu::always_inline]] void late(int i, Keys8& late) const {
    late = reinterpret_cast<Keys8>(greater<Ticks8>(eight(a + i), eight(b + i)) > limit);
  }
};

// The least key of those that are not late in all of `of`; ~0 where there is none.
template <class... Some>
[[gnu::always_inline]] inline std::uint32_t least_key(const std::uint32_t* keys, int count, const Some&... of) {
  return least_of<Keys8>(count, [&](int i, Keys8& found) {
    Keys8 late = Keys8{} - 1u, one;
    ((of.late(i, one), late &= one), ...);
    found = *reinterpret_cast<const Keys8*>(keys + i) | late;
  });
}

// Raises each of `count` numbers, rounded up to sixteens, to at least those of `to` plus `more`.
[[gnu::always_inline]] inline void raise_to(std::int32_t* numbers, const std::int32_t* to, std::int32_t more,
                                            int count) {
  int i = 0;
  do {
    eight(numbers + i) = greater<Ticks8>(eight(numbers + i), eight(to + i) + more);
    eight(numbers + i + vector_ticks) =
        greater<Ticks8>(eight(numbers + i + vector_ticks), eight(to + i + vector_ticks) + more);
    i += stride_ticks;
  } while (i < count);
}

}  // namespace wordline::memory
