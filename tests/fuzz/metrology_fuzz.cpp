// Any text as wafers for virtual metrology: predictions are numbers, or the line is refused with its place and the
// state stays; halfway the state is saved and another goes on from it, alike. An odd first byte: changes to a state
// instead.

#include <cmath>

#include "fuzz.h"
#include "wordline/core/catalog.h"
#include "wordline/fab/metrology/metrology.h"

namespace {

using namespace wordline;

std::shared_ptr<const fab::Bank> bank() {
  static const auto one = [] {
    auto catalog = core::Catalog::open({WORDLINE_CATALOG_DIR});
    core::Value document = catalog.load("fab/banks", "mixed");
    for (const auto* setting : {"warm_up=10", "pending=4"}) core::set_value(document, setting);
    catalog.put("fab/banks", "small", document);
    return std::make_shared<const fab::Bank>(fab::load_bank(catalog, "small"));
  }();
  return one;
}

void check(const fab::Answer& answer) {
  const auto& p = answer.prediction;
  if (p.wafer >= 0 && p.warm && !(std::isfinite(p.value) && p.low <= p.value && p.value <= p.high))
    fuzz::fault("a prediction that is none", fab::name_of(answer.event));
}

void read(const std::string& file) {
  fab::WaferReader reader(file, {});
  fab::Metrology one(bank(), reader.features(), {}), other = {bank(), reader.features(), {}};
  fab::WaferRow row;
  for (int rows = 0; rows < 60; ++rows) {
    if (rows == 15) other.restore(one.save(), "state");
    if (!reader.next(row)) return;
    check(one.take(row));
    if (rows < 15) continue;
    check(other.take(row));
    if (one.save() != other.save()) fuzz::fault("two states", "after the same wafers");
  }
}

fab::WaferRow wafer(int i, bool labelled) {
  const double x = 0.37 * i - 3;
  return {"n" + std::to_string(i), "", x, labelled ? x * x : std::nan(""), {x, 1 - x * x}, 0, {}};
}

// A state of thirty wafers, of which each three bytes change one: two say where, the third what. It is refused, or
// wafers go on after it.
void go_on(std::string_view edits) {
  static const std::string begun = [] {
    fab::Metrology metrology(bank(), {"a", "b"}, {});
    for (int i = 0; i < 30; ++i) metrology.take(wafer(i, i < 12 || i % 2 == 0));
    return metrology.save();
  }();
  std::string bytes = begun;
  for (std::size_t i = 0; i + 2 < edits.size(); i += 3) {
    const auto at =
        static_cast<std::size_t>(static_cast<unsigned char>(edits[i])) << 8 | static_cast<unsigned char>(edits[i + 1]);
    bytes[at * bytes.size() >> 16] = edits[i + 2];
  }
  fab::Metrology metrology(bank(), {"a", "b"}, {});
  metrology.restore(bytes, "state");
  for (int i = 28; i < 40; ++i) metrology.take(wafer(i, i % 2 == 0));
  metrology.save();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text = fuzz::text_of(data + 1, size - 1);
  if (data[0] % 2 == 1) {
    try {
      go_on(text);
    } catch (const core::InputError&) {
    }
    return 0;
  }
  fuzz::refuses_a_file_with_a_place(text, [](const std::string& file) { read(file); });
  return 0;
}
