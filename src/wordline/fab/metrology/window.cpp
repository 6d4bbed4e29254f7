#include "wordline/fab/metrology/window.h"

#include <algorithm>

namespace wordline::fab {

void Window::start(const Labelled& warm_up) {
  const auto n = static_cast<std::int64_t>(warm_up.rows());
  for (std::int64_t i = std::max<std::int64_t>(0, n - static_cast<std::int64_t>(size_)); i < n; ++i)
    add(warm_up.row(static_cast<std::size_t>(i)), warm_up.y[static_cast<std::size_t>(i)], i - n);
}

void Window::add(const double* x, double label, std::int64_t wafer) {
  if (!full()) {
    rows_.add(x, label);
    wafers_.push_back(wafer);
  } else {
    std::copy(x, x + rows_.features, rows_.x.begin() + static_cast<std::ptrdiff_t>(next_ * rows_.features));
    rows_.y[next_] = label;
    wafers_[next_] = wafer;
  }
  next_ = (next_ + 1) % size_;
}

void Window::save(StateWriter& out) const {
  out.integer(static_cast<std::int64_t>(next_));
  out.numbers(rows_.x);
  out.numbers(rows_.y);
  for (const auto wafer : wafers_) out.integer(wafer);
}

void Window::restore(StateReader& in) {
  next_ = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(size_) - 1));
  rows_.x = in.finite(in.numbers());
  rows_.y = in.finite(in.numbers());
  if (rows_.rows() > size_ || rows_.x.size() != rows_.rows() * rows_.features) in.fail("a window of another size");
  if (!full() && next_ != rows_.rows() % size_) in.fail("a place outside the window");
  wafers_.resize(rows_.rows());
  for (auto& wafer : wafers_) wafer = in.integer();
}

}  // namespace wordline::fab
