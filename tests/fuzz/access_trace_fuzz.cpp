// Any text as an access trace: read, or refused with line and column. It goes through a file in memory, as users'
// traces go through files; what begins like a packed file has no lines of its own.
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "wordline/memory/access_trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  const std::string text = fuzz::text_of(data, size);
  static const int file = memfd_create("trace", 0);
  if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    fuzz::fault("no file in memory", "memfd_create");
  constexpr std::uint64_t blocks = 3 << 20;
  const auto read = [&] {
    memory::Pattern pattern;
    pattern.kind = "trace";
    pattern.accesses = 0;
    pattern.trace = "/proc/self/fd/" + std::to_string(file);
    const auto source = memory::make_source(pattern, blocks);
    memory::BlockAccess into[64];
    while (const std::size_t count = source->next(into, 64))
      for (std::size_t i = 0; i < count; ++i)
        if (into[i].block >= blocks) fuzz::fault("a block beyond the memory", text.c_str());
  };
  if (text.starts_with("\x1f\x8b") || text.starts_with("\x28\xb5\x2f\xfd")) {
    try {
      read();
    } catch (const core::InputError&) {
    }
  } else {
    fuzz::refuses_with_a_place(read);
  }
  return 0;
}
