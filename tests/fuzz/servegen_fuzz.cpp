// Any bytes as a tar archive with a ServeGen pool in it, and any texts as its two files: drawn from, or refused.

#include "fuzz.h"
#include "wordline/core/tar.h"
#include "wordline/serve/workload/servegen.h"

namespace {

using namespace wordline;

// A header with the right sum, and the text after it.
std::string entry(const std::string& path, const std::string& text) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& field) { header.replace(at, field.size(), field); };
  const auto octal = [](std::size_t value) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%07zo", value);
    return std::string(digits);
  };
  put(0, path);
  put(124, octal(text.size()));
  put(148, "        ");
  header[156] = '0';
  put(257, "ustar");
  std::size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum));
  return header + text + std::string((512 - text.size() % 512) % 512, '\0');
}

void read(const std::string& archive) {
  try {
    const auto pool = std::make_shared<const serve::ServegenPool>(serve::read_servegen({fuzz::in_memory(archive)}));
    const auto source = serve::source_of(pool, {}, 1);
    double before = 0;
    for (int i = 0; i < 100; ++i) {
      const auto request = source->next();
      if (!request) break;
      if (request->arrival.value() < before || request->prompt_tokens < 1 || request->output_tokens < 1)
        fuzz::fault("a request that cannot be", archive.c_str());
      before = request->arrival.value();
    }
  } catch (const core::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  if (size > 0 && data[0] == 0) {  // the archive itself
    read(text.substr(1));
    return 0;
  }
  const auto half = text.find('\0');  // the traces before it, the lengths after
  if (half == std::string::npos) return 0;
  read(entry("chunk-0-trace.csv", text.substr(0, half)) + entry("chunk-0-dataset.json", text.substr(half + 1)) +
       std::string(1024, '\0'));
  return 0;
}
