// Requests on their way from the replica that computes their prompt to the one that answers them.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wordline/serve/dispatcher.h"
#include "wordline/serve/replica.h"

namespace wordline::serve {

// What keys and values take from one replica to another: `latency` before the first byte, then `time`, in which neither
// end carries anything else in that direction.
struct KvMove {
  Ticks latency = 0, time = 0;
};
// The move of so many tokens' keys and values between two replicas, by their numbers.
using KvLink = std::function<KvMove(std::size_t from, std::size_t to, std::int64_t tokens)>;

// A request whose prompt has been computed.
struct Handed {
  Ticks at = 0;  // when its first replica had answered
  Sent sent;     // request.remote is set
  Begun begun;
  bool operator>(const Handed& other) const { return at != other.at ? at > other.at : sent.id > other.sent.id; }
};

// The order of vLLM's NixlConnector: the whole prompt is computed, the request goes on to its second replica, which
// fetches when it has room; only then the first one lets its blocks go. Transfers of one replica follow one another, in
// and out apart.
class Handover final : public KvSource {
 public:
  // A replica that may let go of a request's keys and values at that time.
  struct LetGo {
    std::size_t replica;
    std::uint64_t id;
    Ticks at;
  };

  Handover(KvLink link, std::size_t replicas) : link_(std::move(link)), out_free_(replicas), in_free_(replicas) {}

  // The request is on its way to the replica that computes its prompt.
  void sent(const Sent& sent);
  // And has ended there: to be handed on, unless it was refused, when it is forgotten.
  void ended(std::size_t replica, const Ended& ended);
  // The request that is handed on first, and when; none: INT64_MAX.
  Ticks due() const { return handed_.empty() ? INT64_MAX : handed_.top().at; }
  Handed take();
  // It was refused where it was handed to.
  void refused(std::uint64_t id, Ticks at) { let_go_.push_back({under_way_.extract(id).mapped().from, id, at}); }
  // Those that may be let go since this was last asked.
  std::vector<LetGo> take_let_go() { return std::exchange(let_go_, {}); }

  Ticks fetch(std::size_t to, std::uint64_t id, std::int64_t tokens, Ticks now) override;

 private:
  struct UnderWay {
    Sent sent;
    std::size_t from = 0;
  };
  KvLink link_;
  std::vector<Ticks> out_free_, in_free_;  // by replica
  std::unordered_map<std::uint64_t, UnderWay> under_way_;
  std::priority_queue<Handed, std::vector<Handed>, std::greater<>> handed_;
  std::vector<LetGo> let_go_;
};

}  // namespace wordline::serve
