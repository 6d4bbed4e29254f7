// Joules of a command list from its counts and state clocks: the core energies of DRAMPower 6.2, by command and bank.
#pragma once

#include <vector>

#include "wordline/dram/energy_states.h"
#include "wordline/dram/memspec.h"

namespace wordline::dram {

// Joules, by cause. The closings by auto-precharge are in `pre` too: read_auto_pre and write_auto_pre show their share
// and do not count in total().
struct CommandEnergies {
  double act = 0, pre = 0, active = 0, precharged = 0;
  double read = 0, write = 0, read_auto = 0, write_auto = 0, read_auto_pre = 0, write_auto_pre = 0;
  double ref_all = 0, ref_bank = 0, ref_same = 0, ref_two = 0;

  double total() const {
    return act + pre + active + precharged + read + write + read_auto + write_auto + ref_all + ref_bank + ref_same +
           ref_two;
  }
  CommandEnergies& operator+=(const CommandEnergies& other);
};

struct ListEnergy {
  std::vector<CommandEnergies> banks;  // [rank * banks + bank], of one die
  // Of all ranks and dies:
  double active_shared = 0;  // active background whatever the number of open banks
  double power_down_act = 0, power_down_pre = 0, self_refresh = 0, deep_sleep = 0;
  int devices = 1;

  // All banks of all dies; active_shared is in `active`.
  CommandEnergies sum() const;
  double total() const { return sum().total() + power_down_act + power_down_pre + self_refresh + deep_sleep; }
};

// The equations are those of Matthias Jung et al. (bank-wise background: a share rho of IDD3N - IDD2N flows with any
// bank open, the rest by open bank). DDR's IDD3N is with all banks open, LPDDR's with one.
ListEnergy energy_of(const Memspec& spec, const EnergyStats& stats);

}  // namespace wordline::dram
