// DRAMPower's names of what a command list's energies are made of: the fields of `wordline dram energy` and of
// DRAMPower's own test vectors.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "wordline/dram/command_energy.h"

namespace wordline::dram {

// Values under their names, in the order in which results show them.
template <typename T>
using Named = std::vector<std::pair<std::string_view, T>>;

// "act", "pre", "reads", ...: commands of one bank. LPDDR6 has a name of its own for refreshes of two banks.
Named<std::int64_t> named(const BankCounts& counts, Memspec::Type type);
// "act", "pre", "powerDownAct", ...: clocks by state, of a bank or a rank.
Named<Tick> named(const StateClocks& clocks);
// "E_act", "E_pre", ...: joules by cause, without their total.
Named<double> named(const CommandEnergies& energies);
// "E_bg_act_shared", "E_PDNA", ...: joules that are the ranks', not one bank's.
Named<double> named_of_ranks(const ListEnergy& energy);

}  // namespace wordline::dram
