// Any text as an access trace: read, or refused with line and column. It goes through a file in memory, as users'
// traces go through files; what begins like a packed file has no lines of its own.

#include "fuzz.h"
#include "wordline/memory/access_trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  const std::string text = fuzz::text_of(data, size);
  constexpr std::uint64_t blocks = 3 << 20;
  const auto read = [&](const std::string& file) {
    memory::Pattern pattern;
    pattern.kind = "trace";
    pattern.accesses = 0;
    pattern.trace = file;
    const auto source = memory::make_source(pattern, blocks);
    memory::BlockAccess into[64];
    while (const std::size_t count = source->next(into, 64))
      for (std::size_t i = 0; i < count; ++i)
        if (into[i].block >= blocks) fuzz::fault("a block beyond the memory", text.c_str());
  };
  fuzz::refuses_a_file_with_a_place(text, read);
  return 0;
}
