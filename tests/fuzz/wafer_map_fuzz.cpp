// Any bytes as wafer maps: read, counted and written back the same, or refused; CSV with line and column.
#include "fuzz.h"
#include "wordline/fab/windows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wordline;
  const auto text = fuzz::text_of(data, size);
  const auto read = [&] {
    const auto maps = fab::parse_wafer_maps(text, "fuzzed");
    for (const auto& map : maps) {
      if (map.dies.size() != static_cast<std::size_t>(map.width) * static_cast<std::size_t>(map.height))
        fuzz::fault("a grid that is not full", text.c_str());
      const auto dies = map.count(fab::DieResult::good) + map.count(fab::DieResult::bad);
      if (fab::count_windows({map}, 1).total() != dies)
        fuzz::fault("windows of one die are not the dies", text.c_str());
    }
    return maps;
  };
  if (text.starts_with("WMAP1\n")) {
    try {
      read();
    } catch (const core::InputError&) {
    }
    return 0;
  }
  fuzz::refuses_with_a_place([&] {
    const auto csv = fab::to_csv(read());
    if (fab::to_csv(fab::parse_wafer_maps(csv, "again")) != csv)
      fuzz::fault("maps that are not the same when written and read", csv.c_str());
  });
  return 0;
}
