// What dram.cu measures: the designed grid of points, and the CSV that says what came of them. Plain C++17 without
// CUDA, so that it is tested where there is no GPU.
#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace wordline::measure {

// What the grid depends on: streaming multiprocessors, bytes of L2, and bytes (a power of two) to spread accesses over.
struct Machine {
  int sms = 132;
  std::uint64_t l2_bytes = 50ull << 20;
  std::uint64_t footprint = 4ull << 30;
};

// One row to measure. Sizes in bytes, powers of two but for those in flight; `loads` is how many accesses each thread
// has under way at once.
struct Point {
  std::string pattern;    // sequential, strided, random; chase, loaded; launch_sync, launch_stream, launch_graph
  std::string direction;  // read, write, copy, half_reads (every other access a write); none
  std::uint64_t piece_bytes, stride;
  int ctas, threads, loads;
  std::uint64_t bytes_in_flight, footprint_bytes;
};

// What came of a point; negative where the pattern has no such figure. `spread` is the interquartile range over the
// median.
struct Measured {
  double load_gbps = -1, gbps = -1, latency_ns = -1;
  int repeats = 0;
  double spread = 0;
};

inline const char* csv_header() {
  return "device,pattern,direction,piece_bytes,stride,ctas,threads,bytes_in_flight,footprint_bytes,load_gbps,gbps,"
         "latency_ns,repeats,spread";
}

// A row without its line end. Figures that there are not (all, where `measured` is null) stay empty.
inline std::string csv_row(const std::string& device, const Point& p, const Measured* measured) {
  char text[512];
  std::snprintf(text, sizeof text, "%s,%s,%s,%llu,%llu,%d,%d,%llu,%llu", device.c_str(), p.pattern.c_str(),
                p.direction.c_str(), static_cast<unsigned long long>(p.piece_bytes),
                static_cast<unsigned long long>(p.stride), p.ctas, p.threads,
                static_cast<unsigned long long>(p.bytes_in_flight), static_cast<unsigned long long>(p.footprint_bytes));
  std::string row = text;
  if (!measured) return row + ",,,,,";
  for (const double figure : {measured->load_gbps, measured->gbps, measured->latency_ns}) {
    std::snprintf(text, sizeof text, figure < 0 ? "," : ",%.5g", figure);
    row += text;
  }
  std::snprintf(text, sizeof text, ",%d,%.4f", measured->repeats, measured->spread);
  return row + text;
}

// The grid, in the order in which it is measured. The same machine gives the same grid.
class Grid {
 public:
  explicit Grid(const Machine& machine) : machine_(machine) {
    by_bytes_in_flight();
    by_stride();
    by_piece();
    by_footprint();
    latencies();
    launches();
  }
  const std::vector<Point>& points() const& { return points_; }
  std::vector<Point> points() && { return std::move(points_); }

 private:
  static constexpr std::uint64_t kib = 1024, mib = 1024 * kib;
  static constexpr int wide_threads = 512, wide_loads = 8;  // with two CTAs an SM: 128 KiB under way on each

  // 16-byte accesses in pieces; a piece as large as the footprint is one run from end to end.
  void moves(const char* pattern, const char* direction, std::uint64_t piece, std::uint64_t stride, int ctas,
             int threads, int loads, std::uint64_t footprint) {
    points_.push_back({pattern, direction, piece, stride, ctas, threads, loads,
                       16ull * static_cast<std::uint64_t>(ctas) * static_cast<std::uint64_t>(threads) *
                           static_cast<std::uint64_t>(loads),
                       footprint});
  }
  void run_through(const char* direction, int ctas, int threads, int loads, std::uint64_t footprint) {
    moves("sequential", direction, footprint, footprint, ctas, threads, loads, footprint);
  }

  // CTAs in powers of two below the number of SMs, then one an SM and two an SM.
  std::vector<int> cta_counts() const {
    std::vector<int> counts;
    for (int n = 1; n < machine_.sms; n *= 2) counts.push_back(n);
    counts.push_back(machine_.sms);
    counts.push_back(2 * machine_.sms);
    return counts;
  }

  void by_bytes_in_flight() {
    for (const int ctas : cta_counts())
      for (const int threads : {32, 128, 512, 1024})
        for (const int loads : {1, 2, 4, 8})
          if (ctas <= machine_.sms || threads < 1024)  // else the registers do not suffice for all at once
            run_through("read", ctas, threads, loads, machine_.footprint);
    for (const char* direction : {"write", "copy", "half_reads"})
      for (const int ctas : cta_counts())
        for (const int loads : {2, 8}) run_through(direction, ctas, wide_threads, loads, machine_.footprint);
  }

  void by_stride() {
    const int ctas = 2 * machine_.sms;
    for (std::uint64_t piece = 32; piece <= 16 * kib; piece *= 2)
      for (const unsigned times : {2, 4, 16, 64, 1024})
        moves("strided", "read", piece, piece * times, ctas, wide_threads, wide_loads, machine_.footprint);
    for (const char* direction : {"write", "copy", "half_reads"})
      for (std::uint64_t piece = 32; piece <= 16 * kib; piece *= 4)
        moves("strided", direction, piece, piece * 4, ctas, wide_threads, wide_loads, machine_.footprint);
  }

  void by_piece() {
    for (const char* direction : {"read", "write", "copy", "half_reads"})
      for (std::uint64_t piece = 32; piece <= 16 * kib; piece *= 2)
        moves("random", direction, piece, piece, 2 * machine_.sms, wide_threads, wide_loads, machine_.footprint);
    for (const std::uint64_t piece : std::initializer_list<std::uint64_t>{32, 128, 512, 4 * kib, 16 * kib})
      for (const int threads : {32, 128, 512})
        for (const int loads : {1, 4})
          moves("random", "read", piece, piece, machine_.sms, threads, loads, machine_.footprint);
  }

  // From well inside L2 to well outside.
  void by_footprint() {
    for (const char* direction : {"read", "write", "copy", "half_reads"})
      for (std::uint64_t footprint = mib; footprint < machine_.footprint; footprint *= 2)
        run_through(direction, 2 * machine_.sms, wide_threads, wide_loads, footprint);
    for (const int ctas : cta_counts())
      for (const int threads : {32, 128, 512})
        for (const int loads : {1, 4}) run_through("read", ctas, threads, loads, inside_l2());
    for (std::uint64_t piece = 32; piece <= 16 * kib; piece *= 4)
      moves("random", "read", piece, piece, 2 * machine_.sms, wide_threads, wide_loads, inside_l2());
  }

  // The largest power of two of at most a third of L2: both halves of a split L2 hold it.
  std::uint64_t inside_l2() const {
    std::uint64_t bytes = mib / 2;
    while (bytes * 2 * 3 <= machine_.l2_bytes) bytes *= 2;
    return bytes;
  }

  void latencies() {
    for (std::uint64_t footprint = 8 * kib; footprint <= machine_.footprint; footprint *= 2)
      points_.push_back({"chase", "read", 8, 128, 1, 1, 1, 8, footprint});
    // One CTA chases, the others load the memory: the fewer accesses they keep under way, the lower the load.
    for (const char* direction : {"read", "half_reads"})
      for (const std::uint64_t piece : {machine_.footprint, std::uint64_t{512}}) {
        const int all = machine_.sms - 1;
        if (all == 0) return;
        for (const int share : {16, 8, 4, 2})
          if (all / share > 0) moves("loaded", direction, piece, piece, all / share, 32, 2, machine_.footprint);
        for (const int threads : {32, 64, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024})
          moves("loaded", direction, piece, piece, all, threads, 2, machine_.footprint);
        moves("loaded", direction, piece, piece, all, 1024, 8, machine_.footprint);
      }
  }

  void launches() {
    for (const char* pattern : {"launch_sync", "launch_stream", "launch_graph"})
      for (const int ctas : {1, 2 * machine_.sms}) points_.push_back({pattern, "none", 0, 0, ctas, 128, 0, 0, 0});
  }

  Machine machine_;
  std::vector<Point> points_;
};

}  // namespace wordline::measure
