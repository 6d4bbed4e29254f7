#include "wordline/cluster/transfer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wordline/chip/kernel.h"
#include "wordline/core/error.h"

namespace wordline::cluster {

namespace policy {
#define WORDLINE_POLICY(stem) extern const Algorithm stem;
#include "wordline/cluster/policy/collective.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

const Algorithm& algorithm_named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& algorithm : algorithms()) {
    if (algorithm.name == name) return algorithm;
    known.push_back(algorithm.name);
  }
  throw core::UsageError(
      fmt::format("no collective algorithm is called \"{}\"; known are {}", name, fmt::join(known, ", ")));
}

// What each chip sends at least, whatever the algorithm (Patarasuk and Yuan 2009 for all-reduce).
core::Bytes sent(const Transfer& transfer, double chips) {
  if (transfer.collective == Collective::send_recv) return transfer.bytes;
  return transfer.bytes * ((chips - 1) / chips * (transfer.collective == Collective::all_reduce ? 2 : 1));
}

}  // namespace

std::string name_of(Collective collective) {
  switch (collective) {
    case Collective::all_reduce:
      return "all_reduce";
    case Collective::all_gather:
      return "all_gather";
    case Collective::reduce_scatter:
      return "reduce_scatter";
    case Collective::all_to_all:
      return "all_to_all";
    case Collective::send_recv:
      return "send_recv";
  }
  return {};
}

Collective collective_of(std::string_view name) {
  if (name == "alltoall") return Collective::all_to_all;
  std::vector<std::string> known;
  for (const Collective collective : all_collectives()) {
    known.push_back(name_of(collective));
    if (known.back() == name) return collective;
  }
  const std::string nearest = core::nearest_name(name, known);
  throw core::UsageError(fmt::format("no collective is called \"{}\"; known are {}{}", name, fmt::join(known, ", "),
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

const std::vector<Collective>& all_collectives() {
  using enum Collective;
  static const std::vector<Collective> all = {all_reduce, all_gather, reduce_scatter, all_to_all, send_recv};
  return all;
}

const std::vector<Algorithm>& algorithms() {
  static const std::vector<Algorithm> all = {
#define WORDLINE_POLICY(stem) policy::stem,
#include "wordline/cluster/policy/collective.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

TransferCost cost_of(const Group& group, const Transfer& transfer, std::string_view algorithm) {
  TransferCost out;
  if (!(transfer.bytes.value() >= 0))
    throw core::InputError(fmt::format("a transfer of {} bytes: wanted at least 0", transfer.bytes.value()));
  if (group.chips == 1) return out;
  Duration best;
  const auto offer = [&](const Algorithm& candidate) {
    const auto duration = candidate.duration(group, transfer);
    if (!duration || (!out.algorithm.empty() && duration->time() >= best.time())) return;
    best = *duration;
    out.algorithm = candidate.name;
  };
  if (!algorithm.empty()) {
    offer(algorithm_named(algorithm));
  } else {
    for (const auto& candidate : algorithms()) offer(candidate);
  }
  if (out.algorithm.empty())
    throw core::UsageError(fmt::format("{} cannot carry out this {} over a {} of {} chips",
                                       algorithm.empty() ? "no algorithm" : algorithm, name_of(transfer.collective),
                                       group.port.topology, group.chips));
  out.launch = chip::whole_ticks(best.launch);
  out.link = chip::whole_ticks(best.link);
  out.time = out.low = out.high = out.launch + out.link;
  for (const auto& band : group.port.bands) {
    if (transfer.bytes >= band.below) continue;
    out.low = chip::whole_ticks(out.time * band.low);
    out.high = chip::whole_ticks(out.time * band.high);
    break;
  }
  const double chips = group.chips;
  const core::JoulesPerByte each = group.port.energy + 2 * group.cache;
  out.joules = chip::whole_ticks(chips * (group.running * out.time + sent(transfer, chips) * each));
  return out;
}

}  // namespace wordline::cluster
