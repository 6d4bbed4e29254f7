// One line of a probe's script, read: what probe_script.cpp hands to probe.cpp.
#pragma once

#include <string>

#include "wordline/dram/probe.h"

namespace wordline::dram {

// A word of the script and where it stands.
struct Probe::Word {
  std::string text;
  core::Location where;
};

// What one line asks for.
struct Probe::Request {
  core::Location where;
  bool issue = false;
  std::string name;  // of the command as the table writes it; "ACT" for both parts
  Command command;
  bool both_parts = false, names_row = false;
  Tick tick = -1;  // -1: no clock given
};

}  // namespace wordline::dram
