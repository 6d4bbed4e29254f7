// Any text as a model's config.json: read, or refused with line and column. What was read must split and count.
#include "fuzz.h"
#include "wordline/model/deployment.h"
#include "wordline/model/parts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  if (size == 0) return 0;
  const int tp = 1 << (data[0] % 4);
  fuzz::refuses_with_a_place([&] {
    const core::Value document = core::parse_json(fuzz::text_of(data + 1, size - 1), "config.json");
    model::Deployment d;
    d.architecture = model::read_config(document, "fuzzed");
    const auto& a = d.architecture;
    if (model::parameters(a) < model::active_parameters(a) || model::active_parameters(a) < a.hidden)
      fuzz::fault("parameters below the active ones", a.model_type.c_str());
    d.weights = a.stated;
    d.tp = tp;
    try {
      model::check_split(d);
    } catch (const core::InputError&) {
      return;  // says the numbers: the split was asked for by no file
    }
    if (!(model::memory_of(d, 16, 1).weights.value() * tp >= 0)) fuzz::fault("weights below nothing", a.name.c_str());
    if (model::ops(d, {2, 100, {{3, 5}}}).empty()) fuzz::fault("a step without ops", a.name.c_str());
  });
  return 0;
}
