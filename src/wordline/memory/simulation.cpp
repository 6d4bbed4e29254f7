#include "wordline/memory/simulation.h"

#include <algorithm>
#include <vector>

#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"

namespace wordline::memory {

namespace {

// A completion that is known but has not happened yet.
struct Pending {
  Completion completion;
  std::int32_t channel;
  std::uint64_t order;  // of its becoming known in its channel
};

// For a heap with the first to happen on top.
bool happens_later(const Pending& a, const Pending& b) {
  if (a.completion.finished != b.completion.finished) return a.completion.finished > b.completion.finished;
  if (a.channel != b.channel) return a.channel > b.channel;
  return a.order > b.order;
}

}  // namespace

struct Simulation::State {
  State(const System& s, Callback c, bool reference) : system(s), map(s), completed(std::move(c)) {
    const auto count = static_cast<std::size_t>(s.channels());
    known.resize(count);
    channels.reserve(count);
    for (auto& completions : known) {
      channels.emplace_back(s, reference, static_cast<int>(channels.size()));
      channels.back().collect(&completions);
    }
    const auto& standard = s.module.part->standard;
    const auto beat = [&](dram::CommandId id) { return standard.spec(id).latency + standard.spec(id).burst; };
    lookahead = std::min(beat(standard.usual.rd), beat(standard.usual.wr));
  }

  Access access_at(std::uint64_t address, bool write) const {
    const Place place = map.place(address / static_cast<std::uint64_t>(system.access_bytes()) % map.blocks());
    channel_of_access = place.channel;
    return {.bank = place.bank, .row = place.row, .column = place.column * system.bursts(), .write = write};
  }

  // Takes what the channels know by now into the heap.
  void gather() {
    for (std::size_t c = 0; c < known.size(); ++c) {
      for (const Completion& completion : known[c]) {
        pending.push_back({completion, static_cast<std::int32_t>(c), order++});
        std::push_heap(pending.begin(), pending.end(), happens_later);
      }
      known[c].clear();
    }
  }

  void deliver(Tick until) {
    while (!pending.empty() && pending.front().completion.finished <= until) {
      std::pop_heap(pending.begin(), pending.end(), happens_later);
      const Completion done = pending.back().completion;
      pending.pop_back();
      --outstanding;
      if (completed) completed(done);
    }
  }

  const System& system;
  AddressMap map;
  Callback completed;
  std::vector<Channel> channels;
  std::vector<std::vector<Completion>> known;  // by channel
  std::vector<Pending> pending;
  std::uint64_t order = 0, outstanding = 0;
  Tick now = 0, lookahead = 1;
  mutable std::int32_t channel_of_access = 0;
};

Simulation::Simulation(const System& system, Callback completed, bool reference)
    : state_(std::make_unique<State>(system, std::move(completed), reference)) {}
Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;
Simulation& Simulation::operator=(Simulation&&) noexcept = default;

dram::Tick Simulation::now() const { return state_->now; }
dram::Tick Simulation::lookahead() const { return state_->lookahead; }
std::uint64_t Simulation::outstanding() const { return state_->outstanding; }

bool Simulation::enqueue(std::uint64_t address, bool write, std::uint64_t token, std::uint8_t priority) {
  Access access = state_->access_at(address, write);
  access.token = token;
  access.priority = std::min<std::uint8_t>(priority, 15);
  const Tick clock = state_->system.module.part->standard.ticks_per_clock;
  Channel& channel = state_->channels[static_cast<std::size_t>(state_->channel_of_access)];
  if (!channel.try_offer(access, (state_->now + clock - 1) / clock * clock)) return false;
  ++state_->outstanding;
  return true;
}

bool Simulation::has_room(std::uint64_t address, bool write) const {
  const Access access = state_->access_at(address, write);
  return state_->channels[static_cast<std::size_t>(state_->channel_of_access)].has_room(access.bank, write);
}

Tick Simulation::next_completion() {
  state_->gather();
  return state_->pending.empty() ? never : state_->pending.front().completion.finished;
}

void Simulation::advance(Tick until) {
  State& s = *state_;
  if (until < s.now) return;
  for (Channel& channel : s.channels) channel.advance(until);
  s.now = until;
  s.gather();
  s.deliver(until);
}

void Simulation::drain() {
  State& s = *state_;
  while (s.outstanding > 0) {
    advance(std::max(std::min(next_completion(), s.now + s.lookahead), s.now + 1));
  }
}

Result Simulation::result() const { return sum_of(state_->system, state_->channels, state_->now); }

void Simulation::watch(int channel, Observer* observer) {
  state_->channels[static_cast<std::size_t>(channel)].watch(observer);
}

}  // namespace wordline::memory
