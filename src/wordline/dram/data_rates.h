// How the data that bursts carry changes their energy: three toggle rates, and joules per bit that are linear in them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "wordline/core/units.h"

namespace wordline::dram {

// How busy the wires are, each from 0 (they never change) to 1 (every wire changes with each word it carries). What one
// data pin carries, beat by beat, goes over two through-silicon vias (even and odd beats) and four wires of the bank
// group's bus (beat k of each four on wire k). Uniform-random data is 0.5 on all three.
struct DataRates {
  double dq = 0.5;       // data pins, beat to beat
  double tsv = 0.5;      // vias, two beats to the next two
  double busflip = 0.5;  // bank-group bus, four beats to the next four: burst to burst in HBM2
  bool operator==(const DataRates&) const = default;
};

// Joules a bit: base + dq + tsv + busflip, each of the last three times its rate. The form and the four coefficients of
// CMU's HBM-Power, fitted by its authors to 32 beat patterns measured on HBM2.
struct DataEnergy {
  core::JoulesPerByte base, dq, tsv, busflip;
  core::JoulesPerByte at(const DataRates& rates) const {
    return base + dq * rates.dq + tsv * rates.tsv + busflip * rates.busflip;
  }
  // The data pins' share of at().
  double pin_share(const DataRates& rates) const { return dq * rates.dq / at(rates); }
};

// The rates of a pattern of beats ("0110") that every pin repeats without end. With `inverted_every_other`, each second
// burst carries its complement. Throws InputError for characters other than 0 and 1, or where it is not 4 beats, 8, ...
DataRates pattern_rates(std::string_view beats, bool inverted_every_other);

// The rates of a stretch of data as it stands in memory: beats of `pins` bits, the first byte's lowest bit on pin 0.
// `pins` is a multiple of 8; a last part that fills no four beats is left out.
DataRates data_rates(std::span<const std::byte> data, int pins);

}  // namespace wordline::dram
