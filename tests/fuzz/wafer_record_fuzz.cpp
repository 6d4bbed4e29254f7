// Any text as recorded wafers: run under a controller to finite deviations, or refused with line and column. It goes
// through a file in memory; what begins like a packed file has no lines of its own.

#include <cmath>

#include "fuzz.h"
#include "wordline/fab/control/recorded.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  const std::string text = fuzz::text_of(data, size);
  const auto whole = [&](const std::string& file) {
    const auto record = fab::read_record(file, {});
    if (!std::isfinite(record.target) || !std::isfinite(record.noise_sd) || !(record.noise_sd > 0))
      fuzz::fault("a record without target or noise", text.c_str());
    fab::Process process;
    process.sampling = 3;
    process.delay = 2;
    const auto loop = fab::settings_of(record, process);
    for (const auto& name : fab::controller_policies()) {
      const auto policy = fab::make_controller_policy(name);
      const auto values = policy->candidates(loop.noise_variance).front();
      const auto run = fab::run_loop(record.path, *policy->make(values, loop.noise_variance), loop);
      if (!std::isfinite(run.sigma)) fuzz::fault("a sigma that is none", text.c_str());
    }
  };
  fuzz::refuses_a_file_with_a_place(text, whole);
  return 0;
}
