// Measures a CUDA GPU's memory: bandwidth by pattern and bytes in flight, latency unloaded and under load, launches.
//
//   dram [--seconds S]      CSV to standard output, progress to standard error
//   dram --dry-run [--sms N] [--l2-mib N] [--footprint-mib N]     the same rows without figures; needs no GPU
//   dram --describe         the GPU as one JSON object
//
// Each point is run at least 3 and at most 15 times, as the seconds allow; a row is the median. Every run reads or
// writes another part of the footprint, so that L2 helps only where the footprint fits it. Exit codes: 0 done, 1 CUDA
// failed, 2 usage.
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>

#include "dram_grid.h"
#include "dram_kernels.cuh"

using namespace wordline::measure;

#define CUDA(call) must(call, #call, __LINE__)

static void must(cudaError_t error, const char* call, int line) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "dram.cu:%d: %s: %s\n", line, call, cudaGetErrorString(error));
  std::exit(1);
}

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static unsigned shift_of(std::uint64_t power_of_two) {
  unsigned shift = 0;
  while ((1ull << shift) < power_of_two) ++shift;
  return shift;
}

static int attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  CUDA(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

using Move = void (*)(char*, Layout, std::uint64_t, std::uint64_t, std::uint64_t, unsigned*);
using Loaded = void (*)(char*, Layout, std::uint64_t, const char*, unsigned, unsigned, Meeting*, unsigned*);

template <Direction d>
static Move move_of(int loads) {
  return loads == 1 ? move<d, 1> : loads == 2 ? move<d, 2> : loads == 4 ? move<d, 4> : move<d, 8>;
}

static Move move_of(const Point& p) {
  if (p.direction == "read") return move_of<Direction::read>(p.loads);
  if (p.direction == "write") return move_of<Direction::write>(p.loads);
  if (p.direction == "copy") return move_of<Direction::copy>(p.loads);
  return move_of<Direction::half_reads>(p.loads);
}

static Loaded loaded_of(const Point& p) {
  if (p.direction == "read") return p.loads == 2 ? loaded<Direction::read, 2> : loaded<Direction::read, 8>;
  return p.loads == 2 ? loaded<Direction::half_reads, 2> : loaded<Direction::half_reads, 8>;
}

class Bench {
 public:
  Bench(int device, const Machine& machine) : device_(device), machine_(machine) {
    CUDA(cudaMalloc(&buffer_, machine.footprint));
    CUDA(cudaMemset(buffer_, 1, machine.footprint));
    CUDA(cudaMalloc(&ring_, machine.footprint));
    CUDA(cudaMalloc(&sink_, 2 * sizeof(unsigned)));
    CUDA(cudaMemset(sink_, 0, 2 * sizeof(unsigned)));
    CUDA(cudaMalloc(&chased_, sizeof *chased_));
    CUDA(cudaMalloc(&meeting_, sizeof *meeting_));
    CUDA(cudaStreamCreate(&stream_));
    CUDA(cudaEventCreate(&start_));
    CUDA(cudaEventCreate(&stop_));
  }

  // Runs a point again and again: at least 3 times, at most 15, until `seconds` are over.
  Measured measure(const Point& point, double seconds) {
    const std::function<Measured()> once = prepare(point);
    const double until = now() + seconds;
    std::vector<Measured> runs;
    while (runs.size() < 3 || (runs.size() < 15 && now() < until)) runs.push_back(once());
    return median(runs);
  }

 private:
  // Whatever warms up and decides how much one run does; returns one run.
  std::function<Measured()> prepare(const Point& p) {
    if (p.pattern == "chase") return prepare_chase(p);
    if (p.pattern == "loaded") return prepare_loaded(p);
    if (p.pattern.rfind("launch", 0) == 0) return prepare_launch(p);
    return prepare_move(p);
  }

  static Layout layout_of(const Point& p, std::uint64_t footprint) {
    return {shift_of(std::min(p.piece_bytes, footprint)), shift_of(std::min(p.stride, footprint)), shift_of(footprint),
            p.piece_bytes == p.stride && p.piece_bytes < p.footprint_bytes};
  }

  // Seconds on the GPU's clock that `work` takes in the stream.
  template <typename Work>
  double timed(const Work& work) {
    CUDA(cudaEventRecord(start_, stream_));
    work();
    CUDA(cudaEventRecord(stop_, stream_));
    CUDA(cudaEventSynchronize(stop_));
    CUDA(cudaGetLastError());
    float milliseconds = 0;
    CUDA(cudaEventElapsedTime(&milliseconds, start_, stop_));
    return milliseconds * 1e-3;
  }

  // What the kernels before it in the stream left on the GPU.
  template <typename T>
  T fetched(const T* from) {
    T value;
    CUDA(cudaMemcpyAsync(&value, from, sizeof value, cudaMemcpyDeviceToHost, stream_));
    CUDA(cudaStreamSynchronize(stream_));
    return value;
  }

  std::function<Measured()> prepare_move(const Point& p) {
    const bool copies = p.direction == "copy";
    const std::uint64_t footprint = copies ? p.footprint_bytes / 2 : p.footprint_bytes;
    const Layout layout = layout_of(p, footprint);
    const std::uint64_t batch = p.bytes_in_flight / 16;  // accesses of all threads
    const Move kernel = move_of(p);
    std::uint64_t first = 0;
    const auto run = [=](std::uint64_t start, std::uint64_t count) {
      return timed([&] {
        kernel<<<p.ctas, p.threads, 0, stream_>>>(buffer_, layout, start, count, copies ? footprint : 0, sink_);
      });
    };
    // Two milliseconds a run, so that a launch is lost in it. All of the memory is gone through at most once a run; a
    // smaller footprint again and again.
    run(0, batch);
    const std::uint64_t pilot = batch * 64;
    double batches = 2e-3 / (run(batch, pilot) / 64);
    if (p.footprint_bytes == machine_.footprint)
      batches = std::min(batches, static_cast<double>(footprint / 16) / static_cast<double>(batch));
    const std::uint64_t count = batch * std::max<std::uint64_t>(1, static_cast<std::uint64_t>(batches));
    first = pilot + batch;
    if (p.footprint_bytes != machine_.footprint) run(0, (footprint / 16 / batch + 1) * batch);  // warm
    return [=]() mutable {
      const double seconds = run(first, count);
      first += count;
      Measured measured;
      measured.gbps = static_cast<double>(count) * 16 * (copies ? 2 : 1) / seconds / 1e9;
      return measured;
    };
  }

  // Reads at least the first `bytes` of a buffer, whose size `shift` tells.
  void read_through(char* buffer, unsigned shift, std::uint64_t bytes) {
    const int ctas = 2 * machine_.sms, threads = 512;
    const std::uint64_t batch = 8ull * static_cast<unsigned>(ctas * threads);
    move<Direction::read, 8><<<ctas, threads, 0, stream_>>>(buffer, Layout{shift, shift, shift, false}, 0,
                                                            (bytes / 16 / batch + 1) * batch, 0, sink_);
    CUDA(cudaGetLastError());
  }

  // Afterwards L2 holds nothing of the ring, and nothing dirty.
  void flush() { read_through(buffer_, shift_of(machine_.footprint), 8 * machine_.l2_bytes); }

  void write_ring_of(std::uint64_t footprint) {
    if (ring_footprint_ != footprint)
      write_ring<<<4 * machine_.sms, 256, 0, stream_>>>(ring_, Ring{shift_of(footprint)});
    CUDA(cudaGetLastError());
    ring_footprint_ = footprint;
  }

  static constexpr unsigned unmeasured_steps = 2048;

  std::function<Measured()> prepare_chase(const Point& p) {
    write_ring_of(p.footprint_bytes);
    const Ring ring{shift_of(p.footprint_bytes)};
    // A ring that could stay in L2 is read whole first; of a larger one every run sees a part that none saw before.
    const bool may_stay = p.footprint_bytes <= 2 * machine_.l2_bytes;
    const unsigned steps = may_stay ? 32768 : 8192;
    if (may_stay) read_through(ring_, ring.footprint_shift, 2 * p.footprint_bytes);
    std::uint64_t visited = 0;
    return [=]() mutable {
      if (!may_stay) flush();
      chase<<<1, 1, 0, stream_>>>(ring_ + ring.byte_of(visited), unmeasured_steps, steps, chased_);
      CUDA(cudaGetLastError());
      visited += unmeasured_steps + steps;
      Measured measured;
      measured.latency_ns = static_cast<double>(fetched(chased_).ns) / steps;
      return measured;
    };
  }

  std::function<Measured()> prepare_loaded(const Point& p) {
    const std::uint64_t ring_bytes = std::min<std::uint64_t>(machine_.footprint, 256ull << 20);
    write_ring_of(ring_bytes);
    const Ring ring{shift_of(ring_bytes)};
    const Layout layout = layout_of(p, p.footprint_bytes);
    const Loaded kernel = loaded_of(p);
    const int shared = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device_);  // one CTA an SM
    CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared));
    std::uint64_t visited = 0;
    return [=]() mutable {
      constexpr unsigned steps = 4096;
      flush();
      CUDA(cudaMemsetAsync(meeting_, 0, sizeof *meeting_, stream_));
      char* buffer = buffer_;
      Layout places = layout;
      std::uint64_t first = visited * 4096;  // another part of the footprint in each run
      const char* cell = ring_ + ring.byte_of(visited);
      unsigned unmeasured = unmeasured_steps, measured_steps = steps;
      void* arguments[] = {&buffer, &places, &first, &cell, &unmeasured, &measured_steps, &meeting_, &sink_};
      CUDA(cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(kernel), dim3(p.ctas + 1), dim3(p.threads),
                                       arguments, shared, stream_));
      visited += unmeasured + steps;
      const Meeting over = fetched(meeting_);
      const auto ns = static_cast<double>(over.chased.ns);
      Measured measured;
      measured.latency_ns = ns / steps;
      measured.load_gbps = static_cast<double>(over.batches_of_warps) * 32 * 16 * p.loads / ns;
      return measured;
    };
  }

  std::function<Measured()> prepare_launch(const Point& p) {
    constexpr int kernels = 1000;
    const auto launch_all = [=] {
      for (int i = 0; i < kernels; ++i) empty_kernel<<<p.ctas, p.threads, 0, stream_>>>();
    };
    std::function<double()> seconds;  // for all kernels
    if (p.pattern == "launch_stream") seconds = [=] { return timed(launch_all); };
    if (p.pattern == "launch_sync")
      seconds = [=] {  // each is waited for: what the host sees
        const double start = now();
        for (int i = 0; i < kernels; ++i) {
          empty_kernel<<<p.ctas, p.threads, 0, stream_>>>();
          CUDA(cudaStreamSynchronize(stream_));
        }
        return now() - start;
      };
    if (p.pattern == "launch_graph") {
      cudaGraph_t graph;
      cudaGraphExec_t ready;
      CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
      launch_all();
      CUDA(cudaStreamEndCapture(stream_, &graph));
      CUDA(cudaGraphInstantiate(&ready, graph, 0));
      seconds = [=] { return timed([&] { CUDA(cudaGraphLaunch(ready, stream_)); }); };
    }
    seconds();
    return [=] {
      Measured measured;
      measured.latency_ns = seconds() * 1e9 / kernels;
      return measured;
    };
  }

  static double quantile(std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    const double place = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
  }

  static Measured median(const std::vector<Measured>& runs) {
    Measured result;
    result.repeats = static_cast<int>(runs.size());
    for (const auto figure : {&Measured::load_gbps, &Measured::gbps, &Measured::latency_ns}) {
      std::vector<double> values;
      for (const Measured& run : runs) values.push_back(run.*figure);
      const double middle = quantile(values, 0.5);
      result.*figure = middle;
      if (middle > 0) result.spread = std::max(result.spread, (quantile(values, .75) - quantile(values, .25)) / middle);
    }
    return result;
  }

  int device_;
  Machine machine_;
  char *buffer_ = nullptr, *ring_ = nullptr;
  std::uint64_t ring_footprint_ = 0;
  unsigned* sink_ = nullptr;
  Chased* chased_ = nullptr;
  Meeting* meeting_ = nullptr;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

// Sizes of the GPU, and a footprint of a quarter of what is free, at most 4 GiB.
static Machine machine_of(int device) {
  Machine machine;
  machine.sms = attribute(cudaDevAttrMultiProcessorCount, device);
  machine.l2_bytes = static_cast<std::uint64_t>(attribute(cudaDevAttrL2CacheSize, device));
  std::size_t free_bytes = 0, all_bytes = 0;
  CUDA(cudaMemGetInfo(&free_bytes, &all_bytes));
  while (machine.footprint > free_bytes / 4) machine.footprint /= 2;
  return machine;
}

static std::string name_of(int device) {
  cudaDeviceProp properties;
  CUDA(cudaGetDeviceProperties(&properties, device));
  std::string name = properties.name;
  std::replace(name.begin(), name.end(), ',', ' ');
  return name;
}

static void describe(int device) {
  const Machine machine = machine_of(device);
  int driver = 0, runtime = 0;
  std::size_t fetch = 0, free_bytes = 0, all_bytes = 0;
  CUDA(cudaDriverGetVersion(&driver));
  CUDA(cudaRuntimeGetVersion(&runtime));
  CUDA(cudaDeviceGetLimit(&fetch, cudaLimitMaxL2FetchGranularity));
  CUDA(cudaMemGetInfo(&free_bytes, &all_bytes));
  std::printf(
      "{\"name\": \"%s\", \"compute_capability\": \"%d.%d\", \"sms\": %d, \"l2_bytes\": %llu, "
      "\"memory_bytes\": %llu, \"memory_bus_bits\": %d, \"memory_clock_khz\": %d, \"sm_clock_khz\": %d, "
      "\"l2_fetch_granularity_bytes\": %llu, \"footprint_bytes\": %llu, \"cuda_driver\": %d, \"cuda_runtime\": %d}\n",
      name_of(device).c_str(), attribute(cudaDevAttrComputeCapabilityMajor, device),
      attribute(cudaDevAttrComputeCapabilityMinor, device), machine.sms,
      static_cast<unsigned long long>(machine.l2_bytes), static_cast<unsigned long long>(all_bytes),
      attribute(cudaDevAttrGlobalMemoryBusWidth, device), attribute(cudaDevAttrMemoryClockRate, device),
      attribute(cudaDevAttrClockRate, device), static_cast<unsigned long long>(fetch),
      static_cast<unsigned long long>(machine.footprint), driver, runtime);
}

static void measure_all(int device, double seconds) {
  const Machine machine = machine_of(device);
  const std::string name = name_of(device);
  Bench bench(device, machine);
  const Grid grid(machine);
  const std::size_t all = grid.points().size();
  const double until = now() + seconds;
  for (std::size_t i = 0; i < all; ++i) {
    const Point& point = grid.points()[i];
    if (i % 50 == 0)
      std::fprintf(stderr, "dram: %zu of %zu, %s %s\n", i, all, point.pattern.c_str(), point.direction.c_str());
    // What is left of the time, shared by the points that are left; half of it for the preparation.
    const double share = std::max(0.0, until - now()) / static_cast<double>(all - i) / 2;
    const Measured measured = bench.measure(point, share);
    std::printf("%s\n", csv_row(name, point, &measured).c_str());
  }
}

static int usage(const char* found) {
  std::fprintf(stderr,
               "dram: found %s; wanted [--seconds S] [--describe], or --dry-run [--sms N] "
               "[--l2-mib N] [--footprint-mib N], every S and N a whole number above 0\n",
               found);
  return 2;
}

int main(int count, char** words) {
  std::map<std::string, long> numbers{{"--seconds", 90}, {"--sms", 132}, {"--l2-mib", 50}, {"--footprint-mib", 4096}};
  bool dry = false, only_describe = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--dry-run") {
      dry = true;
    } else if (word == "--describe") {
      only_describe = true;
    } else if (numbers.count(word) == 1 && i + 1 < count) {
      char* end = nullptr;
      numbers[word] = std::strtol(words[++i], &end, 10);
      if (*end != 0 || end == words[i] || numbers[word] < 1) return usage(words[i]);
    } else {
      return usage(words[i]);
    }
  }
  const auto footprint = static_cast<std::uint64_t>(numbers["--footprint-mib"]);
  if ((footprint & (footprint - 1)) != 0) return usage("a footprint that is no power of two");
  if (dry) {
    const Machine machine{static_cast<int>(numbers["--sms"]), static_cast<std::uint64_t>(numbers["--l2-mib"]) << 20,
                          footprint << 20};
    std::printf("%s\n", csv_header());
    const Grid grid(machine);
    for (const Point& point : grid.points()) std::printf("%s\n", csv_row("dry run", point, nullptr).c_str());
    return 0;
  }
  constexpr int device = 0;
  CUDA(cudaSetDevice(device));
  if (only_describe) {
    describe(device);
    return 0;
  }
  std::printf("%s\n", csv_header());
  measure_all(device, static_cast<double>(numbers["--seconds"]));
  return std::fflush(stdout) == 0 ? 0 : 1;
}
