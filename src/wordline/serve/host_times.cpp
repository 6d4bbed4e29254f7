#include "wordline/serve/host_times.h"

#include <utility>

namespace wordline::serve {

HostTimes host_of(HostTimes host, int chips, bool fresh) {
  host.cold_blocks = chips == 1;  // vLLM's UniProcExecutor launches kernels in the process that plans
  host.cold = !fresh ? std::array<Ticks, 2>{} : host.cold_blocks ? host.cold_one : host.cold_several;
  return host;
}

HostTimes load_host(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const auto reader = catalog.read("hosts", name, asked_at);
  const auto time = [](const core::Reader& at, const char* key) { return to_ticks(at.quantity<core::Seconds>(key)); };
  reader.text_or("title", "");
  HostTimes host;
  host.front = time(reader, "front");
  host.front_token = time(reader, "front_token");
  host.request = time(reader, "request");
  host.step = time(reader, "step");
  host.step_sequence = time(reader, "step_sequence");
  host.least_step = time(reader, "least_step");
  host.least_step_sequence = time(reader, "least_step_sequence");
  host.answer = time(reader, "answer");
  host.answer_sequence = time(reader, "answer_sequence");
  if (reader.has("cold")) {
    const auto cold = reader.table("cold");
    for (const auto& [key, to] : {std::pair{"one", &host.cold_one}, std::pair{"several", &host.cold_several}}) {
      const auto table = cold.table(key);
      *to = {time(table, "first"), time(table, "second")};
      table.finish();
    }
    cold.finish();
  }
  reader.finish();
  return host;
}

}  // namespace wordline::serve
