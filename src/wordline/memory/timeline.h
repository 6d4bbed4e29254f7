// A timeline for ui.perfetto.dev: every command on its bank, the bursts on the data buses, the accesses that wait.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "wordline/core/clock.h"
#include "wordline/core/perfetto.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// What of a run is drawn: commands from the clock `from` to before the clock `to`, of the DRAM.
struct TimelineWindow {
  std::int64_t from = 0, to = std::numeric_limits<std::int64_t>::max();
  // Whether a picosecond of the memory is drawn as a nanosecond: Perfetto knows none shorter, and many clocks are.
  bool picoseconds = false;
  // Reads "1000:2000", "1000:", ":2000". Throws core::UsageError.
  static TimelineWindow parse(const std::string& text);
};

// Records one channel. Memory: about 40 bytes for each command and access within the window.
class Timeline : public Observer {
 public:
  // The standard must outlive it.
  Timeline(const dram::Standard& standard, const TimelineWindow& window);

  void accepted(const Access& access, std::uint64_t id, dram::Tick now) override;
  void issued(const dram::Command& command, std::uint64_t id) override;
  void finished(std::uint64_t id, dram::Tick beat) override;

  // Draws the channel under a track of this name. `clock` is that of a tick, `end` the end of the run.
  void write(core::Perfetto& out, const std::string& name, const core::Clock& clock, dram::Tick end) const;

 private:
  friend class TimelineDrawing;
  struct Step {  // a command, or a change of a queue (command.id == dram::no_command)
    dram::Command command;
    std::uint64_t access = 0;
    int change = 0;  // +1: accepted, -1: finished
    bool write = false;
  };
  struct Waiting {
    std::int32_t bank;
    bool write;
  };
  bool before(dram::Tick tick) const { return tick < from_; }
  std::size_t bus_of(int bank) const;
  void change_queue(std::int32_t bank, bool write, int change, dram::Tick now);

  const dram::Standard& standard_;
  dram::Tick from_, to_;
  bool picoseconds_;
  dram::Tick now_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;
  std::vector<std::int32_t> open_rows_;  // at `from`; -1: closed
  std::vector<std::int64_t> depths_;     // at `from`, by bus: reads, writes
  std::vector<Step> steps_;
};

}  // namespace wordline::memory
