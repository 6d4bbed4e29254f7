#include "wordline/memory/loss_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

namespace wordline::memory {

using dram::Effect;
using dram::Tick;

namespace {

Tick aligned(Tick tick, Tick to) { return (tick + to - 1) / to * to; }

}  // namespace

Tick Losses::total() const { return std::accumulate(lost.begin(), lost.end(), data); }

Losses& Losses::operator+=(const Losses& more) {
  data += more.data;
  for (std::size_t i = 0; i < loss_count; ++i) lost[i] += more.lost[i];
  return *this;
}

nlohmann::ordered_json losses_json(const Losses& losses) {
  const auto share = [&](Tick ticks) {
    return losses.total() > 0 ? static_cast<double>(ticks) / static_cast<double>(losses.total()) : 0.0;
  };
  nlohmann::ordered_json out = {{"bus_ticks", losses.total()}, {"data_ticks", losses.data}};
  for (std::size_t i = 0; i < loss_count; ++i)
    out["lost_ticks"][std::string(loss_name(static_cast<Loss>(i)))] = losses.lost[i];
  out["data"] = share(losses.data);
  for (std::size_t i = 0; i < loss_count; ++i)
    out["lost"][std::string(loss_name(static_cast<Loss>(i)))] = share(losses.lost[i]);
  return out;
}

LossAccount::LossAccount(const dram::Standard& standard) : standard_(standard), holds_(standard) {
  const dram::Geometry& geometry = standard.geometry;
  buses_.resize(static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]));
  banks_.resize(static_cast<std::size_t>(geometry.banks()));
}

LossAccount::Bus& LossAccount::bus_of(int bank) {
  return buses_[static_cast<std::size_t>(standard_.geometry.node(standard_.data_bus_level, bank))];
}

void LossAccount::accepted(const Access& access, std::uint64_t id, Tick now) {
  advance(now);
  bus_of(access.bank).waiting[access.write].emplace(id, access);
  places_.emplace(id, Place{access.bank, now});
  note_oldest(bus_of(access.bank), now);
}

void LossAccount::finished(std::uint64_t id, Tick) {
  const auto found = places_.find(id);
  if (found == places_.end()) throw std::logic_error(fmt::format("access {} finished and was never accepted", id));
  Bus& bus = bus_of(found->second.bank);
  for (auto& waiting : bus.waiting) waiting.erase(id);
  note_oldest(bus, now_);
  places_.erase(found);
}

void LossAccount::issued(const dram::Command& command, std::uint64_t id) {
  advance(command.tick);
  const dram::CommandSpec& spec = standard_.spec(command.id);
  if (spec.burst > 0) {
    Bus& bus = bus_of(command.bank);
    close_gap(bus, command.tick + spec.latency, spec.latency, spec.effect == Effect::write);
    bus.data_end = command.tick + spec.latency + spec.burst;
    bus.last_column = command.tick;
    losses_.data += spec.burst;
  }
  if (command.id == holds_.opening()) opened(command, id);
  holds_.issue(command);
  const bool refresh = spec.effect == Effect::refresh;
  if (refresh || spec.effect == Effect::activate || spec.burst > 0)
    for (const int bank : standard_.reached(command.id, command.bank)) decide(bank, refresh);
}

// Time passes to `now` with nothing having changed since now_.
void LossAccount::advance(Tick now) {
  if (now < now_) throw std::logic_error(fmt::format("the events of a channel go back from {} to {}", now_, now));
  if (now > now_)
    for (Bus& bus : buses_) extend(bus, now);
  now_ = now;
}

const Access* LossAccount::oldest(const Bus& bus, bool write) const {
  const auto& own = bus.waiting[write];
  const auto& waiting = own.empty() ? bus.waiting[!write] : own;
  return waiting.empty() ? nullptr : &waiting.begin()->second;
}

// Remembers since when each direction's oldest access is that.
void LossAccount::note_oldest(Bus& bus, Tick now) {
  for (const bool write : {false, true}) {
    if (bus.waiting[write].empty()) {
      bus.oldest[write] = Observer::no_access;
    } else if (const auto id = bus.waiting[write].begin()->first; id != bus.oldest[write]) {
      bus.oldest[write] = id;
      bus.oldest_since[write] = now;
    }
  }
}

// A row opens: how much earlier could it have, but for a refresh or the activation window? What of that was already
// charged, as the wait of the oldest access, does not count again.
void LossAccount::opened(const dram::Command& command, std::uint64_t id) {
  Bank& state = banks_[static_cast<std::size_t>(command.bank)];
  const bool again = !state.refreshed.empty() && state.refreshed.back() && state.row == command.row;
  state.row = command.row;
  state.late = 0;
  if (again) {  // but for the refresh it would still be open
    state.late_by = Loss::refresh;
    state.late = command.tick;
    return;
  }
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  const auto act = holds_.opening();
  const Tick refresh = holds_.until(act, command.bank, Loss::refresh);
  const Tick window = holds_.until(act, command.bank, Loss::activation);
  const Tick otherwise =
      std::max({place->second.accepted, holds_.until(act, command.bank, Loss::row_miss), std::min(refresh, window)});
  Tick last = std::max(refresh, window);
  const Bus& bus = bus_of(command.bank);
  for (const bool write : {false, true})
    if (bus.oldest[write] == id) {
      const Tick latency = standard_.spec(write ? standard_.usual.wr : standard_.usual.rd).latency;
      last = std::min(last, std::max({bus.oldest_since[write], bus.data_end - latency, bus.last_column}));
    }
  state.late_by = refresh > window ? Loss::refresh : Loss::activation;
  state.late = std::max<Tick>(0, last - otherwise);
}

// What keeps the oldest access from now_ to `now`: the rule that expires last, and from then on nothing but the
// scheduler. Of the wait for a row just opened the end is charged to what delayed the opening.
std::vector<LossAccount::Piece> LossAccount::pieces(const Bus& bus, bool write, Tick now) const {
  const Access* const access = oldest(bus, write);
  if (!access) return {{now, {}}};
  const auto id = holds_.needed(access->bank, access->row, access->write);
  const Hold hold = holds_.hold(id, access->bank);
  const Tick edge = aligned(std::max(hold.until, now_), standard_.spec(id).align);
  const Bank& bank = banks_[static_cast<std::size_t>(access->bank)];
  Reason reason{hold.until > now_ ? hold.loss : Loss::command_bus, access->bank,
                static_cast<std::uint32_t>(bank.refreshed.size())};
  std::vector<Piece> out;
  if (reason.loss == Loss::row_miss && standard_.spec(id).burst > 0 && bank.late > 0) {
    if (edge - bank.late > now_) out.push_back({std::min(edge - bank.late, now), reason});
    reason.loss = bank.late_by;
  }
  out.push_back({std::min(edge, now), reason});
  reason.loss = Loss::scheduling;
  out.push_back({now, reason});
  return out;
}

// The spans from now_ to `now`, cut where the reason of either direction changes.
void LossAccount::extend(Bus& bus, Tick now) {
  const std::array<std::vector<Piece>, 2> both = {pieces(bus, false, now), pieces(bus, true, now)};
  std::array<std::size_t, 2> at = {0, 0};
  for (Tick from = now_; from < now;) {
    for (const bool write : {false, true})
      while (both[write][at[write]].to <= from) ++at[write];
    const Piece &read = both[0][at[0]], &write = both[1][at[1]];
    const Span span{from, std::min(read.to, write.to), {read.reason, write.reason}};
    if (!bus.spans.empty() && bus.spans.back().reasons == span.reasons)
      bus.spans.back().to = span.to;
    else
      bus.spans.push_back(span);
    from = span.to;
  }
}

// Charges the data bus's ticks from the last data to `begin`. Data at d was decided at d - latency, but not before the
// last column command.
void LossAccount::close_gap(Bus& bus, Tick begin, Tick latency, bool write) {
  if (begin < bus.data_end) throw std::logic_error(fmt::format("two bursts overlap on a data bus at tick {}", begin));
  Tick at = bus.data_end;
  if (bus.last_column < 0 && at < begin) {  // no data can come within a latency of the start
    const Tick first = std::min(begin, latency);
    charge({}, first - at);
    at = std::max(at, first);
  }
  for (const Span& span : bus.spans) {
    const Tick to = std::min(span.to + latency, begin);
    if (to <= at) continue;
    charge(span.reasons[write], to - at);
    at = to;
  }
  if (at != begin) throw std::logic_error(fmt::format("{} ticks before tick {} have no cause", begin - at, begin));
  bus.spans.clear();
}

void LossAccount::charge(const Reason& reason, Tick ticks) {
  if (reason.bank < 0) {
    losses_.lost[static_cast<std::size_t>(reason.loss)] += ticks;
    return;
  }
  Bank& bank = banks_[static_cast<std::size_t>(reason.bank)];
  if (reason.turn == bank.refreshed.size())
    bank.undecided[static_cast<std::size_t>(reason.loss)] += ticks;
  else
    losses_.lost[static_cast<std::size_t>(bank.refreshed[reason.turn] ? Loss::refresh : reason.loss)] += ticks;
}

// What the bank waited for has come: a refresh, or a row or column command.
void LossAccount::decide(int bank, bool refresh) {
  Bank& state = banks_[static_cast<std::size_t>(bank)];
  for (std::size_t i = 0; i < loss_count; ++i) {
    losses_.lost[refresh ? static_cast<std::size_t>(Loss::refresh) : i] += state.undecided[i];
    state.undecided[i] = 0;
  }
  state.refreshed.push_back(refresh);
}

Losses LossAccount::finish(Tick end) {
  advance(end);
  const Tick latency = standard_.spec(standard_.usual.rd).latency;
  for (Bus& bus : buses_) {
    if (bus.data_end > end) throw std::logic_error("an account that ends before its last data");
    close_gap(bus, end, latency, false);
  }
  for (std::size_t bank = 0; bank < banks_.size(); ++bank) decide(static_cast<int>(bank), false);
  const Tick all = end * static_cast<Tick>(buses_.size());
  if (losses_.total() != all)
    throw std::logic_error(fmt::format("{} of {} bus ticks are accounted for", losses_.total(), all));
  return losses_;
}

}  // namespace wordline::memory
