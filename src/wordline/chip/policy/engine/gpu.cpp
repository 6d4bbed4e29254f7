// GPUs: see gpu.h for the machine, gpu_gemm.cpp, gpu_experts.cpp and gpu_attention.cpp for what their kernels do.
#include "wordline/chip/gpu.h"

namespace wordline::chip::policy {

namespace {

class GpuEngine : public Engine {
 public:
  explicit GpuEngine(const Chip& chip) : gpu_(chip) {}

  Timing time(const Kernel& kernel, MemoryPath& memory, Residency residency) const override {
    return std::visit([&](const auto& w) { return of(w, memory, residency); }, kernel.work);
  }

 private:
  Timing of(const Movement& w, MemoryPath& m, Residency r) const { return time_movement(gpu_, w, m, r); }
  Timing of(const Gemm& w, MemoryPath& m, Residency r) const { return time_gemm(gpu_, w, m, r); }
  Timing of(const Experts& w, MemoryPath& m, Residency r) const { return time_experts(gpu_, w, m, r); }
  Timing of(const PrefillAttention& w, MemoryPath& m, Residency r) const { return time_prefill(gpu_, w, m, r); }
  Timing of(const DecodeAttention& w, MemoryPath& m, Residency r) const { return time_decode(gpu_, w, m, r); }

  Gpu gpu_;
};

std::unique_ptr<const Engine> make(const Chip& chip) { return std::make_unique<GpuEngine>(chip); }

}  // namespace

extern const EngineKind gpu;
const EngineKind gpu{"gpu",
                     {{"launch_us", 0, 100},
                      {"tile_us", 0, 100},
                      {"ramp_us", 0, 100},
                      {"dram_share", 0.01, 1},
                      {"product_share", 0.01, 1},
                      {"core_gbps", 0.01, 1000}},
                     {{"share", 0.01, 1.5},
                      {"attention_prepares", 0, 1},
                      {"attention_joint", 0, 1},
                      {"decode_launches", 1, 32},
                      {"decode_launches_narrow", 1, 32},
                      {"decode_group_least", 0, 1024},
                      {"decode_group", 0, 1024},
                      {"decode_steps", 0, 100},
                      {"decode_steps_narrow", 0, 100},
                      {"decode_tile", 0, 100},
                      {"decode_tile_narrow", 0, 100},
                      {"decode_key", 0, 100},
                      {"decode_occupancy", 1, 32},
                      {"decode_tokens", 1, 65536},
                      {"decode_split", 1, 65536},
                      {"decode_split_root", 1, 65536},
                      {"decode_waves", 0.01, 1024},
                      {"decode_merge", 0, 100},
                      {"decode_shown", 0, 1},
                      {"decode_lane", 0, 1000},
                      {"decode_lane_narrow", 0, 1000},
                      {"decode_small_blocks", 1, 10},
                      {"decode_synchronous", 0, 100000},
                      {"prefill_steps", 0, 100},
                      {"prefill_launches", 1, 32},
                      {"prefill_packed", 0, 1},
                      {"prefill_query_tile", 0, 256},
                      {"prefill_key_steps", 0, 100},
                      {"prefill_empty", 0, 100},
                      {"prefill_in_kv_format", 0, 1},
                      {"pages_in_runs", 0, 1},
                      {"experts_launches", 1, 64},
                      {"experts_launches_block", 1, 64},
                      {"experts_bench_launches", 0, 64},
                      {"experts_bench_launches_scaled", 0, 64},
                      {"experts_bench_launches_block", 0, 64},
                      {"experts_sort_tokens", 0, 65536},
                      {"experts_sort_launches", 0, 64},
                      {"experts_gathers", 0, 1},
                      {"experts_passes", 1, 10},
                      {"experts_block_passes", 1, 10},
                      {"experts_block_search", 0, 10},
                      {"experts_rows", 0, 256},
                      {"experts_columns", 0, 256},
                      {"experts_rows_few", 0, 256},
                      {"experts_columns_few", 0, 256},
                      {"experts_at_once", 1, 32},
                      {"experts_zeros", 0, 1},
                      {"experts_remote", 0, 1},
                      {"widened_launches", 1, 64},
                      {"widened_share", 0.01, 1},
                      {"widened_rows", 0, 256},
                      {"widened_columns", 0, 256},
                      {"widened_hidden", 1, 4096},
                      {"widened_width", 1, 4096},
                      {"block_share", 0.01, 1}},
                     make};

}  // namespace wordline::chip::policy
