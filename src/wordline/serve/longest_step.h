// The longest step since some time, for requests that were in all steps since then.
#pragma once

#include <algorithm>
#include <vector>

#include "wordline/serve/ticks.h"

namespace wordline::serve {

// Steps one after the other; of those only the ones are kept that no later one outlasts.
class LongestStep {
 public:
  void add(Ticks end, Ticks time) {
    while (!steps_.empty() && steps_.back().time <= time) steps_.pop_back();
    steps_.push_back({end, time});
  }
  // Time of the longest step that ended after this; 0 where there is none.
  Ticks since(Ticks time) const {
    const auto first =
        std::upper_bound(steps_.begin(), steps_.end(), time, [](Ticks t, const Step& step) { return t < step.end; });
    return first == steps_.end() ? 0 : first->time;
  }
  void clear() { steps_.clear(); }

 private:
  struct Step {
    Ticks end, time;
  };
  std::vector<Step> steps_;  // by end; each shorter than the one before
};

}  // namespace wordline::serve
