// A chip of which only the peaks are known (Williams, Waterman, Patterson, "Roofline", CACM 2009), over the simulated
// bandwidth of its memory: launch + max(operations / peak under load, sum over access patterns of bytes / bandwidth).
#include <algorithm>

#include "wordline/chip/engine.h"

namespace wordline::chip::policy {

namespace {

class Roofline : public Engine {
 public:
  explicit Roofline(const Chip& chip) : chip_(chip) {}

  Timing time(const Kernel& kernel, MemoryPath& memory, Residency) const override {
    const Counts counts = counts_of(kernel);
    Timing out;
    out.launch = chip_.launch.value();
    out.tensor = (counts.matrix / chip_.rate(operands_of(kernel)).sustained()).value();
    out.vector = chip_.vector.value() > 0 ? (counts.vector / chip_.vector).value() : 0;
    out.read = (counts.read + counts.weights).value();
    out.written = counts.written.value();
    out.paged = counts.paged.value();
    out.page = page_of(kernel);
    out.dram = memory.seconds(out.read, out.written, out.paged, out.page);
    out.time = out.launch + std::max({out.tensor, out.vector, out.dram});
    return out;
  }

 private:
  Chip chip_;
};

std::unique_ptr<const Engine> make(const Chip& chip) { return std::make_unique<Roofline>(chip); }

}  // namespace

extern const EngineKind roofline;
const EngineKind roofline{"roofline", {}, {}, make};

}  // namespace wordline::chip::policy
