#include "wordline/serve/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wordline/core/error.h"

namespace wordline::serve {

Dispatcher::Dispatcher(RequestSource& source, std::int64_t max_concurrency)
    : source_(source), max_concurrency_(max_concurrency), waits_(source.waits()) {
  read();
}

// The source's next request becomes the head.
void Dispatcher::read() {
  const Ticks before = head_ ? head_->arrival : 0;
  head_.reset();
  auto request = source_.next();
  if (!request) {
    at_end_ = true;
    return;
  }
  if (request->arrival.value() > latest_arrival_s || request->arrival.value() < 0)
    throw core::InputError(fmt::format("request {}: found an arrival at {:.0f} s; wanted one from 0 to {:.0f} s", read_,
                                       request->arrival.value(), latest_arrival_s));
  const Ticks arrival = to_ticks(request->arrival);
  if (arrival < before)
    throw core::InputError(fmt::format("request {}: found an arrival before the one of the request before it", read_));
  head_ = Sent{arrival, read_++, std::move(*request)};
}

// Parks what stands at the head and waits for its session.
void Dispatcher::settle() {
  while (waits_ && head_ && head_->request.think.value() >= 0) {
    Session& session = sessions_[head_->request.session];
    const Ticks arrival = head_->arrival;
    if (session.under_way > 0 || !session.parked.empty()) {
      session.parked.push_back(std::move(*head_));
      ++parked_;
    } else {
      head_->arrival = std::max(arrival, session.free_at + to_ticks(head_->request.think));
      head_->request.think = core::Seconds(-1);  // it need not wait any more
      ++session.under_way;
      due_.push(std::move(*head_));
    }
    head_->arrival = arrival;
    read();
  }
}

std::optional<Ticks> Dispatcher::due() {
  settle();
  if (max_concurrency_ > 0 && under_way_ >= max_concurrency_) return {};
  std::optional<Ticks> at;
  if (head_) at = head_->arrival;
  if (!due_.empty() && (!at || due_.top().arrival < *at)) at = due_.top().arrival;
  if (at && max_concurrency_ > 0) at = std::max(*at, freed_at_);
  return at;
}

Sent Dispatcher::take() {
  const Ticks at = *due();
  Sent sent;
  if (!due_.empty() && (!head_ || *head_ > due_.top())) {
    sent = due_.top();
    due_.pop();
  } else {
    sent = *head_;
    if (waits_ && sent.request.session != 0) ++sessions_[sent.request.session].under_way;
    read();
  }
  sent.arrival = at;
  ++under_way_;
  ++taken_;
  return sent;
}

void Dispatcher::ended(std::uint32_t number, Ticks at) {
  if (max_concurrency_ > 0 && under_way_ == max_concurrency_) freed_at_ = std::max(freed_at_, at);
  --under_way_;
  if (number == 0 || !waits_) return;
  Session& session = sessions_[number];
  --session.under_way;
  session.free_at = std::max(session.free_at, at);
  if (session.under_way > 0 || session.parked.empty()) return;
  Sent next = std::move(session.parked.front());
  session.parked.pop_front();
  --parked_;
  next.arrival = std::max(next.arrival, session.free_at + to_ticks(next.request.think));
  ++session.under_way;
  due_.push(std::move(next));
}

bool Dispatcher::done() { return !due() && at_end_ && !head_ && due_.empty() && parked_ == 0; }

}  // namespace wordline::serve
