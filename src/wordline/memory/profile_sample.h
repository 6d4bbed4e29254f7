// The runs behind a profile: one channel of a system under a pattern, saturated, at a rate, or idle.
#pragma once

#include <vector>

#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"
#include "wordline/memory/pattern.h"
#include "wordline/memory/profile.h"

namespace wordline::memory {

// Simulates the first channel of a system; all figures of the system follow by the number of its channels.
class Sample {
 public:
  // The system must outlive the sample.
  Sample(const System& system, const AccessPattern& pattern);
  // As fast as the queues accept, and what a lone read and an idle memory do.
  Profile saturated();
  // At a rate for the whole system, which must be above 0; where the memory does less, what it does.
  LoadPoint at(core::BytesPerSecond offered);

 private:
  double channels() const { return static_cast<double>(system_.channels()); }
  LoadPoint point_of(Channel& channel, std::uint64_t accesses, Tick end) const;
  core::Watts idle_power() const;
  core::Seconds lone_latency() const;
  std::vector<Access> next_accesses(Source& source, std::uint64_t& wanted) const;
  bool refill(Source& source, Channel& channel, std::uint64_t& wanted) const;

  const System& system_;
  AddressMap map_;
  const dram::Part& part_;
  Pattern pattern_;
};

}  // namespace wordline::memory
