#include "wordline/serve/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wordline/core/error.h"

namespace wordline::serve {

Dispatcher::Dispatcher(RequestSource& source, std::int64_t max_concurrency)
    : source_(source), max_concurrency_(max_concurrency), waits_(source.waits()), users_(source.users()) {
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

bool Dispatcher::head_waits() const { return waits_ && head_ && head_->request.think.value() >= 0; }

// Whether what is due is sent before anything that stands at the head or behind it, or everybody waits for an answer.
bool Dispatcher::read_enough() const {
  return (!due_.empty() && *head_ > due_.top()) || (users_ > 0 && busy_ == users_);
}

void Dispatcher::put_under_way(Session& session) {
  if (session.under_way++ == 0) ++busy_;
}

// Parks what stands at the head and waits for its session.
void Dispatcher::settle() {
  while (head_waits() && !read_enough()) {
    const std::uint32_t number = head_->request.session;
    Session& session = sessions_[number];
    const Ticks arrival = head_->arrival;
    if (session.under_way > 0) {
      parked_[number].push_back(std::move(*head_));
    } else {
      head_->arrival = std::max(arrival, session.free_at + to_ticks(head_->request.think));
      head_->request.think = core::Seconds(-1);  // it need not wait any more
      put_under_way(session);
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
  if (head_ && !head_waits()) at = head_->arrival;
  if (!due_.empty() && (!at || due_.top().arrival < *at)) at = due_.top().arrival;
  if (at && max_concurrency_ > 0) at = std::max(*at, freed_at_);
  return at;
}

Sent Dispatcher::take() {
  const Ticks at = *due();
  Sent sent;
  if (!due_.empty() && (!head_ || head_waits() || *head_ > due_.top())) {
    sent = due_.top();
    due_.pop();
  } else {
    sent = *head_;
    if (waits_ && sent.request.session != 0) put_under_way(sessions_[sent.request.session]);
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
  if (--session.under_way == 0) --busy_;
  session.free_at = std::max(session.free_at, at);
  const auto parked = parked_.find(number);
  if (session.under_way > 0 || parked == parked_.end()) return;
  Sent next = std::move(parked->second.front());
  parked->second.pop_front();
  if (parked->second.empty()) parked_.erase(parked);
  next.arrival = std::max(next.arrival, session.free_at + to_ticks(next.request.think));
  put_under_way(session);
  due_.push(std::move(next));
}

bool Dispatcher::done() { return !due() && at_end_ && !head_ && due_.empty() && parked_.empty(); }

}  // namespace wordline::serve
