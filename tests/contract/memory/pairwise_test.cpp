// Every pair of values of module, scheduler, page policy, refresh, address map, queue sizes and read share, each choice
// with random traffic: both controllers issue the same commands at the same ticks, and the auditor objects to none.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "covering_set.h"
#include "memory_test_support.h"
#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/dram/auditor.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"
#include "wordline/memory/policies.h"

namespace wordline::memory {
namespace {

using testing::catalog;
using testing::Choice;

struct Refresh {
  const char* policy;
  int postponed, pulled_in;
};
constexpr Refresh refreshes[] = {
    {"none", 0, 0}, {"all-bank", 0, 1}, {"all-bank", 4, 0}, {"per-bank", 0, 1}, {"per-bank", 3, 0}};
struct Queues {
  int read, write, high, low;
};
constexpr Queues queues[] = {{64, 64, 48, 16}, {4, 6, 5, 0}, {32, 16, 12, 4}, {200, 100, 90, 30}};
constexpr double read_shares[] = {1, 2.0 / 3, 0.5, 0.1};

enum Factor : std::size_t { module, scheduler, page, refresh, address_map, queue_sizes, read_share, factor_count };

template <class T, std::size_t n>
int count_of(const T (&)[n]) {
  return static_cast<int>(n);
}

int count_of(const std::vector<std::string>& names) { return static_cast<int>(names.size()); }

std::vector<int> sizes() {
  return {count_of(testing::modules()), count_of(scheduler_names()),   count_of(page_policy_names()),
          count_of(refreshes),          count_of(address_map_names()), count_of(queues),
          count_of(read_shares)};
}

const System& system_of(int number) {
  static const std::vector<System> all = [] {
    std::vector<System> systems;
    for (const auto& name : testing::modules()) systems.push_back(load_system(catalog(), name));
    return systems;
  }();
  return all[static_cast<std::size_t>(number)];
}

void set_refresh(Settings& settings, int number) {
  const Refresh& chosen = refreshes[number];
  settings.refresh = chosen.policy;
  settings.postponed_refreshes = chosen.postponed;
  settings.pulled_in_refreshes = chosen.pulled_in;
}

// Not every standard has every refresh.
bool goes_with(std::size_t f, int a, std::size_t g, int b) {
  if (f != module || g != refresh) return true;
  static std::map<std::pair<int, int>, bool> known;
  const auto [entry, is_new] = known.try_emplace({a, b}, true);
  if (is_new) {
    System system = system_of(a);
    set_refresh(system.settings, b);
    try {
      const Channel channel(system);
    } catch (const core::UsageError&) {
      entry->second = false;
    }
  }
  return entry->second;
}

const std::vector<Choice>& choices() {
  static const std::vector<Choice> all = testing::covering_set(sizes(), goes_with);
  return all;
}

System chosen_system(const Choice& choice) {
  System system = system_of(choice[module]);
  Settings& s = system.settings;
  s.scheduler = scheduler_names()[static_cast<std::size_t>(choice[scheduler])];
  s.page = page_policy_names()[static_cast<std::size_t>(choice[page])];
  set_refresh(s, choice[refresh]);
  s.address_map = address_map_names()[static_cast<std::size_t>(choice[address_map])];
  const Queues& chosen = queues[choice[queue_sizes]];
  s.read_queue = chosen.read, s.write_queue = chosen.write, s.write_high = chosen.high, s.write_low = chosen.low;
  return system;
}

std::string name_of(const Choice& choice) {
  const Settings s = chosen_system(choice).settings;
  return fmt::format("{} {} {} {}-{} {} {}/{} {:.0f}%", system_of(choice[module]).module.name, s.scheduler, s.page,
                     s.refresh, s.postponed_refreshes, s.address_map, s.read_queue, s.write_queue,
                     100 * read_shares[choice[read_share]]);
}

// Runs, random places and places in few rows, in turn, with pauses now and then; drawn from the seed alone.
class Traffic {
 public:
  Traffic(std::uint64_t blocks, double reads, std::uint64_t seed) : random_(seed), blocks_(blocks), reads_(reads) {}
  struct Draw {
    std::uint64_t block;
    bool write;
    Tick pause;
  };
  Draw next() {
    if (left_ == 0) {
      left_ = 1 + random_.below(random_.below(2) ? 3 : 60);
      at_ = random_.below(random_.below(3) ? blocks_ : std::min<std::uint64_t>(blocks_, 1 << 16));
    }
    --left_;
    at_ = at_ + 1 < blocks_ ? at_ + 1 : 0;
    const bool pauses = random_.below(200) == 0;
    return {at_, random_.uniform() >= reads_, pauses ? static_cast<Tick>(random_.below(3000)) : 0};
  }

 private:
  core::Random random_;
  std::uint64_t blocks_, left_ = 0, at_ = 0;
  double reads_;
};

// One channel's end of a run: commands go to whoever watches.
class Driven {
 public:
  Driven(const System& system, bool reference, Observer* observer)
      : system_(system), map_(system), channel_(system, reference) {
    channel_.watch(observer);
  }
  void offer(const Traffic::Draw& draw) {
    const Place place = map_.place(draw.block);  // the channel's number does not matter: all fall into this one
    const Tick clock = system_.module.part->standard.ticks_per_clock;
    at_ = channel_.offer(
        {.bank = place.bank, .row = place.row, .column = place.column * system_.bursts(), .write = draw.write},
        at_ + draw.pause * clock);
  }
  Tick finish() {
    channel_.drain();
    channel_.advance(channel_.counters().last_beat);
    return channel_.counters().last_beat;
  }
  const Counters& counters() const { return channel_.counters(); }

 private:
  const System& system_;
  AddressMap map_;
  Channel channel_;
  Tick at_ = 0;
};

struct Recorder : Observer {
  void accepted(const Access&, std::uint64_t, Tick) override {}
  void issued(const dram::Command& command, std::uint64_t) override { commands.push_back(command); }
  void finished(std::uint64_t, Tick) override {}
  std::vector<dram::Command> commands;
};

// Both controllers side by side, compared and audited every few accesses so that long runs keep few commands.
std::int64_t compare(const System& system, double reads, std::uint64_t accesses, std::uint64_t seed) {
  const auto& standard = system.module.part->standard;
  Recorder fast_commands, reference_commands;
  Driven fast(system, false, &fast_commands), reference(system, true, &reference_commands);
  dram::Auditor auditor(standard, system.settings.refresh != "none");
  const auto settle = [&](bool last) {
    const std::size_t common = std::min(fast_commands.commands.size(), reference_commands.commands.size());
    for (std::size_t i = 0; i < common; ++i) {
      const auto& command = reference_commands.commands[i];
      if (fast_commands.commands[i] != command) {
        ADD_FAILURE() << "command " << auditor.commands() << "\nfast      "
                      << dram::trace_line(standard, fast_commands.commands[i]) << "\nreference "
                      << dram::trace_line(standard, command);
        return false;
      }
      auditor.take(command);
    }
    for (Recorder* recorder : {&fast_commands, &reference_commands})
      recorder->commands.erase(recorder->commands.begin(),
                               recorder->commands.begin() + static_cast<std::ptrdiff_t>(common));
    EXPECT_TRUE(!last || (fast_commands.commands.empty() && reference_commands.commands.empty()));
    return true;
  };
  Traffic traffic(AddressMap(system).blocks(), reads, seed);
  for (std::uint64_t i = 0; i < accesses; ++i) {
    const Traffic::Draw draw = traffic.next();
    fast.offer(draw);
    reference.offer(draw);
    if (i % 1024 == 1023 && !settle(false)) return auditor.commands();
  }
  const Tick end = fast.finish();
  EXPECT_EQ(end, reference.finish());
  if (!settle(true)) return auditor.commands();
  auditor.finish(end);
  EXPECT_EQ(auditor.violation_count(), 0) << auditor.violations().front().message;
  EXPECT_EQ(fast.counters().reads + fast.counters().writes, accesses);
  EXPECT_EQ(fast.counters().row_misses, reference.counters().row_misses);
  EXPECT_EQ(fast.counters().forwarded_reads, reference.counters().forwarded_reads);
  EXPECT_EQ(fast.counters().read_latency.mean(), reference.counters().read_latency.mean());
  return auditor.commands();
}

// Runs every `parts`-th choice from the part-th on; returns the commands.
std::int64_t compare_part(int part, int parts, std::uint64_t accesses) {
  std::int64_t commands = 0;
  for (std::size_t i = static_cast<std::size_t>(part); i < choices().size(); i += static_cast<std::size_t>(parts)) {
    SCOPED_TRACE(name_of(choices()[i]));
    commands += compare(chosen_system(choices()[i]), read_shares[choices()[i][read_share]], accesses, i + 1);
    if (::testing::Test::HasFailure()) break;
  }
  return commands;
}

constexpr int parts = 8;

class Pairwise : public ::testing::TestWithParam<int> {};

TEST_P(Pairwise, FastIsReferenceAndTheAuditorAgrees) { EXPECT_GT(compare_part(GetParam(), parts, 250), 1'000); }

INSTANTIATE_TEST_SUITE_P(Parts, Pairwise, ::testing::Range(0, parts));

// 10,000 accesses a choice; with WORDLINE_FULL=N in the environment N, and a million where N is 1.
class SlowPairwise : public ::testing::TestWithParam<int> {};

TEST_P(SlowPairwise, FastIsReferenceAndTheAuditorAgrees) {
  const char* full = std::getenv("WORDLINE_FULL");
  const int asked = full ? std::atoi(full) : 10'000;
  const std::int64_t commands = compare_part(GetParam(), parts, asked <= 1 ? 1'000'000 : asked);
  EXPECT_GT(commands, 10'000);
  RecordProperty("commands", std::to_string(commands));
}

INSTANTIATE_TEST_SUITE_P(Parts, SlowPairwise, ::testing::Range(0, parts));

TEST(CoveringSet, HasEveryPairOfTheMemorysChoices) {
  EXPECT_EQ(testing::uncovered_pairs(sizes(), goes_with, choices()), 0u);
  // No smaller than the two largest factors ask for, and not much larger.
  EXPECT_GE(choices().size(), 4 * testing::modules().size());
  EXPECT_LE(choices().size(), 7 * testing::modules().size());
  std::vector<Choice> fewer(choices().begin(), choices().end() - 1);
  EXPECT_GT(testing::uncovered_pairs(sizes(), goes_with, fewer), 0u);
}

TEST(CoveringSet, LeavesOutWhatDoesNotGoTogether) {
  const auto rule = [](std::size_t f, int a, std::size_t g, int b) { return !(f == 0 && g == 2 && a == 1 && b != 0); };
  const std::vector<int> small{3, 4, 5, 2};
  const auto found = testing::covering_set(small, rule);
  EXPECT_EQ(testing::uncovered_pairs(small, rule, found), 0u);
  for (const auto& choice : found) EXPECT_TRUE(choice[0] != 1 || choice[2] == 0);
  EXPECT_EQ(found, testing::covering_set(small, rule));
}

}  // namespace
}  // namespace wordline::memory
