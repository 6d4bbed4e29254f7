#include "wordline/cluster/group.h"

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::cluster {

Software software_of(std::string_view name) {
  if (name == "nccl") return Software::nccl;
  if (name == "tensorrt-llm") return Software::tensorrt_llm;
  if (name == "vllm") return Software::vllm;
  const std::string nearest = core::nearest_name(name, {"nccl", "tensorrt-llm", "vllm"});
  throw core::UsageError(fmt::format("no collectives are called \"{}\"; known are nccl, tensorrt-llm, vllm{}", name,
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

Group group_of(const chip::Chip& chip, int chips) {
  if (chips < 1) throw core::InputError(fmt::format("a group of {} chips: wanted at least 1", chips));
  if (chips > chip.port.largest_group)
    throw core::InputError(
        fmt::format("a group of {} chips of {}: its port joins at most {}", chips, chip.name, chip.port.largest_group));
  const bool tensorrt_llm = chip.library.starts_with("tensorrt-llm");
  return {.chips = chips,
          .port = chip.port,
          .launch = chip.launch,
          .running = chip.awake(),
          .memory = chip.memory.peak,
          .software = tensorrt_llm ? Software::tensorrt_llm : Software::vllm,
          .cache = chip.cache_energy};
}

core::BytesPerSecond to_one(const Group& group) {
  const auto& port = group.port;
  const auto all = port.bandwidth * port.bandwidth_share;
  if (port.switched) return all;
  if (port.topology == "all-to-all") return all / (port.largest_group - 1.0);
  return all / (port.topology == "torus" ? 4.0 : 2.0);
}

core::BytesPerSecond to_all(const Group& group) {
  const auto& port = group.port;
  const auto all = port.bandwidth * port.bandwidth_share;
  if (port.switched || group.chips == port.largest_group) return all;
  if (port.topology == "all-to-all" || group.chips == 2) return to_one(group) * (group.chips - 1.0);
  return all / 2;
}

}  // namespace wordline::cluster
