// Chips of one replica, joined by their ports.
#pragma once

#include "wordline/chip/chip.h"
#include "wordline/core/units.h"

namespace wordline::cluster {

// `chips` equal chips, each with the port of its catalogue file.
struct Group {
  int chips = 1;
  chip::Port port;
  core::Seconds launch;  // of the kernel that carries a transfer out
  core::Watts idle;      // of one chip
};

// A group of n such chips; throws core::InputError where n exceeds what the port joins.
Group group_of(const chip::Chip&, int chips);

}  // namespace wordline::cluster
