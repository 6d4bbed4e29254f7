// Fits a chip to kernels that were measured on it: its engine's constants, its library's factors, its launch, and the
// share of each peak that products reach.
#pragma once

#include <string>
#include <vector>

#include "wordline/chip/measured.h"
#include "wordline/chip/measured_times.h"

namespace wordline::chip {

// The rows of one file.
struct MeasuredFile {
  std::string name;  // as it is called in sources
  MeasuredOp op = MeasuredOp::gemm;
  std::vector<MeasuredRow> rows;  // with a measured time each
};

// A number of the chip that may be moved. `table` and `key` are its place in the chip's file; `unit` is "" or "us".
struct Adjustable {
  std::string table, key, unit;
  double low = 0, high = 0;
};
// Constants and factors of the chip's engine kind and library, kernels.launch, engines.<format>.best_achieved.
std::vector<Adjustable> adjustables(const Chip&);
// Its value in the chip, and the chip with another one.
double value_of(const Chip&, const Adjustable&);
void set_value(Chip&, const Adjustable&, double value);

struct CalibrationOptions {
  Residency residency = Residency::warm;
  unsigned threads = 0;
  std::size_t rows = 2000;         // of each file that are fitted on, at most, spread over the file
  std::size_t evaluations = 1500;  // of all those rows, at most
};

// What was moved, and what that did to the rows that were held out.
struct Calibration {
  struct Moved {
    Adjustable what;
    double before = 0, after = 0;
  };
  struct Judged {
    std::string op;  // of one file
    core::Errors before, after;
  };
  Chip chip;
  std::vector<Moved> moved;
  std::vector<std::string> undetermined;  // "factors.moe": nothing in the rows depends on it
  std::vector<Judged> held_out;           // one a file
  double before = 0, after = 0;           // mean |predicted / measured - 1| of the fitted rows, each file as much
};

// Least mean |predicted / measured - 1|, each file counting as much, within the bounds: a compass search, coordinate by
// coordinate, with steps that grow on success and shrink on failure (Hooke, Jeeves 1961). Fitted on the rows that
// core::for_fitting does not choose (four in five), judged on the others. Deterministic on any number of threads. A
// number is moved only where that gains more than a thousandth of the error and a hundredth of a percent. Throws
// core::InputError where no row is left to fit on.
Calibration calibrate(const Chip&, const std::vector<MeasuredFile>&, Streams, const CalibrationOptions& = {});

// The chip's file: `extends` the chip, names its library and `profile` ("": none), and states what was moved, each with
// its source and the kind "measured".
std::string chip_file(const Calibration&, const std::vector<MeasuredFile>&, const std::string& profile = "");

// What rows of layers measured, kernel by kernel, for a chip's profile: where a row is several kernels, attention has
// what the model's times of the others leave, and kernels without attention have shares in the proportion of theirs.
// Rows of several attention kernels tell nothing of each and are left out.
std::vector<MeasuredTime> profile_of(const Chip&, const std::vector<MeasuredFile>&, Streams);

}  // namespace wordline::chip
