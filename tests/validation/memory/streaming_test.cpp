// Pure-read streaming against the closed form of refresh: 1 - (tRTP + tRP + tRFC + tRCD) / tREFI of peak.
#include <gtest/gtest.h>

#include "wordline/core/catalog.h"
#include "wordline/memory/run.h"

namespace wordline::memory {
namespace {

double formula(const dram::Standard& standard) {
  const auto& usual = standard.usual;
  const int bank = standard.geometry.bank_level();
  const auto opens = usual.act_first == dram::no_command ? usual.act : usual.act_first;  // what waits for PRE and REFab
  const auto blocked = standard.gap(bank, usual.rd, usual.pre) + standard.gap(bank, usual.pre, opens) +
                       standard.gap(bank, usual.ref_all, opens) + standard.act_spacing +
                       standard.gap(bank, usual.act, usual.rd);
  double interval = 0;
  for (const auto& refresh : standard.refreshes)
    if (refresh.command == usual.ref_all) interval = static_cast<double>(refresh.credit);
  return 1 - static_cast<double>(blocked) / interval;
}

class Streaming : public ::testing::TestWithParam<std::string> {};

TEST_P(Streaming, ReachesWhatRefreshLeaves) {
  const auto catalog = core::Catalog::open();
  const System system = load_system(catalog, GetParam());
  const auto& standard = system.module.part->standard;
  Pattern pattern;
  pattern.accesses = 100'000u * static_cast<unsigned>(system.channels());
  const double utilization = run(system, pattern).bandwidth(system) / system.peak();
  const double bound = formula(standard);
  RecordProperty("utilization", std::to_string(utilization));
  const int ranks =
      standard.geometry.ranks() / standard.geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)];
  if (ranks == 1) {
    EXPECT_NEAR(utilization, bound, 0.005);
  } else {
    EXPECT_GE(utilization, bound);
    EXPECT_LE(utilization, 1);
  }
  std::cout << GetParam() << ": " << utilization << " of peak, formula " << bound << ", " << ranks << " rank(s)\n";
}

INSTANTIATE_TEST_SUITE_P(Modules, Streaming, ::testing::ValuesIn(core::Catalog::open().names("memory/modules")),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace wordline::memory
