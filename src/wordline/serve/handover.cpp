#include "wordline/serve/handover.h"

#include <algorithm>

namespace wordline::serve {

void Handover::sent(const Sent& sent) { under_way_.emplace(sent.id, UnderWay{sent, 0}); }

void Handover::ended(std::size_t replica, const Ended& ended) {
  if (ended.status == Status::rejected) {
    under_way_.erase(ended.id);
    return;
  }
  UnderWay& request = under_way_.at(ended.id);
  request.from = replica;
  Handed handed{ended.last, request.sent, {ended.arrival, ended.begun, ended.cached_tokens}};
  handed.sent.request.remote = true;
  request.sent.request.content.reset();
  handed_.push(std::move(handed));
}

Handed Handover::take() {
  Handed out = handed_.top();
  handed_.pop();
  return out;
}

Ticks Handover::fetch(std::size_t to, std::uint64_t id, std::int64_t tokens, Ticks now) {
  const std::size_t from = under_way_.extract(id).mapped().from;
  const KvMove move = link_(from, to, tokens);
  const Ticks start = std::max({now, out_free_[from], in_free_[to]});
  out_free_[from] = in_free_[to] = start + move.time;
  const Ticks end = start + move.time + move.latency;
  let_go_.push_back({from, id, end});
  return end;
}

}  // namespace wordline::serve
