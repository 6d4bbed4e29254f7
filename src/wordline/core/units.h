// Physical quantities and money as types: a second cannot be added to a byte, a dollar cannot be added to a won.
#pragma once

#include <compare>

namespace wordline::core {

// Exponents of the base units: second, byte, joule, floating-point operation, US dollar, Korean won, coulomb, metre.
struct Dimension {
  int second = 0, byte = 0, joule = 0, flop = 0, usd = 0, krw = 0, coulomb = 0, metre = 0;
  constexpr bool operator==(const Dimension&) const = default;
};
constexpr Dimension operator+(Dimension a, Dimension b) {
  return {a.second + b.second, a.byte + b.byte, a.joule + b.joule,     a.flop + b.flop,
          a.usd + b.usd,       a.krw + b.krw,   a.coulomb + b.coulomb, a.metre + b.metre};
}
constexpr Dimension operator-(Dimension a) {
  return {-a.second, -a.byte, -a.joule, -a.flop, -a.usd, -a.krw, -a.coulomb, -a.metre};
}

// A double with a dimension, always in base units (seconds, bytes, joules, ...).
template <Dimension D>
class Quantity {
 public:
  static constexpr Dimension dimension = D;
  constexpr Quantity() = default;
  constexpr explicit Quantity(double base_units) : value_(base_units) {}
  // The number in base units: the one way out of the type.
  constexpr double value() const { return value_; }
  // The number counted in `unit`, e.g. t.in(milliseconds(1)).
  constexpr double in(Quantity unit) const { return value_ / unit.value_; }
  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity o) {
    value_ += o.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity o) {
    value_ -= o.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double f) {
    value_ *= f;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator-(Quantity a) { return Quantity(-a.value_); }
  friend constexpr Quantity operator*(Quantity a, double f) { return Quantity(a.value_ * f); }
  friend constexpr Quantity operator*(double f, Quantity a) { return Quantity(a.value_ * f); }
  friend constexpr Quantity operator/(Quantity a, double f) { return Quantity(a.value_ / f); }

 private:
  double value_ = 0;
};

// Products and quotients carry the dimension; a quotient of equals is a plain double.
template <Dimension A, Dimension B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  if constexpr (A + B == Dimension{})
    return a.value() * b.value();
  else
    return Quantity<A + B>(a.value() * b.value());
}
template <Dimension A, Dimension B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  if constexpr (A == B)
    return a.value() / b.value();
  else
    return Quantity<A + -B>(a.value() / b.value());
}
template <Dimension B>
constexpr auto operator/(double f, Quantity<B> b) {
  return Quantity<-B>(f / b.value());
}

using Seconds = Quantity<Dimension{.second = 1}>;
using Hertz = Quantity<Dimension{.second = -1}>;
using Bytes = Quantity<Dimension{.byte = 1}>;
using BytesPerSecond = Quantity<Dimension{.second = -1, .byte = 1}>;
using Joules = Quantity<Dimension{.joule = 1}>;
using Watts = Quantity<Dimension{.second = -1, .joule = 1}>;
using Flops = Quantity<Dimension{.flop = 1}>;
using FlopsPerSecond = Quantity<Dimension{.second = -1, .flop = 1}>;
using JoulesPerFlop = Quantity<Dimension{.joule = 1, .flop = -1}>;
using JoulesPerByte = Quantity<Dimension{.byte = -1, .joule = 1}>;
using Volts = Quantity<Dimension{.joule = 1, .coulomb = -1}>;
using Amperes = Quantity<Dimension{.second = -1, .coulomb = 1}>;
using Usd = Quantity<Dimension{.usd = 1}>;
using Krw = Quantity<Dimension{.krw = 1}>;
using UsdPerHour = Quantity<Dimension{.second = -1, .usd = 1}>;  // held per second; read and printed per hour
using KrwPerUsd = Quantity<Dimension{.usd = -1, .krw = 1}>;
using KrwPerEnergy = Quantity<Dimension{.joule = -1, .krw = 1}>;
using UsdPerByte = Quantity<Dimension{.byte = -1, .usd = 1}>;
using Metres = Quantity<Dimension{.metre = 1}>;
using SquareMetres = Quantity<Dimension{.metre = 2}>;
using PerSquareMetre = Quantity<Dimension{.metre = -2}>;
using UsdPerArea = Quantity<Dimension{.usd = 1, .metre = -2}>;

constexpr Seconds seconds(double x) { return Seconds(x); }
constexpr Seconds milliseconds(double x) { return Seconds(x * 1e-3); }
constexpr Seconds microseconds(double x) { return Seconds(x * 1e-6); }
constexpr Seconds nanoseconds(double x) { return Seconds(x * 1e-9); }
constexpr Seconds hours(double x) { return Seconds(x * 3600); }
constexpr Seconds days(double x) { return Seconds(x * 86400); }
constexpr Seconds months(double x) { return Seconds(x * 86400 * 365.0 / 12); }  // a twelfth of 365 days
constexpr Bytes bytes(double x) { return Bytes(x); }
constexpr Bytes gigabytes(double x) { return Bytes(x * 1e9); }
constexpr Bytes gibibytes(double x) { return Bytes(x * 1073741824.0); }
constexpr BytesPerSecond gigabytes_per_second(double x) { return BytesPerSecond(x * 1e9); }
constexpr FlopsPerSecond teraflops(double x) { return FlopsPerSecond(x * 1e12); }
constexpr Joules kilowatt_hours(double x) { return Joules(x * 3.6e6); }
constexpr Joules picojoules(double x) { return Joules(x * 1e-12); }
constexpr Watts watts(double x) { return Watts(x); }
constexpr Metres millimetres(double x) { return Metres(x * 1e-3); }
constexpr SquareMetres square_millimetres(double x) { return SquareMetres(x * 1e-6); }
constexpr PerSquareMetre per_square_centimetre(double x) { return PerSquareMetre(x * 1e4); }

// A number that is known only as a range; arithmetic moves the three values alike.
template <class T>
struct Range {
  T low{}, mid{}, high{};
  constexpr bool operator==(const Range&) const = default;
  template <class F>
  constexpr auto map(F f) const {
    return Range<decltype(f(low))>{f(low), f(mid), f(high)};
  }
  friend constexpr Range operator+(Range a, Range b) { return {a.low + b.low, a.mid + b.mid, a.high + b.high}; }
};
template <class T>
constexpr Range<T> exactly(T x) {
  return {x, x, x};
}

}  // namespace wordline::core
