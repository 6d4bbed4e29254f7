// The last labelled wafers of a stream, at most so many.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/fab/metrology/labelled.h"
#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// A ring: rows lie in no order of time once it is full; next() is where the next one goes, and the oldest then.
class Window {
 public:
  Window() = default;
  Window(std::size_t features, std::size_t size) : size_(size) { rows_.features = features; }
  // Takes the last `size` rows of a warm-up; they count as wafers -n to -1.
  void start(const Labelled& warm_up);
  void add(const double* x, double label, std::int64_t wafer);

  bool full() const { return rows_.rows() == size_; }
  std::size_t next() const { return next_; }
  const Labelled& rows() const { return rows_; }
  std::int64_t wafer(std::size_t row) const { return wafers_[row]; }

  void save(StateWriter& out) const;
  void restore(StateReader& in);  // throws where there are more rows than this window's size

 private:
  std::size_t size_ = 1, next_ = 0;
  Labelled rows_;
  std::vector<std::int64_t> wafers_;
};

}  // namespace wordline::fab
