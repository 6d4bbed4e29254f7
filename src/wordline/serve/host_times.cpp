#include "wordline/serve/host_times.h"

namespace wordline::serve {

HostTimes load_host(const core::Catalog& catalog, const std::string& name) {
  const auto reader = catalog.read("hosts", name);
  const auto time = [&](const char* key) { return to_ticks(reader.quantity<core::Seconds>(key)); };
  reader.text_or("title", "");
  HostTimes host;
  host.front = time("front");
  host.front_token = time("front_token");
  host.request = time("request");
  host.step = time("step");
  host.step_sequence = time("step_sequence");
  host.least_step = time("least_step");
  host.least_step_sequence = time("least_step_sequence");
  host.answer = time("answer");
  host.answer_sequence = time("answer_sequence");
  reader.finish();
  return host;
}

}  // namespace wordline::serve
