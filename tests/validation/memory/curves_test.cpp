// Loaded latencies against Mess' curves: up to 90 % of the smaller saturation, the mean of the absolute errors.
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "machines.h"
#include "wordline/memory/curve.h"

namespace wordline::memory {
namespace {

using Points = std::vector<std::pair<double, double>>;  // GB/s, ns; in order of bandwidth

// "read_pct_rounded,pause,bandwidth_mean,bandwidth_std,rd_percentage_actual_mean,latency_mean,..."
std::map<int, Points> read_csv(const std::filesystem::path& path) {
  std::map<int, Points> curves;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<double> fields;
    std::stringstream stream(line);
    for (std::string field; fields.size() < 6 && std::getline(stream, field, ',');)
      fields.push_back(std::strtod(field.c_str(), nullptr));
    curves[static_cast<int>(fields.at(0))].emplace_back(fields.at(2), fields.at(5));
  }
  for (auto& [share, points] : curves) std::sort(points.begin(), points.end());
  return curves;
}

// "MB/s ns" lines, reads only.
std::map<int, Points> read_text(const std::filesystem::path& path) {
  std::map<int, Points> curves;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::stringstream stream(line);
    double rate = 0, latency = 0;
    stream >> rate >> latency;
    curves[100].emplace_back(rate / 1000, latency);
  }
  std::sort(curves[100].begin(), curves[100].end());
  return curves;
}

// The latency at a bandwidth, linear between points; before the first, the first's.
double at(const Points& curve, double bandwidth) {
  if (bandwidth <= curve.front().first) return curve.front().second;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const auto [b0, l0] = curve[i - 1];
    const auto [b1, l1] = curve[i];
    if (bandwidth <= b1) return l0 + (l1 - l0) * (bandwidth - b0) / std::max(1e-9, b1 - b0);
  }
  return curve.back().second;
}

double best(const Points& curve) { return curve.back().first; }

struct Machine {
  const char *name, *file;
  std::vector<int> shares;  // of reads, in %, the nearest that was measured
};

class SlowCurves : public ::testing::TestWithParam<Machine> {};

TEST_P(SlowCurves, LatenciesOfMess) {
  const Machine& tested = GetParam();
  const auto path = mess(tested.file);
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path << "; set WORDLINE_REFERENCE";
  const auto curves = path.extension() == ".csv" ? read_csv(path) : read_text(path);
  const auto named = machine(tested.name);
  double sum_of_all = 0;
  std::size_t points_of_all = 0;
  for (const int share : tested.shares) {
    CurveOptions options;
    options.reads = {share == 51 ? 0.5 : share / 100.0};
    options.loads = {0.01, 0.15, 0.3, 0.45, 0.55, 0.65, 0.7, 0.75, 0.8, 0.84, 0.88, 0.92, 1.0, 1.6};
    options.measured = measured_time;
    options.warm_up = warm_up_time;
    Points simulated;
    for (const auto& point : loaded_latency(named.system, named.front_end, options))
      simulated.emplace_back(point.loaded.bandwidth.value() / 1e9, point.loaded.mean_latency.in(core::nanoseconds(1)));
    std::sort(simulated.begin(), simulated.end());
    const Points& measured = curves.at(share);
    const double limit = 0.9 * std::min(best(simulated), best(measured));
    double sum = 0;
    std::size_t points = 0;
    for (const auto& [bandwidth, latency] : measured) {
      if (bandwidth > limit) continue;
      sum += std::abs(at(simulated, bandwidth) / latency - 1);
      ++points;
    }
    sum_of_all += sum;
    points_of_all += points;
    const double error = 100 * sum / static_cast<double>(points);
    std::cout << tested.name << ", " << share << " % reads: mean error of " << points << " latencies " << error
              << " %\n";
    EXPECT_LE(error, 10) << share;
  }
  EXPECT_LE(100 * sum_of_all / static_cast<double>(points_of_all), 10);
}

INSTANTIATE_TEST_SUITE_P(
    Mess, SlowCurves,
    ::testing::Values(Machine{"xeon-8460y", "MN5_MN5-ACC_local.csv", {100, 75, 50}},
                      Machine{"xeon-8480-8x16gb", "MN5_MN5-GPP_regular_AVX2_local.csv", {100, 75, 51}},
                      Machine{"xeon-8480-8x64gb", "MN5_MN5-GPP_highmem_AVX2_multisequential.csv", {100, 75, 50}},
                      Machine{"graviton3", "graviton3_ddr5_rd100_bwlat_MBs_ns.txt", {100}},
                      Machine{"a64fx", "a64fx_hbm2_rd100_bwlat_MBs_ns.txt", {100}}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

}  // namespace
}  // namespace wordline::memory
