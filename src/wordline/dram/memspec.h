// A memory specification for energies alone: organisation, the few timings that states depend on, and currents by
// voltage domain, with the key names of DRAMPower's memspecs, so that one can be used as it stands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/dram/command.h"

namespace wordline::dram {

// One supply and its currents in amperes, of one die, all banks together. What a second supply does not state is 0.
struct SupplyCurrents {
  std::string name;  // "vdd1"
  double volts = 0;
  double i0 = 0, i2n = 0, i2p = 0, i3n = 0, i3p = 0, i4r = 0, i4w = 0;
  double i5_all = 0;   // IDD5B, IDD5F by refresh mode; IDD5 of LPDDR
  double i5_some = 0;  // IDD5C (same bank), IDD5PB (per bank), IDD5PDB (dual bank)
  double i6 = 0, i6_deep = 0;
  double i_beta = 0;  // while a row closes; IDD0 where not stated
};

// Read-only after load. Clocks are of CK.
struct Memspec {
  enum class Type : std::uint8_t { ddr4, ddr5, lpddr4, lpddr5, lpddr6 };
  Type type = Type::ddr4;
  int ranks = 1, devices = 1;       // devices: dies that answer together, all alike
  int banks = 16, bank_groups = 1;  // of one rank
  int width = 8, burst_length = 8, data_rate = 2;
  double tck = 0;    // seconds
  double burst = 0;  // seconds of one burst on the data bus
  Tick ras = 0, rcd = 0, rp = 0, rfc_all = 0, rfc_some = 0, refi = 0;
  Tick read_to_precharge = 0, write_to_precharge = 0;  // of RDA and WRA, from the command to the closing
  int pair_offset = 0;                                 // from a bank to the one refreshed with it (REFP2B, REFDB)
  double rho = 1;  // share of IDD3N - IDD2N that does not depend on the number of open banks
  std::vector<SupplyCurrents> supplies;

  bool low_power() const { return type != Type::ddr4 && type != Type::ddr5; }
  bool groups_of_two_open() const;  // reads are measured with two banks open: LPDDR5 in bank-group mode, LPDDR6
  double seconds(Tick clocks) const { return tck * static_cast<double>(clocks); }
};

// "DDR5"
std::string to_string(Memspec::Type type);

// Reads a memspec, at the document's top or in its table "memspec". Where "memoryType" is missing the currents' names
// tell. Keys that energies do not need are passed over. Throws InputError with place.
Memspec read_memspec(const core::Value& document);

}  // namespace wordline::dram
