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
  bank_of_.emplace(id, access.bank);
}

void LossAccount::finished(std::uint64_t id, Tick) {
  const auto found = bank_of_.find(id);
  if (found == bank_of_.end()) throw std::logic_error(fmt::format("access {} finished and was never accepted", id));
  for (auto& waiting : bus_of(found->second).waiting) waiting.erase(id);
  bank_of_.erase(found);
}

void LossAccount::issued(const dram::Command& command, std::uint64_t) {
  advance(command.tick);
  const dram::CommandSpec& spec = standard_.spec(command.id);
  if (spec.burst > 0) {
    Bus& bus = bus_of(command.bank);
    close_gap(bus, command.tick + spec.latency, spec.latency, spec.effect == Effect::write);
    bus.data_end = command.tick + spec.latency + spec.burst;
    bus.last_column = command.tick;
    losses_.data += spec.burst;
  }
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

// The spans from now_ to `now`: up to where the last rule lets the oldest access's command go, and from there.
void LossAccount::extend(Bus& bus, Tick now) {
  std::array<Reason, 2> held, free;
  std::array<Tick, 2> until = {now, now};
  for (const bool write : {false, true}) {
    const Access* const access = oldest(bus, write);
    if (!access) continue;
    const auto id = holds_.needed(access->bank, access->row, access->write);
    const Hold hold = holds_.hold(id, access->bank);
    const Tick edge = aligned(std::max(hold.until, now_), standard_.spec(id).align);
    const auto turn = static_cast<std::uint32_t>(banks_[static_cast<std::size_t>(access->bank)].refreshed.size());
    held[write] = {hold.until > now_ ? hold.loss : Loss::command_bus, access->bank, turn};
    free[write] = {Loss::scheduling, access->bank, turn};
    until[write] = std::min(edge, now);
  }
  std::array<Tick, 4> edges = {now_, std::min(until[0], until[1]), std::max(until[0], until[1]), now};
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    if (edges[i] == edges[i + 1]) continue;
    Span span{edges[i], edges[i + 1], {}};
    for (const bool write : {false, true}) span.reasons[write] = edges[i] < until[write] ? held[write] : free[write];
    if (!bus.spans.empty() && bus.spans.back().reasons == span.reasons)
      bus.spans.back().to = span.to;
    else
      bus.spans.push_back(span);
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
