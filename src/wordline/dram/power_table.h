// The [power] table of a part: currents as their source states them, and what makes joules and watts of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/dram/data_rates.h"
#include "wordline/dram/power.h"
#include "wordline/dram/standard.h"

namespace wordline::dram {

// Which figures energies rest on.
enum class EnergyMode : std::uint8_t {
  model,      // what parts draw: HBM by its measured rails and data, others by currents with guard bands taken off
  datasheet,  // currents as stated: maxima of data sheets, rails of static data; no guard band, no data model
  vendor      // joules a bit as the maker states them, all in; nothing else draws
};
const std::vector<std::string>& energy_mode_names();  // "model", "datasheet", "vendor"
EnergyMode energy_mode(std::string_view name);        // throws UsageError

// Read-only after load. Currents are of one die, or of one pseudo-channel of a stack (all its stack ids together).
struct PowerTable {
  // A current and what it is of its stated value in truth.
  struct Current {
    core::Amperes stated;
    double guard_band = 1;
    core::Amperes in(EnergyMode mode) const { return mode == EnergyMode::model ? stated * guard_band : stated; }
  };
  core::Volts vdd, vddq;                                // vddq: of the data pins, vdd where it has no rail of its own
  Current idd0, idd2n, idd3n_all, idd4r, idd4w, idd5b;  // idd3n_all: with all banks open, as JEDEC's IDD3N of DDR is
  std::optional<Current> idd3n;                         // with one bank open, where it was measured: stacks
  std::optional<Current> iddq4r;                        // drivers, where idd4r does not hold them
  std::optional<Current> idd2p, idd3p, idd6;            // power-down and self-refresh; standby where unknown
  std::optional<DataEnergy> data;                       // idd4r and idd4w are then of static data
  double data_factor = 1;                               // instead of `data`: bursts of usual data over stated
  std::optional<core::JoulesPerByte> vendor;            // joules a bit, all in
  core::Watts floor;                                    // of one channel: measured, but outside these currents
  int banks = 1;                                        // of a rank
  double dies = 1;                                      // dies that burn what the currents say with each command
  double share = 1;                                     // of standby and refresh that falls on one rank of a data path
  core::Location where;

  // Active standby with one bank and with all banks open. Where one was not measured each bank adds the same. Never
  // less than idd2n, though guard bands of two sources may say so.
  core::Amperes one_open(EnergyMode mode) const;
  core::Amperes all_open(EnergyMode mode) const;
  // Power-down with one bank open: from idd2p to idd3p, which DDR states with all banks open, each bank adds the same.
  // Never less than idd2p; active standby where idd3p is not stated.
  core::Amperes one_open_down(EnergyMode mode) const;
  // The standby that idd4r and idd4w contain: all banks are open in JEDEC's loops of DDR, one in those of the stacks.
  core::Amperes while_bursting(EnergyMode mode) const { return idd3n ? one_open(mode) : all_open(mode); }
  // IDD4R with the data of `rates`: standby + (idd4r - standby) x energy(rates) / energy(static data); IDD4W likewise.
  core::Amperes burst_current(const Current& stated, EnergyMode mode, const DataRates& rates) const;
};

// `devices`: dies that answer together on one data path.
PowerTable read_power_table(const core::Reader& table, const Standard& standard, int devices);

// Joules of each command and watts of each state. Throws InputError where the mode asks for what the table lacks.
Power power_of(const PowerTable& table, const Standard& standard, core::Seconds tick,
               EnergyMode mode = EnergyMode::model, const DataRates& rates = {});

}  // namespace wordline::dram
