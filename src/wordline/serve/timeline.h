// A service drawn for ui.perfetto.dev: the steps of each replica, its counters, and the life of each request.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "wordline/core/perfetto.h"
#include "wordline/serve/replica.h"

namespace wordline::serve {

// From `begin` to before `end`, in simulated time; no more than so many requests, the first ones by their end.
struct DrawnWindow {
  core::Seconds begin{0}, end{latest_arrival_s};
  std::size_t most_requests = 100'000, most_steps = 2'000'000;

  // "FROM:TO" in seconds, each of which may be left out; throws core::UsageError naming the option.
  static DrawnWindow parse(const std::string& text, const std::string& option);
};

// A process track a replica with a track of steps (successive ones with the same batch are one slice), counters for
// running and waiting requests, used KV blocks and power, and as many lanes as it has requests at once: each request is
// a slice there, from arrival to last token, with "queued" (to the begin of the step with the last chunk of its
// prompt), "prefill" and "decode" in it.
class Timeline final : public ReplicaWatch {
 public:
  // Throws core::InputError where the file cannot be written.
  Timeline(const std::filesystem::path& file, std::size_t replicas, const DrawnWindow& window);

  void on_steps(std::size_t replica, const StepRun& run) override;
  void on_end(std::size_t replica, const Ended& ended) override;
  // After the run. Nothing half-written stays where this is not called.
  void close();
  // Whether there was more in the window than is drawn.
  bool cut() const { return cut_; }

 private:
  struct Tracks {
    core::Perfetto::Track all, steps, running, waiting, blocks, power;
    Ticks drawn_to = 0;
  };
  bool within(Ticks begin, Ticks end) const { return begin < end_ && end > begin_; }
  void rest(Tracks& tracks, Ticks at);
  void draw_requests(std::size_t replica);
  void draw(core::Perfetto::Track lane, const Ended& request);

  core::Perfetto out_;
  Ticks begin_, end_;
  std::size_t requests_left_, steps_left_;
  bool cut_ = false;
  std::vector<Tracks> replicas_;
  std::vector<std::vector<Ended>> ended_;  // by replica
};

}  // namespace wordline::serve
