// Chips of one replica, joined by their ports.
#pragma once

#include <string_view>

#include "wordline/chip/chip.h"
#include "wordline/core/units.h"

namespace wordline::cluster {

// Whose collectives a group runs. nccl: the collective library's alone. tensorrt_llm, vllm: their custom all-reduce for
// small messages besides (one_shot; vllm: two_shot too).
enum class Software { nccl, tensorrt_llm, vllm };
// "nccl", "tensorrt-llm", "vllm"; unknown names throw core::UsageError.
Software software_of(std::string_view name);

// `chips` equal chips, each with the port of its catalogue file.
struct Group {
  int chips = 1;
  chip::Port port;
  core::Seconds launch;           // of the kernel that carries a transfer out, where the port has no library
  core::Watts running;            // of one chip, while kernels run, before anything is moved
  core::BytesPerSecond memory{};  // of one chip; 0: copies within a chip take no time
  Software software = Software::vllm;
  core::JoulesPerByte cache{};  // of a byte between a chip's shared cache and its cores
};

// A group of n such chips, with the collectives of the chip's kernel library: TensorRT-LLM's own, vLLM's for all others
// (SGLang has taken them over); throws core::InputError where n exceeds what the port joins.
Group group_of(const chip::Chip&, int chips);

// What one chip can send to the others of its group all at once, in data. Switched: the whole port. All-to-all without
// a switch: the links that lead into the group, (n-1) of largest_group - 1. Ring, torus: the links on a ring through
// the group: all where the group is the whole of it; else 2 of a torus' 4, 1 of a ring's 2; 1 between two chips.
core::BytesPerSecond to_all(const Group&);
// The same to one peer: the whole port through a switch, one link (or bundle) without.
core::BytesPerSecond to_one(const Group&);

}  // namespace wordline::cluster
