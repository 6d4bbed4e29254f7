// Who asks for what, and when: the input of the serve room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::serve {

// The first `tokens` tokens of a text that `text` names: two pieces of one text have their first tokens in common.
struct Piece {
  std::uint64_t text = 0;
  std::int32_t tokens = 0;
  bool operator==(const Piece&) const = default;
};

// What a prompt consists of, piece after piece, and after it, where that can come back in a later prompt, its answer:
// tokens together as many as the prompt's, or as the prompt's and the answer's.
using Content = std::vector<Piece>;

// One user's call: when it arrives, how many tokens it brings, and how many it is to be answered with (both at least
// 1).
struct Request {
  core::Seconds arrival;  // not before this
  std::int32_t prompt_tokens = 1;
  std::int32_t output_tokens = 1;
  std::uint32_t session = 0;  // requests of one session follow one another; 0: of none
  // Where it is 0 or above: the request waits for the answer to the session's request before it, and as long again.
  core::Seconds think{-1};
  std::shared_ptr<const Content> content = nullptr;  // none: like no other
  bool remote = false;  // another replica has computed its prompt: keys and values are fetched from there
  bool operator==(const Request&) const = default;
};

// Requests in order of arrival; a request's id is its place here, counted from 0.
struct Workload {
  std::string name;
  std::vector<Request> requests;

  std::int64_t prompt_tokens() const;
  std::int64_t output_tokens() const;
  // From the first arrival to the last; zero where there are fewer than two.
  core::Seconds span() const;
};

}  // namespace wordline::serve
