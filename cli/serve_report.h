// The HTML report of `wordline serve run`.
#pragma once

#include <filesystem>
#include <optional>
#include <queue>
#include <vector>

#include "report_parts.h"
#include "serve_options.h"
#include "wordline/core/statistics.h"
#include "wordline/serve/series.h"

namespace wordline::cli {

// What the report needs to have seen of a run, in constant memory: sums over time, distributions, a few requests.
class ReportWatch final : public serve::ReplicaWatch {
 public:
  void on_steps(std::size_t replica, const serve::StepRun& run) override { series_.on_steps(replica, run); }
  void on_last_chunk(std::size_t replica, std::uint64_t id, serve::Ticks begin) override {
    series_.on_last_chunk(replica, id, begin);
  }
  void on_end(std::size_t replica, const serve::Ended& ended) override;

  const serve::Series& series() const { return series_; }
  const core::Sketch& ttft() const { return ttft_; }
  const core::Sketch& tpot() const { return tpot_; }
  const core::Sketch& e2el() const { return e2el_; }
  // The first requests to arrive, and those with the longest time to the first token; by arrival.
  std::vector<serve::Ended> first() const;
  std::vector<serve::Ended> slowest() const;

 private:
  struct Slower {
    bool operator()(const serve::Ended& a, const serve::Ended& b) const;
  };
  serve::Series series_{core::Seconds(1.0 / 64), 200};
  core::Sketch ttft_, tpot_, e2el_;
  std::vector<serve::Ended> first_;
  std::priority_queue<serve::Ended, std::vector<serve::Ended>, Slower> slowest_;
};

// What a report is made from. `document` is the run's result.
struct ServeReport {
  const ServeSetup* setup;
  const serve::Result* result;
  const ReportWatch* watch;
  std::optional<serve::Slo> slo;
  serve::SeriesScale scale;
  double deviation = 0;  // of the step table
  const Json* document = nullptr;
};

// The report in the form that web/README.md describes, as one HTML file that works offline.
void write_serve_report(const std::filesystem::path& file, const ServeReport& report, const core::Catalog& catalog);

}  // namespace wordline::cli
