// Command lists for energies: what was issued when and to which bank, whether a device would have allowed it or not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "wordline/dram/memspec.h"

namespace wordline::dram {

// Commands as DRAMPower names them. `power_down` and `power_up` are the standard's PDE and PDX, which leave it to the
// banks whether they are of active or of precharge power-down.
enum class EnergyOp : std::uint8_t {
  nop,
  act,
  pre,
  pre_all,
  pre_same,
  rd,
  rda,
  wr,
  wra,
  ref_all,
  ref_bank,
  ref_two,
  ref_same,
  power_down_act,
  power_up_act,
  power_down_pre,
  power_up_pre,
  power_down,
  power_up,
  self_refresh,
  self_refresh_exit,
  deep_sleep,
  deep_sleep_exit,
  end
};
inline constexpr int energy_ops = static_cast<int>(EnergyOp::end) + 1;

// "REFSB": DRAMPower's name of a command.
std::string to_string(EnergyOp op);

// One line of a list. `bank` counts all banks of the rank; `partner` is the bank refreshed with it, -1 elsewhere.
struct EnergyCommand {
  Tick clock = 0;
  EnergyOp op = EnergyOp::nop;
  int rank = 0, bank = 0, partner = -1;
};

// How a list numbers banks: through the whole rank, as DRAMPower does, or anew in every bank group.
enum class BankNumbers : std::uint8_t { through_rank, in_group };

// Reads `timestamp,command,rank,bankgroup,bank,row,column[,data]`, with or without a header line (which may name the
// columns in any order, and "dbank"); trailing fields that a command has no use for may be left out; `#` begins a
// comment line. Throws InputError with line and column.
std::vector<EnergyCommand> parse_energy_trace(const Memspec& spec, const std::string& text, const std::string& name,
                                              BankNumbers numbers = BankNumbers::through_rank);
std::vector<EnergyCommand> read_energy_trace(const Memspec& spec, const std::filesystem::path& file,
                                             BankNumbers numbers = BankNumbers::through_rank);

}  // namespace wordline::dram
