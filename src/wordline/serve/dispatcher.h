// When each request of a source is sent: at its arrival, or when the answer that it waits for has come.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "wordline/serve/source.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// A request on its way to the router. Its id is its place in the source.
struct Sent {
  Ticks arrival = 0;
  std::uint64_t id = 0;
  Request request;
  bool operator>(const Sent& other) const { return arrival != other.arrival ? arrival > other.arrival : id > other.id; }
};

// Sends in the order of time, then of ids. Sessions keep their order; at most `max_concurrency` requests (0: any
// number) are under way at once, the next being sent when one ends. Reads ahead only as far as something unread may be
// sent next: memory grows with the requests that wait, and by a few words with each session.
class Dispatcher {
 public:
  Dispatcher(RequestSource& source, std::int64_t max_concurrency);

  // When the next request is sent, as far as is known; none where all that is left waits for an end, or nothing is
  // left.
  std::optional<Ticks> due();
  // That request. Throws core::InputError where it arrives before the one before it in the source, or beyond the
  // clock's range.
  Sent take();
  // A request has ended at that time.
  void ended(std::uint32_t session, Ticks at);
  // Whether every request has been taken.
  bool done();
  std::uint64_t taken() const { return taken_; }

 private:
  struct Session {
    std::int64_t under_way = 0;
    Ticks free_at = 0;  // when its latest answer was complete
  };
  void read();
  void settle();
  bool head_waits() const;
  bool read_enough() const;
  void put_under_way(Session& session);

  RequestSource& source_;
  const std::int64_t max_concurrency_;
  const bool waits_;  // some request may wait for an answer
  const std::uint64_t users_;
  std::optional<Sent> head_;  // of the source
  bool at_end_ = false;
  std::priority_queue<Sent, std::vector<Sent>, std::greater<>> due_;  // were parked, or wait for a user to think
  std::unordered_map<std::uint32_t, Session> sessions_;
  std::unordered_map<std::uint32_t, std::deque<Sent>> parked_;  // of sessions under way, in order
  std::uint64_t busy_ = 0;                                      // sessions under way
  std::int64_t under_way_ = 0;
  Ticks freed_at_ = 0;  // when the last end made room
  std::uint64_t read_ = 0, taken_ = 0;
};

}  // namespace wordline::serve
