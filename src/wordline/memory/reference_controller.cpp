// The reference controller: looks through everything at every tick, with its own plain code for every policy. Written
// to be obviously right, however slow; it shares nothing with the fast one but the interface.
// Longer than 400 lines: all policies stand side by side, so that one can read a tick from its beginning to its end.
#include <algorithm>
#include <list>
#include <optional>

#include "wordline/core/error.h"
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

// One data bus: its accesses by age (a parked write joins when it is let go), and how it works in this tick.
struct Side {
  std::list<Entry> queues[2];  // reads, writes
  std::list<Entry> parked;     // writes
  bool writing = false;
  const Entry* starving = nullptr;   // the oldest access of the direction, where it is beyond the age cap
  std::int32_t turn[3] = {0, 0, 0};  // of bank-round-robin: ACT, PRE, columns
  std::list<Entry>& active() { return queues[writing]; }
};

// What one refresh command reaches.
struct Refreshed {
  std::vector<int> banks;
  Tick due = 0;
  bool wanted = false;
};

// What a bank remembers for the page policies.
struct Page {
  Tick used_at = 0;
  Tick timeout = 0;
  enum class Closed { by_refresh, by_access, by_policy } closed = Closed::by_refresh;
  std::int32_t row = 0;  // that the policy closed last
};

class ReferenceController final : public Controller {
 public:
  ReferenceController(const dram::Standard& standard, const Settings& settings, int bursts)
      : standard_(standard), settings_(settings), bursts_(bursts), device_(standard) {
    settings.check();
    const auto& geometry = standard.geometry;
    sides_.resize(static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]));
    pages_.resize(static_cast<std::size_t>(geometry.banks()));
    for (Page& page : pages_) page.timeout = page_timeout();
    if (settings.refresh != "none") set_up_refresh();
  }

  int lanes() const override { return static_cast<int>(sides_.size()); }
  int lane_of(std::int32_t bank) const override { return standard_.geometry.node(standard_.data_bus_level, bank); }
  bool has_room(int lane, bool write) const override {
    return size_of(sides_[static_cast<std::size_t>(lane)], write) <
           (write ? settings_.write_queue : settings_.read_queue);
  }

  void accept(const Access& access, Tick now) override {
    const std::uint64_t number = next_number_++;
    ++(access.write ? counters_.accepted_writes : counters_.accepted_reads);
    if (observer_) observer_->accepted(access, number, now);
    Side& side = side_of(access.bank);
    Entry entry{.access = access, .arrival = now, .number = number, .bursts_left = bursts_};
    if (!access.write && is_queued_write(side, access)) return forward(entry, now);
    if (access.write) {
      // A write must not overtake an older one to the same place.
      for (const auto* queue : {&side.queues[1], &side.parked})
        for (const Entry& other : *queue)
          if (same_place(other.access, access))
            entry.access.priority = std::min(entry.access.priority, other.access.priority);
      if (is_queued_read(side, access)) {
        side.parked.push_back(entry);
        return;
      }
    }
    side.queues[access.write].push_back(entry);
  }

  void advance(Tick until) override {
    while (now_ < until) process(now_++);
  }
  Tick advance_until_room(std::uint64_t lanes_waiting, Tick until) override {
    freed_ = 0;
    while (now_ < until) {
      process(now_++);
      if (freed_ & lanes_waiting) return now_ - 1;
    }
    return until;
  }
  Tick drain() override {
    while (std::any_of(sides_.begin(), sides_.end(),
                       [](const Side& side) { return size_of(side, false) + size_of(side, true) > 0; }))
      process(now_++);
    return last_issue_;
  }
  dram::Activity activity(Tick end) const override { return device_.activity(end); }

 private:
  // ---- what is where

  Side& side_of(std::int32_t bank) { return sides_[static_cast<std::size_t>(lane_of(bank))]; }
  Page& page_of(std::int32_t bank) { return pages_[static_cast<std::size_t>(bank)]; }
  Tick page_timeout() const { return Tick{settings_.page_timeout_clocks} * standard_.ticks_per_clock; }
  static int size_of(const Side& side, bool write) {
    return static_cast<int>(side.queues[write].size() + (write ? side.parked.size() : 0));
  }
  static bool same_place(const Access& a, const Access& b) {
    return a.bank == b.bank && a.row == b.row && a.column == b.column;
  }
  static bool is_queued_write(const Side& side, const Access& access) {
    const auto same = [&](const Entry& entry) { return same_place(entry.access, access); };
    return std::any_of(side.queues[1].begin(), side.queues[1].end(), same) ||
           std::any_of(side.parked.begin(), side.parked.end(), same);
  }
  static bool is_queued_read(const Side& side, const Access& access) {
    return std::any_of(side.queues[0].begin(), side.queues[0].end(),
                       [&](const Entry& entry) { return same_place(entry.access, access); });
  }
  bool is_open(std::int32_t bank) const { return device_.open_row(bank) != dram::Device::closed; }
  bool is_hit(const Entry& entry) const { return device_.open_row(entry.access.bank) == entry.access.row; }
  bool blocked(std::int32_t bank) const {
    return std::any_of(refreshed_.begin(), refreshed_.end(), [&](const Refreshed& unit) {
      return unit.wanted && std::find(unit.banks.begin(), unit.banks.end(), bank) != unit.banks.end();
    });
  }

  // ---- refresh

  void set_up_refresh() {
    const CommandId command = settings_.refresh == "all-bank" ? standard_.usual.ref_all : standard_.usual.ref_bank;
    refresh_ = command;
    for (const auto& spec : standard_.refreshes) {
      if (spec.command != command) continue;
      interval_ = spec.credit;
      postponed_ = settings_.postponed_refreshes * interval_;
      pulled_in_ = std::min<Tick>(settings_.pulled_in_refreshes, spec.earliest / spec.credit - 1) * interval_;
    }
    for (int bank = 0; bank < standard_.geometry.banks(); ++bank) {
      const auto banks = standard_.reached(command, bank);
      if (banks.front() == bank) refreshed_.push_back({banks});
    }
    std::vector<std::size_t> order(refreshed_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (settings_.refresh == "per-bank") {  // bank number slowest, then bank group, ..., data bus fastest
      const auto& geometry = standard_.geometry;
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        for (int level = geometry.bank_level(); level > 0; --level) {
          const int x = geometry.field(level, refreshed_[a].banks.front());
          const int y = geometry.field(level, refreshed_[b].banks.front());
          if (x != y) return x < y;
        }
        return false;
      });
    }
    const auto count = static_cast<Tick>(order.size());
    for (Tick i = 0; i < count; ++i) {
      Tick& due = refreshed_[order[static_cast<std::size_t>(i)]].due;
      due = interval_ * (2 * i + 1) / (2 * count);
      due += static_cast<Tick>(settings_.refresh_phase * static_cast<double>(interval_));
      if (due > interval_) due -= interval_;
    }
  }

  int queued_at(const Refreshed& unit, bool write) {
    Side& side = side_of(unit.banks.front());
    const auto there = [&](const Entry& entry) {
      return std::find(unit.banks.begin(), unit.banks.end(), entry.access.bank) != unit.banks.end();
    };
    auto count = std::count_if(side.queues[write].begin(), side.queues[write].end(), there);
    if (write) count += std::count_if(side.parked.begin(), side.parked.end(), there);
    return static_cast<int>(count);
  }

  bool is_wanted(const Refreshed& unit, Tick now) {
    Side& side = side_of(unit.banks.front());
    if (now >= unit.due + postponed_) return true;
    if (now >= unit.due && queued_at(unit, false) == 0 && queued_at(unit, true) == 0) return true;
    return pulled_in_ > 0 && now >= unit.due - pulled_in_ && size_of(side, side.writing) > 0 &&
           queued_at(unit, side.writing) == 0;
  }

  // Issues what each wanted refresh needs next, where that may issue now.
  void refresh(Tick now, bool due) {
    for (Refreshed& unit : refreshed_) {
      if (!unit.wanted || (now >= unit.due) != due) continue;
      const bool any_open = std::any_of(unit.banks.begin(), unit.banks.end(), [&](int bank) { return is_open(bank); });
      if (!any_open) {
        if (!may_issue(refresh_, unit.banks.front(), now)) continue;
        issue(refresh_, unit.banks.front(), 0, 0, Observer::no_access, now);
        unit.wanted = false;
        unit.due += interval_;
      } else if (settings_.refresh == "all-bank") {
        if (!may_issue(standard_.usual.pre_all, unit.banks.front(), now)) continue;
        for (const int bank : unit.banks)
          if (is_open(bank)) page_of(bank).closed = Page::Closed::by_refresh;
        issue(standard_.usual.pre_all, unit.banks.front(), 0, 0, Observer::no_access, now);
      } else {
        for (const int bank : unit.banks)
          if (is_open(bank) && may_issue(standard_.usual.pre, bank, now)) {
            issue(standard_.usual.pre, bank, 0, 0, Observer::no_access, now);
            page_of(bank).closed = Page::Closed::by_refresh;
            break;
          }
      }
    }
  }

  // ---- a tick

  void process(Tick now) {
    for (Side& side : sides_) {
      side.writing = writes_next(side);
      const Tick cap = Tick{settings_.age_cap_clocks} * standard_.ticks_per_clock;
      const auto& queue = side.active();
      side.starving = !queue.empty() && now - queue.front().arrival >= cap ? &queue.front() : nullptr;
    }
    for (Refreshed& unit : refreshed_)
      if (!unit.wanted) unit.wanted = is_wanted(unit, now);
    refresh(now, true);
    while (open_or_close(now)) {
    }
    if (settings_.page == "timeout" || settings_.page == "adaptive") close_idle(now);
    refresh(now, false);
    while (transfer(now)) {
    }
  }

  bool writes_next(const Side& side) const {
    const int reads = size_of(side, false), writes = size_of(side, true);
    if (side.queues[1].empty()) return false;  // all that there are wait for reads
    if (reads == 0) return true;
    if (side.writing) return writes > settings_.write_low;
    return writes >= settings_.write_high && writes > settings_.write_low;
  }

  bool may_issue(CommandId id, std::int32_t bank, Tick now) const {
    const CommandId first = standard_.usual.act_first;
    const Command command{.tick = now, .bank = bank, .row = 0, .column = 0, .id = id};
    if (id == standard_.usual.act && first != dram::no_command) {  // in two parts, as close as may be
      const Command second{.tick = now + standard_.act_spacing, .bank = bank, .row = 0, .column = 0, .id = id};
      return device_.may_issue({.tick = now, .bank = bank, .row = 0, .column = 0, .id = first}) &&
             device_.earliest(second) == second.tick;
    }
    // Whether the data clock runs is looked at later.
    if (standard_.sync_level >= 0 && is_column(id)) return device_.earliest(command) == now;
    return device_.may_issue(command);
  }
  bool is_column(CommandId id) const {
    const auto effect = standard_.spec(id).effect;
    return effect == dram::Effect::read || effect == dram::Effect::write;
  }

  void issue(CommandId id, std::int32_t bank, std::int32_t row, std::int32_t column, std::uint64_t number, Tick now) {
    const CommandId first = standard_.usual.act_first;
    if (id == standard_.usual.act && first != dram::no_command) {
      send({.tick = now, .bank = bank, .row = row, .column = 0, .id = first}, number);
      now += standard_.act_spacing;
    }
    send({.tick = now, .bank = bank, .row = row, .column = column, .id = id}, number);
  }
  void send(const Command& command, std::uint64_t number) {
    device_.issue(command);
    if (observer_) observer_->issued(command, number);
  }

  // Where the data clock of the bank's rank stands still, a CAS has to come before the column command.
  bool clock_runs(std::int32_t bank, CommandId id, Tick now) const {
    if (standard_.sync_level < 0) return true;
    return device_.state_error({.tick = now, .bank = bank, .row = 0, .column = 0, .id = id}).empty();
  }

  // ---- the scheduler

  enum class Sort { activation, precharge, column };

  // Whether the bank's open row is given up for a starving access that needs another one.
  bool gives_up_row(const Side& side, std::int32_t bank) const {
    return side.starving && side.starving->access.bank == bank && is_open(bank) && !is_hit(*side.starving);
  }

  // Of two accesses to one bank: higher priority first, then age.
  static bool before(const Entry& a, const Entry& b) {
    if (a.access.priority != b.access.priority) return a.access.priority > b.access.priority;
    return a.number < b.number;
  }

  // The access that speaks for a bank for one sort of command, or null.
  Entry* speaker(Side& side, std::int32_t bank, Sort sort) {
    if (settings_.scheduler == "fcfs") {
      Entry& oldest = side.active().front();
      return oldest.access.bank == bank && sort_of(oldest) == sort ? &oldest : nullptr;
    }
    Entry* first = nullptr;
    Entry* first_hit = nullptr;
    for (Entry& entry : side.active()) {
      if (entry.access.bank != bank) continue;
      if (!first || before(entry, *first)) first = &entry;
      if (is_hit(entry) && (!first_hit || before(entry, *first_hit))) first_hit = &entry;
    }
    if (!first) return nullptr;
    Sort wanted = !is_open(bank) ? Sort::activation : first_hit ? Sort::column : Sort::precharge;
    if (gives_up_row(side, bank)) wanted = Sort::precharge;
    if (wanted != sort) return nullptr;
    if (side.starving && side.starving->access.bank == bank) return &side.active().front();
    return sort == Sort::column ? first_hit : first;
  }
  Sort sort_of(const Entry& entry) const {
    return !is_open(entry.access.bank) ? Sort::activation : is_hit(entry) ? Sort::column : Sort::precharge;
  }

  CommandId command_for(const Side& side, Sort sort) const {
    const auto& usual = standard_.usual;
    return sort == Sort::activation  ? usual.act
           : sort == Sort::precharge ? usual.pre
           : side.writing            ? usual.wr
                                     : usual.rd;
  }

  // The access for which a side would issue a command of that sort now, or null.
  Entry* choose(Side& side, Sort sort, Tick now) {
    if (side.active().empty()) return nullptr;
    Entry* best = nullptr;
    const int banks = standard_.geometry.banks_below[static_cast<std::size_t>(standard_.data_bus_level)];
    const int first = static_cast<int>(&side - sides_.data()) * banks;
    const auto distance = [&](const Entry& entry) {
      return (entry.access.bank - std::max(side.turn[static_cast<int>(sort)], first) + banks) % banks;
    };
    for (int bank = first; bank < first + banks; ++bank) {
      Entry* const entry = speaker(side, bank, sort);
      if (!entry || blocked(bank) || !may_issue(command_for(side, sort), bank, now)) continue;
      const bool better = !best || (settings_.scheduler == "bank-round-robin" ? distance(*entry) < distance(*best)
                                                                              : before(*entry, *best));
      if (better) best = entry;
    }
    return best;
  }

  // Issues one row command for an access; between data buses and sorts the older access goes first.
  bool open_or_close(Tick now) {
    Side* best_side = nullptr;
    Entry* best = nullptr;
    Sort best_sort = Sort::activation;
    for (Side& side : sides_)
      for (const Sort sort : {Sort::activation, Sort::precharge}) {
        Entry* const entry = choose(side, sort, now);
        if (!entry || (best && before(*best, *entry))) continue;
        best_side = &side;
        best = entry;
        best_sort = sort;
      }
    if (!best) return false;
    const std::int32_t bank = best->access.bank;
    best_side->turn[static_cast<int>(best_sort)] = bank + 1;
    last_issue_ = now;
    if (best_sort == Sort::precharge) {
      issue(standard_.usual.pre, bank, 0, 0, best->number, now);
      page_of(bank).closed = Page::Closed::by_access;
      return true;
    }
    learn(bank, best->access.row);
    best->opened = true;
    page_of(bank).used_at = now;
    issue(standard_.usual.act, bank, best->access.row, 0, best->number, now);
    return true;
  }

  bool transfer(Tick now) {
    Side* best_side = nullptr;
    Entry* best = nullptr;
    for (Side& side : sides_) {
      Entry* const entry = choose(side, Sort::column, now);
      if (!entry || (best && before(*best, *entry))) continue;
      best_side = &side;
      best = entry;
    }
    if (!best) return false;
    const std::int32_t bank = best->access.bank;
    if (!clock_runs(bank, command_for(*best_side, Sort::column), now)) {
      const CommandId cas = best_side->writing ? standard_.usual.cas_wr : standard_.usual.cas_rd;
      if (may_issue(cas, bank, now)) issue(cas, bank, 0, 0, best->number, now);
      return false;
    }
    const bool last = best->bursts_left == 1, write = best_side->writing;
    const bool closes = last && settings_.page == "closed" && hits_of(*best_side, bank) == 1;
    const auto& usual = standard_.usual;
    const CommandId id = write ? (closes ? usual.wra : usual.wr) : (closes ? usual.rda : usual.rd);
    best_side->turn[2] = bank + 1;
    issue(id, bank, 0, best->access.column + bursts_ - best->bursts_left, best->number, now);
    page_of(bank).used_at = last_issue_ = now;
    if (--best->bursts_left == 0)
      finish(*best_side, *best, now + standard_.spec(id).latency + standard_.spec(id).burst);
    return true;
  }

  // ---- pages

  // Queued accesses, reads and writes, that hit the bank's open row.
  int hits_of(const Side& side, std::int32_t bank) const {
    int hits = 0;
    for (const auto& queue : side.queues)
      for (const Entry& entry : queue) hits += entry.access.bank == bank && is_hit(entry);
    return hits;
  }

  // The adaptive policy: doubles a bank's timeout where the row it closed is needed again, halves it where an access
  // had to close one.
  void learn(std::int32_t bank, std::int32_t row) {
    if (settings_.page != "adaptive") return;
    Page& page = page_of(bank);
    if (page.closed == Page::Closed::by_policy && page.row == row)
      page.timeout = std::min(page.timeout * 2, page_timeout() * 16);
    else if (page.closed == Page::Closed::by_access)
      page.timeout = std::max(page.timeout / 2, std::max<Tick>(page_timeout() / 16, 1));
  }

  // On each data bus closes the first row that no access waits for and that was not used for long enough.
  void close_idle(Tick now) {
    const int banks = standard_.geometry.banks_below[static_cast<std::size_t>(standard_.data_bus_level)];
    for (int lane = 0; lane < lanes(); ++lane)
      for (int bank = lane * banks; bank < (lane + 1) * banks; ++bank) {
        Page& page = page_of(bank);
        if (!is_open(bank) || blocked(bank) || hits_of(side_of(bank), bank) > 0) continue;
        if (now - page.used_at < page.timeout || !may_issue(standard_.usual.pre, bank, now)) continue;
        page.closed = Page::Closed::by_policy;
        page.row = device_.open_row(bank);
        issue(standard_.usual.pre, bank, 0, 0, Observer::no_access, now);
        break;
      }
  }

  // ---- the end of an access

  void complete(const Entry& entry, Tick beat) {
    const bool write = entry.access.write;
    ++(write ? counters_.writes : counters_.reads);
    if (!write) counters_.read_latency.add(static_cast<std::uint64_t>(beat - entry.arrival));
    counters_.last_beat = std::max(counters_.last_beat, beat);
    if (completions_)
      completions_->push_back(
          {.token = entry.access.token, .accepted = entry.arrival, .finished = beat, .write = write});
    if (observer_) observer_->finished(entry.number, beat);
  }

  // A queued write has the data that a read wants: it is there a clock later.
  void forward(const Entry& entry, Tick now) {
    ++counters_.forwarded_reads;
    complete(entry, now + standard_.ticks_per_clock);
  }

  void finish(Side& side, const Entry& done, Tick beat) {
    ++(done.opened ? counters_.row_misses : counters_.row_hits);
    complete(done, beat);
    freed_ |= std::uint64_t{1} << ((&side - sides_.data()) * 2 + side.writing);
    if (side.starving == &done) side.starving = nullptr;
    auto& queue = side.active();
    queue.erase(std::find_if(queue.begin(), queue.end(), [&](const Entry& entry) { return &entry == &done; }));
    for (auto entry = side.parked.begin(); entry != side.parked.end();) {
      const auto next = std::next(entry);
      if (!is_queued_read(side, entry->access)) side.queues[1].splice(side.queues[1].end(), side.parked, entry);
      entry = next;
    }
  }

  const dram::Standard& standard_;
  Settings settings_;
  int bursts_;
  dram::Device device_;
  std::vector<Side> sides_;
  std::vector<Page> pages_;
  std::vector<Refreshed> refreshed_;
  CommandId refresh_ = dram::no_command;
  Tick interval_ = 0, postponed_ = 0, pulled_in_ = 0;
  Tick now_ = 0, last_issue_ = 0;
  std::uint64_t next_number_ = 0, freed_ = 0;
};

}  // namespace

std::unique_ptr<Controller> make_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                      int bursts) {
  return std::make_unique<ReferenceController>(standard, settings, bursts);
}

}  // namespace wordline::memory
