// What a command list does to the banks, for energies: commands counted by bank, clocks counted by state. Nothing is
// judged; what a device does by itself (auto-precharge, the end of a refresh, entry to power-down as soon as it may) is
// done here at its clock, as DRAMPower 6.2 does it.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "wordline/dram/energy_trace.h"
#include "wordline/dram/memspec.h"

namespace wordline::dram {

// Of one bank. `pre` counts closings, whatever closed it; a PRE to a closed bank is none.
struct BankCounts {
  std::int64_t act = 0, pre = 0, reads = 0, writes = 0, read_auto = 0, write_auto = 0;
  std::int64_t ref_all = 0, ref_bank = 0, ref_two = 0, ref_same = 0;
};

// Clocks by state; they add up to the list's length. A bank is active while open or refreshing, a rank while any bank
// is; power-down and self-refresh are the rank's.
struct StateClocks {
  Tick active = 0, precharged = 0, power_down_act = 0, power_down_pre = 0, self_refresh = 0, deep_sleep = 0;
};

struct EnergyStats {
  Tick clocks = 0;
  std::vector<BankCounts> counts;                              // [rank * banks + bank]
  std::vector<StateClocks> bank_states;                        // likewise
  std::vector<StateClocks> rank_states;                        // [rank]
  std::vector<std::array<std::int64_t, energy_ops>> commands;  // [rank][EnergyOp]: as issued
};

// Takes commands in rising order of clocks. The specification must outlive it.
class EnergyStates {
 public:
  explicit EnergyStates(const Memspec& spec);

  void take(const EnergyCommand& command);
  // Counts and clocks up to `clock`, at or after the last command's.
  EnergyStats stats(Tick clock);

 private:
  // Time spent in a state that begins and ends.
  struct Span {
    Tick total = 0, began = 0;
    bool open = false;
    void begin(Tick at);
    void end(Tick at);
    Tick until(Tick at) const { return total + (open && at > began ? at - began : 0); }
  };
  struct Bank {
    bool open = false;  // or refreshing
    Span active;
    Tick closed_at = 0, refreshed_at = 0;
  };
  struct Rank {
    Span active, power_down_act, power_down_pre, self_refresh, deep_sleep;
    Tick self_refresh_from = 0;
    bool down_with_open_banks = false;  // which of the two power-downs a PDE meant
  };
  // What happens by itself, at its clock.
  enum class Later { close, refreshed, down_act, up_act, down_pre, up_pre, self_refresh, self_refresh_exit };
  struct Due {
    Later what;
    int rank, bank;
  };

  Bank& bank(int rank, int bank) { return banks_[static_cast<std::size_t>(rank * spec_.banks + bank)]; }
  BankCounts& counts(int rank, int bank) { return counts_[static_cast<std::size_t>(rank * spec_.banks + bank)]; }
  void later(Tick at, Later what, int rank, int bank = 0) { due_.emplace(at, Due{what, rank, bank}); }
  void run_until(Tick clock);
  void happen(const Due& due, Tick at);
  void issue(const EnergyCommand& command);
  void activate(int rank, int bank, Tick at);
  void close(int rank, int bank, Tick at);
  void auto_precharge(int rank, int bank, Tick at, Tick offset);
  void refresh(int rank, int bank, Tick at, Tick duration);
  void refresh_all(int rank, Tick at);
  void end_active(int rank, Tick at);
  void suspend(int rank, Tick at);
  void resume(int rank, Tick at);
  bool any_open(int rank);
  Tick power_down_from(int rank, Tick at);

  const Memspec& spec_;
  std::vector<Rank> ranks_;
  std::vector<Bank> banks_;
  std::vector<BankCounts> counts_;
  std::vector<std::array<std::int64_t, energy_ops>> commands_;
  std::multimap<Tick, Due> due_;  // equal clocks in order of entry
};

// All commands of a list; its last one's clock is the end.
EnergyStats energy_stats(const Memspec& spec, const std::vector<EnergyCommand>& commands);

}  // namespace wordline::dram
