// The reference controller: looks through everything at every tick, with its own plain code for every policy. Written
// to be obviously right, however slow; it shares nothing with the fast one but the interface.
#include <algorithm>
#include <list>
#include <stdexcept>

#include "wordline/dram/device.h"
#include "wordline/memory/controller.h"

namespace wordline::memory {

namespace {

using dram::Command;
using dram::CommandId;

struct Entry {
  Access access;
  Tick arrival;
  std::uint64_t number;  // rising with arrival
  int bursts_left;
  bool opened = false;
};

// One data bus: its accesses by arrival, and which way it works.
struct Side {
  std::list<Entry> queues[2];  // reads, writes
  bool writing = false;
  std::list<Entry>& active() { return queues[writing]; }
};

// A rank (stack id) and its refreshes.
struct Refreshed {
  Tick due;
  bool wanted = false;
};

class ReferenceController final : public Controller {
 public:
  ReferenceController(const dram::Standard& standard, const Settings& settings, int bursts,
                      dram::CommandTrace* commands)
      : standard_(standard), settings_(settings), bursts_(bursts), commands_(commands), device_(standard) {
    const auto& geometry = standard.geometry;
    sides_.resize(static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]));
    const CommandId refresh = standard.usual.ref_all;
    if (refresh == dram::no_command) return;
    refresh_level_ = standard.spec(refresh).level;
    for (const auto& spec : standard.refreshes) {
      if (spec.command != refresh) continue;
      interval_ = spec.credit;
      pull_in_ = spec.earliest >= 2 * spec.credit;
    }
    const Tick ranks = geometry.nodes[static_cast<std::size_t>(refresh_level_)];
    for (Tick r = 0; r < ranks; ++r) refreshed_.push_back({interval_ * (2 * r + 1) / (2 * ranks)});
  }

  int lanes() const override { return static_cast<int>(sides_.size()); }
  int lane_of(std::int32_t bank) const override { return standard_.geometry.node(standard_.data_bus_level, bank); }
  bool has_room(int lane, bool write) const override {
    const int entries = write ? settings_.write_queue : settings_.read_queue;
    return static_cast<int>(sides_[static_cast<std::size_t>(lane)].queues[write].size()) < entries;
  }
  void accept(const Access& access, Tick now) override {
    side_of(access.bank).queues[access.write].push_back({access, now, next_number_++, bursts_});
    ++(access.write ? counters_.accepted_writes : counters_.accepted_reads);
  }
  Tick next_event(Tick now) const override { return now + 1; }
  int queued() const override {
    std::size_t sum = 0;
    for (const Side& side : sides_) sum += side.queues[0].size() + side.queues[1].size();
    return static_cast<int>(sum);
  }
  dram::Activity activity(Tick end) const override { return device_.activity(end); }

  void process(Tick now) override {
    for (Refreshed& rank : refreshed_)
      if (now >= rank.due) rank.wanted = true;
    for (Side& side : sides_) side.writing = writes_next(side);
    for (std::size_t r = 0; r < refreshed_.size(); ++r)
      if (may_come_early(r, now)) refreshed_[r].wanted = true;
    while (refresh(now, true)) {
    }
    while (open_or_close(now)) {
    }
    while (refresh(now, false)) {
    }
    while (transfer(now)) {
    }
  }

 private:
  Side& side_of(std::int32_t bank) { return sides_[static_cast<std::size_t>(lane_of(bank))]; }
  std::size_t rank_of(std::int32_t bank) const {
    return static_cast<std::size_t>(standard_.geometry.node(refresh_level_, bank));
  }
  bool refresh_wanted_at(std::int32_t bank) const { return !refreshed_.empty() && refreshed_[rank_of(bank)].wanted; }

  bool writes_next(const Side& side) const {
    const auto reads = side.queues[0].size(), writes = side.queues[1].size();
    if (!side.writing) return static_cast<int>(writes) >= settings_.write_high || (reads == 0 && writes > 0);
    if (writes == 0) return false;
    return static_cast<int>(writes) > settings_.write_low || reads == 0;
  }

  bool may_come_early(std::size_t rank, Tick now) {
    if (!pull_in_ || refreshed_[rank].wanted || now < refreshed_[rank].due - interval_) return false;
    const int below = standard_.geometry.banks_below[static_cast<std::size_t>(refresh_level_)];
    const auto& waiting = side_of(static_cast<std::int32_t>(rank) * below).active();
    return !waiting.empty() && std::none_of(waiting.begin(), waiting.end(),
                                            [&](const Entry& entry) { return rank_of(entry.access.bank) == rank; });
  }

  bool may_issue(CommandId id, std::int32_t bank, Tick now) const {
    return device_.may_issue({.tick = now, .bank = bank, .row = 0, .column = 0, .id = id});
  }

  void issue(CommandId id, std::int32_t bank, std::int32_t row, std::int32_t column, Tick now) {
    const Command command{.tick = now, .bank = bank, .row = row, .column = column, .id = id};
    device_.issue(command);
    if (commands_) commands_->push_back(command);
  }

  // The access of the queue that has waited longer than the age cap: only the oldest one counts.
  const Entry* starving(std::list<Entry>& queue, Tick now) const {
    if (queue.empty()) return nullptr;
    const Tick cap = Tick{settings_.age_cap_clocks} * standard_.ticks_per_clock;
    return now - queue.front().arrival >= cap ? &queue.front() : nullptr;
  }

  bool is_hit(const Entry& entry) const { return device_.open_row(entry.access.bank) == entry.access.row; }

  // Whether the bank's open row is given up for a starving access that needs another one.
  bool gives_up_row(std::list<Entry>& queue, std::int32_t bank, Tick now) const {
    const Entry* const starved = starving(queue, now);
    return starved && starved->access.bank == bank && !is_hit(*starved);
  }

  // One command of a refresh that is due, or of one that comes early: those let the accesses' row commands go first.
  bool refresh(Tick now, bool due) {
    const int below = refreshed_.empty() ? 1 : standard_.geometry.banks_below[static_cast<std::size_t>(refresh_level_)];
    for (std::size_t r = 0; r < refreshed_.size(); ++r) {
      if (!refreshed_[r].wanted || (now >= refreshed_[r].due) != due) continue;
      const int first = static_cast<int>(r) * below;
      bool open = false;
      for (int bank = first; bank < first + below; ++bank) open |= device_.open_row(bank) != dram::Device::closed;
      const CommandId id = open ? standard_.usual.pre_all : standard_.usual.ref_all;
      if (!may_issue(id, first, now)) continue;
      issue(id, first, 0, 0, now);
      if (!open) {
        refreshed_[r].wanted = false;
        refreshed_[r].due += interval_;
      }
      return true;
    }
    return false;
  }

  // The row command that this access asks for now, or no_command.
  CommandId row_command(std::list<Entry>& queue, const Entry& entry, Tick now) const {
    const std::int32_t bank = entry.access.bank;
    if (device_.open_row(bank) == dram::Device::closed) return standard_.usual.act;
    const bool hits_wait = std::any_of(queue.begin(), queue.end(),
                                       [&](const Entry& other) { return other.access.bank == bank && is_hit(other); });
    return !hits_wait || gives_up_row(queue, bank, now) ? standard_.usual.pre : dram::no_command;
  }

  // Issues the row command of the oldest access that has one to issue. Only the oldest access of a bank speaks for it.
  bool open_or_close(Tick now) {
    Entry* best = nullptr;
    CommandId best_id = dram::no_command;
    for (Side& side : sides_) {
      std::vector<bool> spoken_for(static_cast<std::size_t>(standard_.geometry.banks()));
      for (Entry& entry : side.active()) {
        const auto bank = static_cast<std::size_t>(entry.access.bank);
        if (spoken_for[bank]) continue;
        spoken_for[bank] = true;
        if (best && best->number < entry.number) break;
        if (refresh_wanted_at(entry.access.bank)) continue;
        const CommandId id = row_command(side.active(), entry, now);
        if (id == dram::no_command || !may_issue(id, entry.access.bank, now)) continue;
        best = &entry;
        best_id = id;
        break;
      }
    }
    if (!best) return false;
    const bool opens = best_id == standard_.usual.act;
    best->opened |= opens;
    issue(best_id, best->access.bank, opens ? best->access.row : 0, 0, now);
    return true;
  }

  // Issues the column command of the oldest access that has one to issue.
  bool transfer(Tick now) {
    Side* best_side = nullptr;
    std::list<Entry>::iterator best;
    for (Side& side : sides_) {
      const CommandId id = side.writing ? standard_.usual.wr : standard_.usual.rd;
      auto& queue = side.active();
      for (auto entry = queue.begin(); entry != queue.end(); ++entry) {
        if (best_side && best->number < entry->number) break;
        const std::int32_t bank = entry->access.bank;
        if (!is_hit(*entry) || refresh_wanted_at(bank) || gives_up_row(queue, bank, now)) continue;
        if (!may_issue(id, bank, now)) continue;
        best_side = &side;
        best = entry;
        break;
      }
    }
    if (!best_side) return false;
    const bool write = best_side->writing;
    const CommandId id = write ? standard_.usual.wr : standard_.usual.rd;
    issue(id, best->access.bank, 0, best->access.column + bursts_ - best->bursts_left, now);
    if (--best->bursts_left == 0) finish(*best_side, best, now + standard_.spec(id).latency + standard_.spec(id).burst);
    return true;
  }

  void finish(Side& side, std::list<Entry>::iterator entry, Tick beat) {
    ++(entry->opened ? counters_.row_misses : counters_.row_hits);
    ++(side.writing ? counters_.writes : counters_.reads);
    if (!side.writing) counters_.read_latency.add(static_cast<std::uint64_t>(beat - entry->arrival));
    counters_.last_beat = std::max(counters_.last_beat, beat);
    side.active().erase(entry);
  }

  const dram::Standard& standard_;
  Settings settings_;
  int bursts_;
  dram::CommandTrace* commands_;
  dram::Device device_;
  std::vector<Side> sides_;
  std::vector<Refreshed> refreshed_;
  int refresh_level_ = 0;
  Tick interval_ = 0;
  bool pull_in_ = false;
  std::uint64_t next_number_ = 0;
};

}  // namespace

std::unique_ptr<Controller> make_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                      int bursts, dram::CommandTrace* commands) {
  return std::make_unique<ReferenceController>(standard, settings, bursts, commands);
}

}  // namespace wordline::memory
