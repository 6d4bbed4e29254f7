// How sure a mean over a few runs is.
#pragma once

#include <vector>

namespace wordline::serve {

// A mean, and by how much the true one may be off it on either side with 95 % confidence; infinite for one sample.
struct Confidence {
  double mean = 0, half_width = 0;
};

// For independent samples of a normal law (Student's t).
Confidence confidence95(const std::vector<double>& samples);

// The t that a variable of Student's law stays within, on both sides of 0, with 95 % probability. `freedom` from 1.
double student_t95(int freedom);

}  // namespace wordline::serve
