// The event-driven controller: flat arrays and bit masks, no allocation per access.
#pragma once

#include <vector>

#include "wordline/memory/state.h"

namespace wordline::memory {

class FastController final : public Controller {
 public:
  FastController(const dram::Standard& standard, const Settings& settings, int bursts, dram::CommandTrace* commands);

  int lanes() const override { return static_cast<int>(state_.lanes.size()); }
  int lane_of(std::int32_t bank) const override { return state_.banks[static_cast<std::size_t>(bank)].lane; }
  bool has_room(int lane, bool write) const override {
    return state_.lanes[static_cast<std::size_t>(lane)].queues[write].free != 0;
  }
  void accept(const Access& access, Tick now) override;
  void process(Tick now) override;
  Tick next_event(Tick now) const override;
  int queued() const override { return queued_; }
  dram::Activity activity(Tick end) const override;

 private:
  void update_policies(Tick now);
  void pick(Tick now);
  bool issue_refresh(Tick now, bool due);
  bool issue_best(Pick Lane::*pick, Tick now);
  Tick refresh_tick(const Unit& unit, Tick from) const;
  void issue(Kind kind, std::int32_t bank, std::int32_t row, std::int32_t column, Tick now);
  void issue_column(Lane& lane, const Pick& pick, Tick now);
  void open(std::int32_t bank, std::int32_t row, Tick now);
  void close(std::int32_t bank, Tick now);
  void mark_stale(const Lane& own, Kind kind);
  void remove(Lane& lane, std::int8_t slot, Tick beat);

  ChannelState state_;
  dram::CommandTrace* commands_;
  std::array<dram::CommandId, kind_count> id_;
  std::array<Tick, kind_count> beats_{};  // from a column command to its last data
  std::uint64_t next_id_ = 0;
  int queued_ = 0;
  bool issued_ = false;  // by the last process()
  bool wishes_ = false;  // some unit wants a refresh
  std::vector<std::int32_t> rank_open_;
  std::vector<Tick> rank_opened_at_;
  dram::Activity activity_;
};

}  // namespace wordline::memory
