// A mixture-of-experts block on a GPU: rows sorted by expert and gathered, a grouped product, the gate, a grouped
// product back, and the weighted sum; each a kernel or more of its own.
#include <algorithm>

#include "wordline/chip/expert_loads.h"
#include "wordline/chip/gpu.h"

namespace wordline::chip {

Timing time_experts(const Gpu& gpu, const Experts& w, MemoryPath& memory, Residency) {
  const auto tokens = static_cast<double>(w.tokens), hidden = static_cast<double>(w.hidden);
  const auto width = static_cast<double>(w.width);
  std::vector<Rows> groups;
  double rows = 0, used = 0;
  for (const auto& load : expert_loads(w)) {
    groups.push_back({load.rows, load.experts});
    rows += load.rows * load.experts;
    used += load.experts;
  }

  const double weight = bytes_of(w.weights).value(), operand = bytes_of(w.operands).value(), wide = 2;
  const double up_weights = used * 2 * width * hidden * weight, down_weights = used * width * hidden * weight;
  Timing out;
  const auto product = [&](double n, double k, double weights, double read, double written) {
    const double absent_in = 1 - gpu.resident(read, Residency::warm);
    const double absent_out = 1 - gpu.resident(written, Residency::warm);
    const double dram = gpu.dram(memory, weights + read * absent_in, written * absent_out);
    const Tiled t = tiled(gpu, groups, {n, k, weight, operand, w.operands, true}, dram);
    out.read += weights + read * absent_in;
    out.written += written * absent_out;
    out.dram += dram;
    out.tensor += t.tensor;
    out.l2 += t.l2;
    return t.time + 2 * gpu.edge();
  };
  const auto move = [&](double read, double written) {
    const double absent = 1 - gpu.resident(read + written, Residency::warm);
    out.read += read * absent;
    out.written += written * absent;
    const double dram = gpu.dram(memory, read * absent, written * absent), l2 = (read + written) / gpu.l2_rate;
    out.dram += dram;
    out.l2 += l2;
    return std::max(dram, l2);
  };
  double body = move(rows * hidden * wide, rows * hidden * operand);
  body += product(2 * width, hidden, up_weights, rows * hidden * operand, rows * 2 * width * wide);
  body += move(rows * 2 * width * wide, rows * width * operand);
  body += product(hidden, width, down_weights, rows * width * operand, rows * hidden * wide);
  body += move(rows * hidden * wide, tokens * hidden * wide);
  out.launch = gpu.launch * gpu.library.experts_launches;
  out.time = out.launch + body;
  return out;
}

}  // namespace wordline::chip
