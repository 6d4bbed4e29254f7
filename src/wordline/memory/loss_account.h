// Where a data bus's clocks went: each that carried no data is charged to what held back the oldest access.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wordline/memory/observer.h"
#include "wordline/memory/watch_holds.h"

namespace wordline::memory {

// Ticks of data buses: those that carried data, and those lost by cause. Their sum is the time of all buses, exactly.
struct Losses {
  dram::Tick data = 0;
  std::array<dram::Tick, loss_count> lost{};
  dram::Tick total() const;
  dram::Tick of(Loss loss) const { return lost[static_cast<std::size_t>(loss)]; }
  Losses& operator+=(const Losses& more);
};

// "bandwidth_loss": {"bus_ticks", "data", "refresh", ...}: shares of all bus ticks.
nlohmann::ordered_json losses_json(const Losses& losses);

// Keeps the account of one channel. Memory: one bit a command.
class LossAccount : public Observer {
 public:
  // The standard must outlive it.
  explicit LossAccount(const dram::Standard& standard);

  void accepted(const Access& access, std::uint64_t id, dram::Tick now) override;
  void issued(const dram::Command& command, std::uint64_t id) override;
  void finished(std::uint64_t id, dram::Tick beat) override;

  // Closes the account at `end`, no earlier than the last data beat. Throws std::logic_error where a tick is charged
  // twice or not at all.
  Losses finish(dram::Tick end);

 private:
  // Why one direction's oldest access could not have its data for a while, and on which bank; -1: there was none.
  struct Reason {
    Loss loss = Loss::idle;
    std::int32_t bank = -1;
    std::uint32_t turn = 0;  // how many deciding commands the bank had seen
    bool operator==(const Reason&) const = default;
  };
  struct Span {  // of command time
    dram::Tick from, to;
    std::array<Reason, 2> reasons;  // by direction of the burst that ends the gap: read, write
  };
  struct Piece {  // a reason that holds until a tick
    dram::Tick to;
    Reason reason;
  };
  struct Bus {
    std::array<std::map<std::uint64_t, Access>, 2> waiting;  // reads, writes, by id
    std::array<std::uint64_t, 2> oldest{};                   // of each direction that has one: its id ...
    std::array<dram::Tick, 2> oldest_since{};                // ... and when it became that
    std::vector<Span> spans;                                 // since the last column command
    dram::Tick last_column = -1, data_end = 0;
  };
  struct Bank {
    std::vector<bool> refreshed;                     // of each turn: ended by a refresh
    std::array<dram::Tick, loss_count> undecided{};  // charged in the present turn
    dram::Tick late = 0;                             // how much later its open row was opened ...
    Loss late_by = Loss::row_miss;                   // ... because of this
    std::int32_t row = -1;                           // the last that was opened
  };

  void advance(dram::Tick now);
  void extend(Bus& bus, dram::Tick now);
  const Access* oldest(const Bus& bus, bool write) const;
  std::vector<Piece> pieces(const Bus& bus, bool write, dram::Tick now) const;
  void opened(const dram::Command& command, std::uint64_t id);
  void note_oldest(Bus& bus, dram::Tick now);
  void close_gap(Bus& bus, dram::Tick begin, dram::Tick latency, bool write);
  void charge(const Reason& reason, dram::Tick ticks);
  void decide(int bank, bool refresh);
  Bus& bus_of(int bank);

  const dram::Standard& standard_;
  Holds holds_;
  std::vector<Bus> buses_;
  std::vector<Bank> banks_;
  struct Place {
    std::int32_t bank;
    dram::Tick accepted;
  };
  std::map<std::uint64_t, Place> places_;  // of accepted accesses
  dram::Tick now_ = 0;
  Losses losses_;
};

}  // namespace wordline::memory
