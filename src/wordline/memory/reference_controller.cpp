// The reference controller: looks through everything at every tick, with its own plain code for every policy. Written
// to be obviously right, however slow; it shares nothing with the fast one but the interface.
//
// A tick is left out only where it would repeat the one before. What process() does follows from the state and from the
// answers of has_come(), which keeps the earliest tick that it said has not come. After a tick that changed nothing,
// the ticks up to that one find the same state and the same answers, so they change nothing either. Whoever changes
// something, or finds something that holds for now only, asks for the next tick by look_at(now + 1).
//
// Longer than 400 lines: all policies stand side by side, so that one can read a tick from its beginning to its end.
#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/dram/device.h"
#include "wordline/memory/controller.h"

namespace wordline::memory {

namespace {

using dram::Command;
using dram::CommandId;

enum class Sort { activation, precharge, column };

struct Entry {
  Access access;
  Tick arrival;
  std::uint64_t number;  // rising with arrival
  int bursts_left;
  bool opened = false;
};

// The access that speaks for a bank, and what it wants there.
struct Speaker {
  Entry* entry;
  Sort sort;
};

// One data bus: its accesses by age (a parked write joins when it is let go), and how it works in this tick.
struct Side {
  std::vector<Entry> queues[2];  // reads, writes
  std::vector<Entry> parked;     // writes
  bool writing = false;
  const Entry* starving = nullptr;   // the oldest access of the direction, where it is beyond the age cap
  std::int32_t turn[3] = {0, 0, 0};  // of bank-round-robin: ACT, PRE, columns
  std::vector<Speaker> speakers;     // of each bank that accesses of the direction wait for
  bool speakers_known = false;
  std::vector<Entry>& active() { return queues[writing]; }
};

// What one refresh command reaches.
struct Refreshed {
  std::vector<int> banks;
  Tick due = 0;
  bool wanted = false;
  int queued[2] = {0, 0};  // reads, writes for those banks
};

// Of the accesses to one bank: which goes first, and which of those to its open row.
struct Wishes {
  Entry* first = nullptr;
  Entry* first_hit = nullptr;
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
  ReferenceController(const dram::Standard& standard, const Settings& settings, int bursts, bool every_tick)
      : standard_(standard), settings_(settings), bursts_(bursts), every_tick_(every_tick), device_(standard) {
    settings.check();
    const auto& geometry = standard.geometry;
    not_before_.assign(standard.commands.size() * static_cast<std::size_t>(geometry.banks()), 0);
    wishes_.resize(static_cast<std::size_t>(geometry.banks()));
    sides_.resize(static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]));
    for (Side& side : sides_) {  // so that entries stay where they are while others come
      side.queues[0].reserve(static_cast<std::size_t>(settings.read_queue));
      side.queues[1].reserve(static_cast<std::size_t>(settings.write_queue));
    }
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
    look_at(now_);
    ++(access.write ? counters_.accepted_writes : counters_.accepted_reads);
    if (observer_) observer_->accepted(access, number, now);
    Side& side = side_of(access.bank);
    Entry entry{.access = access, .arrival = now, .number = number, .bursts_left = bursts_};
    if (!access.write && is_queued_write(side, access)) return forward(entry, now);
    if (!refreshed_.empty()) ++refreshed_of(access.bank).queued[access.write];
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
    side.speakers_known = false;
  }

  void advance(Tick until) override {
    while (now_ < until) step(until);
  }
  Tick advance_until_room(std::uint64_t lanes_waiting, Tick until) override {
    freed_ = 0;
    while (now_ < until) {
      step(until);
      if (freed_ & lanes_waiting) return now_ - 1;
    }
    return until;
  }
  Tick drain() override {
    while (std::any_of(sides_.begin(), sides_.end(),
                       [](const Side& side) { return size_of(side, false) + size_of(side, true) > 0; }))
      step(never);
    return last_issue_;
  }
  dram::Activity activity(Tick end) const override { return device_.activity(end); }

 private:
  // ---- time

  // Ticks before next_look_ would repeat the last one.
  void step(Tick until) {
    if (!every_tick_) now_ = std::max(now_, std::min(next_look_, until));
    if (now_ < until) process(now_++);
  }
  void look_at(Tick tick) { next_look_ = std::min(next_look_, tick); }
  bool has_come(Tick tick, Tick now) {
    if (now < tick) look_at(tick);
    return now >= tick;
  }

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
  Refreshed& refreshed_of(std::int32_t bank) { return refreshed_[unit_of_[static_cast<std::size_t>(bank)]]; }
  bool blocked(std::int32_t bank) { return !refreshed_.empty() && refreshed_of(bank).wanted; }

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
    unit_of_.resize(static_cast<std::size_t>(standard_.geometry.banks()));
    for (std::size_t unit = 0; unit < refreshed_.size(); ++unit)
      for (const int bank : refreshed_[unit].banks) unit_of_[static_cast<std::size_t>(bank)] = unit;
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

  bool is_wanted(const Refreshed& unit, Tick now) {
    if (has_come(unit.due + postponed_, now)) return true;
    if (has_come(unit.due, now) && unit.queued[0] == 0 && unit.queued[1] == 0) return true;
    const Side& side = side_of(unit.banks.front());
    return pulled_in_ > 0 && has_come(unit.due - pulled_in_, now) && size_of(side, side.writing) > 0 &&
           unit.queued[side.writing] == 0;
  }

  // Issues what each wanted refresh needs next, where that may issue now.
  void refresh(Tick now, bool due) {
    for (Refreshed& unit : refreshed_) {
      if (!unit.wanted || has_come(unit.due, now) != due) continue;
      const bool any_open = std::any_of(unit.banks.begin(), unit.banks.end(), [&](int bank) { return is_open(bank); });
      if (!any_open) {
        if (!may_issue(refresh_, unit.banks.front(), now)) continue;
        issue(refresh_, unit.banks.front(), 0, 0, Observer::no_access, now);
        unit.wanted = false;
        unit.due += interval_;
      } else if (all_bank_) {
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
    next_look_ = never;
    for (Side& side : sides_) set_direction(side, now);
    for (Refreshed& unit : refreshed_)
      if (!unit.wanted && is_wanted(unit, now)) {
        unit.wanted = true;
        look_at(now + 1);
      }
    refresh(now, true);
    while (open_or_close(now)) {
    }
    if (closes_idle_) close_idle(now);
    refresh(now, false);
    while (transfer(now)) {
    }
  }

  void set_direction(Side& side, Tick now) {
    const bool writing = writes_next(side);
    const auto& queue = side.queues[writing];
    const bool starves = !queue.empty() && has_come(queue.front().arrival + age_cap_, now);
    const Entry* const starving = starves ? &queue.front() : nullptr;
    if (writing == side.writing && starving == side.starving) return;
    side.writing = writing;
    side.starving = starving;
    side.speakers_known = false;
    look_at(now + 1);
  }

  bool writes_next(const Side& side) const {
    const int reads = size_of(side, false), writes = size_of(side, true);
    if (side.queues[1].empty()) return false;  // all that there are wait for reads
    if (reads == 0) return true;
    if (side.writing) return writes > settings_.write_low;
    return writes >= settings_.write_high && writes > settings_.write_low;
  }

  // No command makes another one legal earlier: what was found to be too early before some tick stays so.
  bool may_issue(CommandId id, std::int32_t bank, Tick now) {
    Tick& not_before = not_before_[static_cast<std::size_t>(bank) * standard_.commands.size() + id];
    if (!every_tick_ && !has_come(not_before, now)) return false;
    if (!state_allows(id, bank, now)) return false;  // until some command changes that
    not_before = earliest(id, bank, now);
    if (!has_come(not_before, now)) return false;
    look_at(now + 1);  // where it need not be aligned any more
    return true;
  }
  bool state_allows(CommandId id, std::int32_t bank, Tick now) const {
    if (standard_.sync_level >= 0 && is_column(id)) return true;  // whether the data clock runs is looked at later
    const CommandId first = standard_.usual.act_first;
    const bool in_two_parts = id == standard_.usual.act && first != dram::no_command;
    return device_.state_allows({.tick = now, .bank = bank, .row = 0, .column = 0, .id = in_two_parts ? first : id});
  }
  Tick earliest(CommandId id, std::int32_t bank, Tick now) const {
    const CommandId first = standard_.usual.act_first;
    const bool in_two_parts = id == standard_.usual.act && first != dram::no_command;  // as close as may be
    const auto from = [&](CommandId part, Tick tick) {
      return device_.earliest({.tick = tick, .bank = bank, .row = 0, .column = 0, .id = part});
    };
    if (!in_two_parts) return from(id, now);
    return std::max(from(first, now), from(id, now + standard_.act_spacing) - standard_.act_spacing);
  }
  bool is_column(CommandId id) const {
    const auto effect = standard_.spec(id).effect;
    return effect == dram::Effect::read || effect == dram::Effect::write;
  }

  void issue(CommandId id, std::int32_t bank, std::int32_t row, std::int32_t column, std::uint64_t number, Tick now) {
    look_at(now + 1);
    const CommandId first = standard_.usual.act_first;
    if (id == standard_.usual.act && first != dram::no_command) {
      send({.tick = now, .bank = bank, .row = row, .column = 0, .id = first}, number);
      now += standard_.act_spacing;
    }
    send({.tick = now, .bank = bank, .row = row, .column = column, .id = id}, number);
  }
  void send(const Command& command, std::uint64_t number) {
    device_.issue(command);
    const dram::BankSpan span = standard_.span(command.id, command.bank);
    for (int bank = span.first; bank <= span.last; bank += span.stride) side_of(bank).speakers_known = false;
    if (observer_) observer_->issued(command, number);
  }

  // Where the data clock of the bank's rank stands still, a CAS has to come before the column command.
  bool clock_runs(std::int32_t bank, CommandId id, Tick now) const {
    if (standard_.sync_level < 0) return true;
    return device_.state_error({.tick = now, .bank = bank, .row = 0, .column = 0, .id = id}).empty();
  }

  // ---- the scheduler

  // Whether the bank's open row is given up for a starving access that needs another one.
  bool gives_up_row(const Side& side, std::int32_t bank) const {
    return side.starving && side.starving->access.bank == bank && is_open(bank) && !is_hit(*side.starving);
  }

  // Of two accesses to one bank: higher priority first, then age.
  static bool before(const Entry& a, const Entry& b) {
    if (a.access.priority != b.access.priority) return a.access.priority > b.access.priority;
    return a.number < b.number;
  }

  // For each bank that accesses of the direction wait for, the one that speaks for it. Stays as it is until an access
  // comes or goes, a row opens or closes, or the direction or the starving access changes.
  const std::vector<Speaker>& speakers(Side& side) {
    if (side.speakers_known && !every_tick_) return side.speakers;
    side.speakers_known = true;
    side.speakers.clear();
    auto& queue = side.active();
    if (fcfs_) {
      if (!queue.empty()) side.speakers.push_back({&queue.front(), sort_of(queue.front())});
      return side.speakers;
    }
    for (Entry& entry : queue) {
      Wishes& wishes = wishes_[static_cast<std::size_t>(entry.access.bank)];
      if (!wishes.first || before(entry, *wishes.first)) wishes.first = &entry;
      if (is_hit(entry) && (!wishes.first_hit || before(entry, *wishes.first_hit))) wishes.first_hit = &entry;
    }
    for (Entry& entry : queue) {
      Wishes& wishes = wishes_[static_cast<std::size_t>(entry.access.bank)];
      if (wishes.first) side.speakers.push_back(speaker(side, entry.access.bank, wishes));
      wishes = {};
    }
    return side.speakers;
  }
  Speaker speaker(Side& side, std::int32_t bank, const Wishes& wishes) {
    Sort sort = !is_open(bank) ? Sort::activation : wishes.first_hit ? Sort::column : Sort::precharge;
    if (gives_up_row(side, bank)) sort = Sort::precharge;
    if (side.starving && side.starving->access.bank == bank) return {&side.active().front(), sort};
    return {sort == Sort::column ? wishes.first_hit : wishes.first, sort};
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
    Entry* best = nullptr;
    const int banks = standard_.geometry.banks_below[static_cast<std::size_t>(standard_.data_bus_level)];
    const int first = static_cast<int>(&side - sides_.data()) * banks;
    const auto distance = [&](const Entry& entry) {
      return (entry.access.bank - std::max(side.turn[static_cast<int>(sort)], first) + banks) % banks;
    };
    for (const Speaker& speaker : speakers(side)) {
      const std::int32_t bank = speaker.entry->access.bank;
      if (speaker.sort != sort || blocked(bank) || !may_issue(command_for(side, sort), bank, now)) continue;
      const bool better =
          !best || (takes_turns_ ? distance(*speaker.entry) < distance(*best) : before(*speaker.entry, *best));
      if (better) best = speaker.entry;
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
    const bool closes = last && closes_at_once_ && hits_of(*best_side, bank) == 1;
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
    if (!adapts_) return;
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
        if (!is_open(bank) || blocked(bank) || !has_come(page.used_at + page.timeout, now)) continue;
        if (hits_of(side_of(bank), bank) > 0 || !may_issue(standard_.usual.pre, bank, now)) continue;
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
    side.speakers_known = false;
    freed_ |= std::uint64_t{1} << ((&side - sides_.data()) * 2 + side.writing);
    if (!refreshed_.empty()) --refreshed_of(done.access.bank).queued[side.writing];
    if (side.starving == &done) side.starving = nullptr;
    auto& queue = side.active();
    queue.erase(queue.begin() + (&done - queue.data()));
    for (auto entry = side.parked.begin(); entry != side.parked.end();) {
      if (is_queued_read(side, entry->access)) {
        ++entry;
        continue;
      }
      side.queues[1].push_back(*entry);
      entry = side.parked.erase(entry);
    }
  }

  const dram::Standard& standard_;
  const Settings settings_;
  const int bursts_;
  const bool every_tick_;  // leaves none out, and takes nothing for granted from earlier ones
  const bool fcfs_ = settings_.scheduler == "fcfs";
  const bool takes_turns_ = settings_.scheduler == "bank-round-robin";
  const bool closes_at_once_ = settings_.page == "closed";
  const bool adapts_ = settings_.page == "adaptive";
  const bool closes_idle_ = adapts_ || settings_.page == "timeout";
  const bool all_bank_ = settings_.refresh == "all-bank";
  const Tick age_cap_ = Tick{settings_.age_cap_clocks} * standard_.ticks_per_clock;
  dram::Device device_;
  std::vector<Side> sides_;
  std::vector<Page> pages_;
  std::vector<Refreshed> refreshed_;
  std::vector<std::size_t> unit_of_;  // by bank: which of refreshed_ reaches it
  std::vector<Tick> not_before_;      // [bank][command]: it may not issue before, as far as is known
  std::vector<Wishes> wishes_;        // by bank; all empty but within speakers()
  CommandId refresh_ = dram::no_command;
  Tick interval_ = 0, postponed_ = 0, pulled_in_ = 0;
  Tick now_ = 0, next_look_ = 0, last_issue_ = 0;
  std::uint64_t next_number_ = 0, freed_ = 0;
};

}  // namespace

std::unique_ptr<Controller> make_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                      int bursts) {
  return std::make_unique<ReferenceController>(standard, settings, bursts, false);
}

std::unique_ptr<Controller> make_plain_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                            int bursts) {
  return std::make_unique<ReferenceController>(standard, settings, bursts, true);
}

}  // namespace wordline::memory
