#include "wordline/cluster/group.h"

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::cluster {

Group group_of(const chip::Chip& chip, int chips) {
  if (chips < 1) throw core::InputError(fmt::format("a group of {} chips: wanted at least 1", chips));
  if (chips > chip.port.largest_group)
    throw core::InputError(
        fmt::format("a group of {} chips of {}: its port joins at most {}", chips, chip.name, chip.port.largest_group));
  return {chips, chip.port, chip.launch, chip.idle};
}

}  // namespace wordline::cluster
