// What the tests of workloads share.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "wordline/serve/source.h"

namespace wordline::serve {

inline std::vector<Request> all_of(RequestSource& source) {
  std::vector<Request> out;
  while (auto request = source.next()) out.push_back(std::move(*request));
  return out;
}

inline std::vector<Request> all_of(std::unique_ptr<RequestSource> source) { return all_of(*source); }

// The same values, contents compared by what they say.
inline bool same(const Request& a, const Request& b) {
  const bool contents = a.content && b.content ? *a.content == *b.content : !a.content && !b.content;
  return contents && a.arrival == b.arrival && a.prompt_tokens == b.prompt_tokens &&
         a.output_tokens == b.output_tokens && a.session == b.session && a.think == b.think;
}

inline bool same(const std::vector<Request>& a, const std::vector<Request>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (!same(a[i], b[i])) return false;
  return a.size() == b.size();
}

}  // namespace wordline::serve
