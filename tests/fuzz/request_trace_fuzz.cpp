// Any text as a recorded workload: read, described and written back the same, or refused with line and column.
#include <fmt/format.h>

#include "fuzz.h"
#include "wordline/serve/trace.h"
#include "wordline/serve/workload/reuse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  if (size == 0) return 0;
  serve::TraceOptions options;
  options.characters_per_token = data[0] % 5;
  fuzz::refuses_with_a_place([&] {
    const auto read = serve::parse_recorded(fuzz::text_of(data + 1, size - 1), "fuzzed", options);
    std::string again = "arrival_s,prompt_tokens,output_tokens\n";
    serve::ReuseMeter reuse(16);
    core::Seconds before{0};
    for (const auto& request : read.workload.requests) {
      if (request.arrival < before || request.prompt_tokens < 1 || request.output_tokens < 1)
        fuzz::fault("a request that cannot be", read.form.c_str());
      before = request.arrival;
      if (request.content) {
        std::int64_t tokens = 0;
        for (const auto& piece : *request.content) tokens += piece.tokens;
        if (tokens < request.prompt_tokens) fuzz::fault("content shorter than its prompt", read.form.c_str());
      }
      if (request.prompt_tokens < 100'000) reuse.add(request);
      again += fmt::format("{},{},{}\n", request.arrival.value(), request.prompt_tokens, request.output_tokens);
    }
    if (serve::parse_recorded(again, "again").workload.requests.size() != read.workload.requests.size())
      fuzz::fault("a workload that is not the same when written and read", again.c_str());
  });
  return 0;
}
