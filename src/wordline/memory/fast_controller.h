// The event-driven controller: flat arrays, no allocation per access, one event a command.
#pragma once

#include <vector>

#include "wordline/memory/controller.h"
#include "wordline/memory/policy/page/page.h"
#include "wordline/memory/policy/scheduler/scheduler.h"
#include "wordline/memory/queue.h"

namespace wordline::memory {

class FastController final : public Controller {
 public:
  // `wide`: whether to use 256-bit integers; what it does is the same.
  FastController(const dram::Standard& standard, const Settings& settings, int bursts, bool wide = has_wide_integers());
  // Whether this machine has them.
  static bool has_wide_integers();

  int lanes() const override { return static_cast<int>(state_.lanes.size()); }
  int lane_of(std::int32_t bank) const override { return state_.bank(bank).lane; }
  bool has_room(int lane, bool write) const override {
    return state_.lanes[static_cast<std::size_t>(lane)].queues[write].free != no_slot;
  }
  void accept(const Access& access, Tick now) override;
  void advance(Tick until) override;
  Tick advance_until_room(std::uint64_t lanes_waiting, Tick until) override;
  void feed(const Access* accesses, std::size_t count, FrontEdge& front) override;
  Tick drain() override;
  dram::Activity activity(Tick end) const override;
  // For tests of the policies.
  const ChannelState& state() const { return state_; }

 private:
  // Who has a bus at this tick.
  struct Turn {
    Lane* lane = nullptr;  // null: nobody
    Key key = no_key;      // of the access: between lanes and sorts the older one goes first
    std::int32_t bank() const { return lane->first_bank + static_cast<std::int32_t>(key & (most_banks - 1)); }
  };

  // How much is known beforehand: nothing; that nobody watches, and what is_usual() says; and that all ticks are whole
  // clocks.
  enum Way { any, usual, usual_whole };
  // Time. `lane_count`: so many lanes, or any number where it is 0.
  using Loop = Tick (*)(FastController& controller, std::uint64_t lanes_waiting, Tick until);
  Loop loop_now() const { return observer_ || completions_ ? watched_ : unwatched_; }
  Tick run(std::uint64_t lanes_waiting, Tick until) { return loop_now()(*this, lanes_waiting, until); }
  bool is_usual() const;
  // Whether accesses are in queues.
  bool waits() const {
    return counters_.accepted_reads + counters_.accepted_writes > counters_.reads + counters_.writes;
  }
  Loop loop_for(Way way, bool wide) const;
  template <int lane_count, Way way>
  static Loop loop_here(bool wide);
  template <int lane_count, Way way>
  [[gnu::always_inline]] inline Tick loop(std::uint64_t lanes_waiting, Tick until);
  template <int lane_count, Way way>
  static Tick plain_loop(FastController& controller, std::uint64_t lanes_waiting, Tick until);
  template <int lane_count, Way way>
  static Tick wide_loop(FastController& controller, std::uint64_t lanes_waiting, Tick until);
  template <int lane_count, Way way>
  [[gnu::always_inline]] inline void process(Tick now);
  template <bool write>
  [[gnu::always_inline]] inline void take(const Access& access, Lane& lane, Bank& bank, Tick now);

  // Policy updates.
  void update(Lane& lane, Tick now);
  void want(Lane& lane, std::uint64_t units, Tick now);
  // Whether it is the other direction's turn.
  bool turns(const Lane& lane) const {
    if (lane.queues[1].size == 0 && !lane.writing) return false;
    return writes_next(lane, state_.settings) != lane.writing;
  }

  // The row bus.
  void issue_refreshes(Tick now, bool owed);
  void look_ahead_for_refreshes(Tick now);
  bool issue_refresh(Lane& lane, int unit, Tick now);
  void refreshed(Lane& lane, int unit, Tick now);
  void close_idle(Lane& lane, Tick now);
  void look_for_idle(Lane& lane, Tick now);
  template <Way way>
  [[gnu::always_inline]] inline void issue_row(const Turn& turn, Tick now, std::int32_t tick);
  // The column bus.
  bool start_clock(Lane& lane, const Turn& turn, Tick now);
  template <bool write, Way way>
  [[gnu::always_inline]] inline void issue_column(const Turn& turn, Tick now, std::int32_t tick);
  template <bool write, Way way>
  [[gnu::always_inline]] inline void finish(Lane& lane, Bank& bank, std::int32_t b, std::int16_t slot, Tick beat,
                                            Tick now);
  void unpark(Lane& lane, std::int16_t read);

  bool forward(const Access& access, std::uint64_t id, Tick now);
  template <Way way>
  [[gnu::always_inline]] inline void issue(Kind kind, std::int32_t bank, std::int32_t row, std::int32_t column,
                                           std::uint64_t id, Tick now, std::int32_t tick);
  // A command for no access, as plain_loop() and wide_loop() issue it.
  using IssueAlone = void (FastController::*)(Kind kind, std::int32_t bank, Tick now);
  void issue_alone(Kind kind, std::int32_t bank, Tick now) { (this->*issue_alone_)(kind, bank, now); }
  void plain_issue(Kind kind, std::int32_t bank, Tick now);
  void wide_issue(Kind kind, std::int32_t bank, Tick now);
  template <Way way>
  [[gnu::always_inline]] inline void open(Lane& lane, Bank& bank, std::int32_t b, std::int32_t row, Tick now);
  void close(Lane& lane, std::int32_t bank, std::int32_t closed_row, Tick now);
  [[gnu::always_inline]] inline void count_closed(Bank& bank, std::int32_t closed_row, Tick now);
  void complete(std::uint64_t token, Tick accepted, Tick finished, bool write) {
    if (completions_)
      completions_->push_back({.token = token, .accepted = accepted, .finished = finished, .write = write});
  }

  // A tick is given as it is and since the epoch.
  template <Deed deed, Way way>
  [[gnu::always_inline]] inline void compete(Lane& lane, Tick now, std::int32_t tick, Turn& turn);
  template <Way way>
  [[gnu::always_inline]] inline Candidates candidates(const Lane& lane, Want want, Kind kind, std::int32_t tick) const;
  template <Way way>
  [[gnu::always_inline]] inline bool is_edge(Kind kind, std::int32_t tick) const;
  template <Way way>
  [[gnu::always_inline]] inline void look_ahead_row(Lane& lane, std::int32_t tick);
  template <Way way>
  [[gnu::always_inline]] inline void look_ahead_column(Lane& lane, Kind kind, std::int32_t tick);

  ChannelState state_;
  const SchedulerPolicy& scheduler_;
  const PagePolicy& page_;
  std::array<dram::CommandId, kind_count> id_;
  std::array<Tick, kind_count> beats_{};  // from a column command to its last data
  std::vector<Tick> clock_until_;         // by node of Standard::sync_level: its data clock runs up to this tick
  bool several_buses_ = false;            // more than one command bus of a name
  std::int32_t shortest_ = 0;             // ticks for which any command occupies its bus, at least
  Loop unwatched_, watched_;              // for the number of lanes, on this machine
  IssueAlone issue_alone_ = &FastController::plain_issue;
  std::uint64_t next_id_ = 0;
  std::uint64_t freed_ = 0;  // bits of lane * 2 + write whose queues an access left
  Tick next_ = 0;            // nothing happens before, without a further arrival
  Tick last_issue_ = 0;      // of a command for an access
  int wanted_ = 0;           // units whose refresh is wanted
  Tick wanted_at_ = never;   // none of them can issue before
  std::vector<std::int32_t> rank_open_;
  std::vector<Tick> rank_opened_at_;
  std::array<std::uint64_t, kind_count> issued_{};
  Tick bank_open_ticks_ = 0, rank_open_ticks_ = 0;  // of what is closed again
};

template <FastController::Way way>
void FastController::issue(Kind kind, std::int32_t bank, std::int32_t row, std::int32_t column, std::uint64_t id,
                           Tick now, std::int32_t tick) {
  state_.timing.issue(kind, bank, tick);
  ++issued_[kind];
  if (way != any || !observer_) return;
  if (kind == act && state_.standard.usual.act_first != dram::no_command) {  // in two parts
    observer_->issued({.tick = now, .bank = bank, .row = row, .column = 0, .id = state_.standard.usual.act_first}, id);
    now += state_.standard.act_spacing;
  }
  observer_->issued({.tick = now, .bank = bank, .row = row, .column = column, .id = id_[kind]}, id);
}

void FastController::count_closed(Bank& bank, std::int32_t closed_row, Tick now) {
  const auto rank = static_cast<std::size_t>(bank.rank);
  bank.closed_row = closed_row;
  bank_open_ticks_ += now - bank.opened_at;
  if (--rank_open_[rank] == 0) rank_open_ticks_ += now - rank_opened_at_[rank];
  --state_.units[static_cast<std::size_t>(bank.unit)].open_banks;
}

}  // namespace wordline::memory
