#include "wordline/memory/loaders.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <tuple>
#include <vector>

#include "wordline/core/error.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/loader_streams.h"
#include "wordline/memory/simulation.h"

namespace wordline::memory {

namespace {

using dram::Tick;

// Share of the steps that store, so that `reads` of the traffic reads.
struct Stores {
  bool allocate;
  double share;
  double accesses_per_step;
};

Stores stores_for(const FrontEnd& front_end, double reads) {
  const bool allocate = front_end.write_allocate && reads >= 0.5;
  const double share = allocate ? (1 - reads) / reads : 1 - reads;
  return {allocate, share, allocate ? 1 + share : 1};
}

// What the callback and the events know a block by: the loader in the low bits, its number in the loader's window
// above.
constexpr int loader_bits = 17;
constexpr std::uint64_t loader_mask = (std::uint64_t{1} << loader_bits) - 1, chain_token = loader_mask,
                        write_token = loader_mask - 1;

// The number of a block that a store reads: it holds back no load.
constexpr std::uint64_t of_store = (std::uint64_t{1} << (64 - loader_bits)) - 1;

std::uint64_t token_of(std::size_t loader, std::uint64_t number) { return number << loader_bits | loader; }

// The reads of one loader that are under way, numbered by issue.
class Window {
 public:
  Window(int size, bool in_order) : size_(static_cast<std::uint64_t>(size)), in_order_(in_order), back_(size_) {}
  bool has_room(int blocks) const { return used() + static_cast<std::uint64_t>(blocks) <= size_; }
  std::uint64_t issue() {
    if (!in_order_) return ++under_way_;
    back_[next_ % size_] = false;
    return next_++;
  }
  void returned(std::uint64_t number) {
    if (!in_order_) {
      --under_way_;
      return;
    }
    back_[number % size_] = true;
    while (first_ < next_ && back_[first_ % size_]) ++first_;
  }

 private:
  std::uint64_t used() const { return in_order_ ? next_ - first_ : under_way_; }
  std::uint64_t size_;
  bool in_order_;
  std::vector<bool> back_;
  std::uint64_t first_ = 0, next_ = 0, under_way_ = 0;
};

class Loop {
 public:
  Loop(const System& system, const FrontEnd& front_end, const Load& load)
      : system_(system),
        front_end_(front_end),
        stores_(stores_for(front_end, load.reads)),
        map_(system),
        simulation_(
            system, [this](const Completion& completion) { done(completion); }, load.reference),
        tick_(system.module.part->clock.period()),
        clock_(system.module.part->standard.ticks_per_clock),
        way_back_(edges(front_end.latency + system.module.read_delay)),
        warm_(edges(load.warm_up)),
        end_(warm_ + edges(load.measured)),
        pages_(front_end, front_end.loaders * front_end.streams * (stores_.share > 0 ? 2 : 1), map_.blocks(),
               block_bytes(), load.seed),
        chain_(load.seed, 1),
        most_stores_(front_end.stores > 0 ? front_end.stores : front_end.outstanding) {
    make_targets();
    make_loaders(load);
  }

  Loaded run() {
    events_.push({0, Event::chain, 0});
    while (simulation_.now() < end_) {
      offer_waiting();
      while (!events_.empty() && events_.top().at <= simulation_.now()) {
        const Event event = events_.top();
        events_.pop();
        handle(event);
      }
      simulation_.advance(next_stop());
    }
    return measured();
  }

 private:
  struct Event {
    enum Kind { returned, taken, issue, chain };
    Tick at;
    Kind kind;
    std::uint64_t token;
    bool operator>(const Event& o) const { return std::tie(at, kind, token) > std::tie(o.at, o.kind, o.token); }
  };
  struct Loader {
    LoaderWalk walk;
    core::Random draw;
    double ready = 0;  // ticks, not yet rounded to an edge
    Window window;
    int stores = 0;  // blocks of stores that have not come back, or that the memory has not taken
    bool blocked = false;
  };
  struct Waiting {
    std::uint64_t address, token;
  };
  // The queue of one data bus and direction that accesses wait in front of.
  struct Target {
    std::deque<Waiting> waiting;
    bool write = false;
  };

  int block_bytes() const { return system_.access_bytes(); }

  Tick edges(core::Seconds time) const {
    return static_cast<Tick>(std::ceil(time / tick_ / static_cast<double>(clock_) - 1e-9)) * clock_;
  }

  void make_targets() {
    const auto& standard = system_.module.part->standard;
    const auto level = static_cast<std::size_t>(standard.data_bus_level);
    banks_per_bus_ = standard.geometry.banks_below[level];
    buses_ = standard.geometry.nodes[level];
    targets_.resize(static_cast<std::size_t>(system_.channels() * buses_ * 2));
    for (std::size_t t = 0; t < targets_.size(); ++t) targets_[t].write = t % 2 == 1;
  }

  void make_loaders(const Load& load) {
    const double blocks_per_second = load.offered.value() / block_bytes() / front_end_.loaders;
    pause_ = stores_.accesses_per_step / blocks_per_second / tick_.value();
    core::SplitMix64 seeds(load.seed);
    for (int l = 0; l < front_end_.loaders; ++l) {
      Loader loader{LoaderWalk(front_end_, pages_, l, stores_.share, stores_.allocate, block_bytes(), seeds()),
                    core::Random(load.seed, 2 + static_cast<std::uint64_t>(l)), 0,
                    Window(front_end_.outstanding, front_end_.in_order)};
      loader.ready = loader.draw.uniform() * pause_ * front_end_.run_blocks;
      loaders_.push_back(std::move(loader));
      events_.push({on_edge(loaders_.back().ready), Event::issue, static_cast<std::uint64_t>(l)});
    }
  }

  Tick on_edge(double ticks) const {
    return static_cast<Tick>(std::ceil(ticks / static_cast<double>(clock_))) * clock_;
  }

  // To the next event, no further than a completion could be answered, and by a clock where something waits.
  Tick next_stop() const {
    const Tick now = simulation_.now();
    Tick next = std::min(end_, now + std::max(clock_, way_back_));
    if (!events_.empty()) next = std::min(next, std::max(events_.top().at, now + clock_));
    return waiting_ > 0 ? now + clock_ : next;
  }

  void handle(const Event& event) {
    if (event.kind == Event::chain) return load_chain();
    const std::size_t number = event.token & loader_mask;
    Loader& loader = loaders_[number];
    const std::uint64_t block = event.token >> loader_bits;
    if (event.kind == Event::taken || (event.kind == Event::returned && block == of_store))
      --loader.stores;
    else if (event.kind == Event::returned)
      loader.window.returned(block);
    if (event.kind == Event::issue || loader.blocked) issue(number);
  }

  void load_chain() {
    chain_issued_ = simulation_.now();
    offer(chain_.below(map_.blocks()), false, chain_token);
  }

  // A run of the loader, where its window has room, and as many blocks of stores; else when they have.
  void issue(std::size_t number) {
    Loader& loader = loaders_[number];
    const int run = front_end_.run_blocks;
    loader.blocked = !loader.window.has_room(run) || loader.stores + run > most_stores_;
    if (loader.blocked) return;
    loader.walk.begin_run();
    for (int i = 0; i < run; ++i) {
      const LoaderStep step = loader.walk.step();
      loader.stores += step.writes ? 1 + int{step.reads} : 0;
      if (step.reads) offer(step.read_block, false, token_of(number, step.writes ? of_store : loader.window.issue()));
      if (step.writes) offer(step.write_block, true, number);
    }
    const double now = static_cast<double>(simulation_.now());
    loader.ready = std::max(loader.ready, now) + pause_ * run * 2 * loader.draw.uniform();
    events_.push({std::max(on_edge(loader.ready), simulation_.now() + clock_), Event::issue, number});
  }

  void offer(std::uint64_t block, bool write, std::uint64_t token) {
    const Place place = map_.place(block);
    const auto bus = static_cast<std::size_t>(place.channel * buses_ + place.bank / banks_per_bus_);
    Target& target = targets_[bus * 2 + std::size_t{write}];
    const Waiting access{block * static_cast<std::uint64_t>(block_bytes()), token};
    if (target.waiting.empty() && accepted(access, write)) return;
    target.waiting.push_back(access);
    ++waiting_;
  }

  void offer_waiting() {
    if (waiting_ == 0) return;
    for (Target& target : targets_)
      while (!target.waiting.empty() && accepted(target.waiting.front(), target.write)) {
        target.waiting.pop_front();
        --waiting_;
      }
  }

  // A write is out of its loader's hands when the memory has taken it.
  bool accepted(const Waiting& access, bool write) {
    if (!simulation_.enqueue(access.address, write, write ? write_token : access.token)) return false;
    if (write) events_.push({simulation_.now(), Event::taken, access.token});
    return true;
  }

  void done(const Completion& completion) {
    if (completion.finished >= warm_ && completion.finished < end_) ++(completion.write ? writes_ : reads_);
    if (completion.token == write_token) return;
    const Tick back = completion.finished + way_back_;
    const Tick at = (back + clock_ - 1) / clock_ * clock_;
    if (completion.token != chain_token) return events_.push({at, Event::returned, completion.token});
    events_.push({at, Event::chain, 0});
    if (chain_issued_ < warm_) return;
    chain_ticks_ += static_cast<double>(completion.finished - chain_issued_);
    ++chain_loads_;
  }

  Loaded measured() const {
    Loaded out;
    const core::Seconds time = tick_ * static_cast<double>(end_ - warm_);
    out.read_bandwidth = core::bytes(static_cast<double>(reads_) * block_bytes()) / time;
    out.bandwidth = core::bytes(static_cast<double>(reads_ + writes_) * block_bytes()) / time;
    out.loads = chain_loads_;
    out.mean_latency = front_end_.latency + system_.module.read_delay +
                       tick_ * (chain_ticks_ / static_cast<double>(std::max<std::uint64_t>(1, chain_loads_)));
    return out;
  }

  const System& system_;
  FrontEnd front_end_;
  Stores stores_;
  AddressMap map_;
  Simulation simulation_;
  core::Seconds tick_;
  Tick clock_, way_back_, warm_, end_;
  StreamPages pages_;
  core::Random chain_;
  int most_stores_, banks_per_bus_ = 1, buses_ = 1;
  double pause_ = 0;  // ticks between two steps of a loader
  std::vector<Target> targets_;
  std::vector<Loader> loaders_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t waiting_ = 0, reads_ = 0, writes_ = 0, chain_loads_ = 0;
  Tick chain_issued_ = 0;
  double chain_ticks_ = 0;
};

void check(const FrontEnd& front_end, const Load& load) {
  const auto within = [](const char* name, double value, double low, double high) {
    if (!(value >= low && value <= high))
      throw core::UsageError(fmt::format("{}: found {}; wanted {} to {}", name, value, low, high));
  };
  within("reads", load.reads, 0, 1);
  within("loaders", front_end.loaders, 1, 65536);
  within("streams", front_end.streams, 1, 65536);
  within("run_blocks", front_end.run_blocks, 1, 65536);
  within("outstanding", front_end.outstanding, front_end.run_blocks, 1e6);
  within("stores", front_end.stores == 0 ? front_end.run_blocks : front_end.stores, front_end.run_blocks, 1e6);
  within("page", front_end.page_bytes, 64, 1e12);
  within("stream", front_end.stream_bytes, front_end.page_bytes, 1e15);
  within("offered (bytes/s)", load.offered.value(), 1, 1e18);
}

}  // namespace

Loaded run_loaders(const System& system, const FrontEnd& front_end, const Load& load) {
  check(front_end, load);
  return Loop(system, front_end, load).run();
}

}  // namespace wordline::memory
