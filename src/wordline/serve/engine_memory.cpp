#include "wordline/serve/engine_memory.h"

namespace wordline::serve {

core::Bytes outside_torch_of(const core::Catalog& catalog, const std::string& policy) {
  return policy == "vllm-v1" ? load_outside_torch(catalog, "vllm-0.19") : core::Bytes(0);
}

core::Bytes load_outside_torch(const core::Catalog& catalog, const std::string& name) {
  const auto reader = catalog.read("serving", name);
  reader.text_or("title", "");
  const auto outside = reader.quantity<core::Bytes>("outside_torch");
  reader.finish();
  return outside;
}

}  // namespace wordline::serve
