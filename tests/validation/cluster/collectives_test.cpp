// Measured collectives (aiconfigurator's data, NCCL and TensorRT-LLM) against the model. Constants were fitted on one
// in five rows of H100; the limits below hold for the other four, and no row of A100 was fitted on but for its hop's
// latency.
#include <cstdlib>
#include <filesystem>

#include "wordline/cluster/measured.h"
#include "wordline/core/scoring.h"

namespace wordline::cluster {
namespace {

using namespace core;

std::filesystem::path table_file() {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  return (folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference") /
         "kernels/comm_a100_h100.csv.gz";
}

// Scores by collective of the rows that are not for fitting, on a chip of that name.
Scores scores_on(const chip::Chip& chip) {
  const Csv table = Csv::read(table_file());
  const MeasuredTransfers rows(table);
  Scores out;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (!rows.is_of(i, chip.name) || for_fitting(table, i)) continue;
    const auto row = rows.row(i);
    Group group = group_of(chip, row.chips);
    group.software = row.software;
    const auto cost = cost_of(group, row.transfer);
    const auto unit = microseconds(1);
    out.add(row.transfer.name, {*row.us, cost.time.in(unit), cost.low.in(unit), cost.high.in(unit)});
  }
  return out;
}

void expect_within(const Scores& scores, const std::map<std::string, double>& limits) {
  std::size_t found = 0;
  for (const auto& [name, errors] : scores.errors()) {
    const auto limit = limits.find(name);
    if (limit == limits.end()) continue;
    ++found;
    EXPECT_LT(errors.mean, limit->second) << name;
    EXPECT_GE(errors.n, 90u) << name;
  }
  EXPECT_EQ(found, limits.size());
  std::fputs(scores.text().c_str(), stdout);
}

TEST(MeasuredCollectives, H100) {
  if (!std::filesystem::exists(table_file())) GTEST_SKIP() << "no measurements at hand: " << table_file();
  const auto scores = scores_on(chip::load(Catalog::open(), "h100-sxm"));
  expect_within(scores, {{"all_reduce", 0.10}, {"all_gather", 0.10}, {"reduce_scatter", 0.10}, {"all_to_all", 0.15}});
  EXPECT_GT(scores.errors().front().second.within, 0.65);
}

TEST(MeasuredCollectives, A100ByTheConstantsOfH100) {
  if (!std::filesystem::exists(table_file())) GTEST_SKIP() << "no measurements at hand: " << table_file();
  chip::Chip chip = chip::load(Catalog::open(), "h100-sxm");
  chip.name = "a100-sxm-80gb";
  chip.port.bandwidth = gigabytes_per_second(300);  // NVLink 3, one direction
  chip.port.latency = microseconds(0.99);           // slope of 18 rows for fitting, as H100's
  chip.port.in_network_reduction = false;
  chip.memory.peak = gigabytes_per_second(2039);
  expect_within(scores_on(chip), {{"all_reduce", 0.30}, {"all_gather", 0.35}, {"reduce_scatter", 0.35}});
}

}  // namespace
}  // namespace wordline::cluster
