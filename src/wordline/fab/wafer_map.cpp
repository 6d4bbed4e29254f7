#include "wordline/fab/wafer_map.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "wordline/core/csv.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::fab {

namespace {

constexpr std::string_view magic = "WMAP1\n";
constexpr int widest = 4096;  // dies along one side of a map

// Little-endian numbers out of a text, whose end is an error.
class Bytes {
 public:
  Bytes(std::string_view text, const std::string& name) : text_(text), name_(name) {}
  std::uint32_t number(int bytes, const char* what) {
    const auto view = take(static_cast<std::size_t>(bytes), what);
    std::uint32_t out = 0;
    for (int i = 0; i < bytes; ++i)
      out |= static_cast<std::uint32_t>(static_cast<unsigned char>(view[static_cast<std::size_t>(i)])) << (8 * i);
    return out;
  }
  std::string_view take(std::size_t bytes, const char* what) {
    if (text_.size() - at_ < bytes)
      fail(fmt::format("{} bytes left", text_.size() - at_), fmt::format("{} bytes of {}", bytes, what));
    at_ += bytes;
    return text_.substr(at_ - bytes, bytes);
  }
  std::size_t at() const { return at_; }
  bool done() const { return at_ == text_.size(); }
  [[noreturn]] void fail(const std::string& found, const std::string& wanted) const { fail(at_, found, wanted); }
  [[noreturn]] void fail(std::size_t at, const std::string& found, const std::string& wanted) const {
    throw core::InputError(fmt::format("{}: byte {}: found {}; wanted {}", name_, at, found, wanted));
  }

 private:
  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
};

WaferMap one_map(Bytes& bytes, const std::vector<std::string>& labels) {
  WaferMap map;
  map.lot = fmt::format("{}", bytes.number(4, "a lot"));
  map.wafer = fmt::format("{}", bytes.number(2, "a wafer"));
  const auto label = bytes.number(1, "a label");
  if (label >= labels.size())
    bytes.fail(bytes.at() - 1, fmt::format("the label {}", label), fmt::format("one of {}", labels.size()));
  map.label = labels[label];
  for (int* side : {&map.height, &map.width}) {
    *side = static_cast<int>(bytes.number(2, "a side"));
    if (*side < 1 || *side > widest)
      bytes.fail(bytes.at() - 2, fmt::format("a side of {} dies", *side), fmt::format("1 to {}", widest));
  }
  const auto begin = bytes.at();
  const auto dies = bytes.take(static_cast<std::size_t>(map.height) * static_cast<std::size_t>(map.width), "dies");
  map.dies.reserve(dies.size());
  for (const char die : dies) {
    if (die < 0 || die > 2)
      bytes.fail(begin + map.dies.size(), fmt::format("the result {}", static_cast<unsigned char>(die)), "0, 1 or 2");
    map.dies.push_back(static_cast<DieResult>(die));
  }
  return map;
}

std::vector<WaferMap> parse_binary(std::string_view text, const std::string& name) {
  Bytes bytes(text, name);
  bytes.take(magic.size(), "the form");
  const auto count = bytes.number(4, "the number of maps"), label_count = bytes.number(4, "the number of labels");
  if (label_count > 256) bytes.fail(bytes.at() - 4, fmt::format("{} labels", label_count), "at most 256");
  std::vector<std::string> labels;
  for (std::uint32_t i = 0; i < label_count; ++i)
    labels.emplace_back(bytes.take(bytes.number(1, "a length"), "a label"));
  std::vector<WaferMap> maps;  // grows as the bytes come: `count` may be any number
  for (std::uint32_t i = 0; i < count; ++i) maps.push_back(one_map(bytes, labels));
  if (!bytes.done()) bytes.fail("more bytes", fmt::format("the end after {} maps", count));
  return maps;
}

// One die as a row of the CSV names it.
struct NamedDie {
  std::int64_t x, y;
  DieResult result;
  std::size_t row;
};

struct Columns {
  explicit Columns(const core::Csv& csv)
      : wafer(csv.column("wafer")), x(csv.column("x")), y(csv.column("y")), result(csv.column("result")) {
    for (std::size_t i = 0; i < csv.header().size(); ++i) {
      if (csv.header()[i] == "lot") lot = i;
      if (csv.header()[i] == "label") label = i;
    }
  }
  std::size_t wafer, x, y, result;
  std::optional<std::size_t> lot, label;
};

DieResult result_of(const core::Csv& csv, std::size_t row, std::size_t column) {
  const auto said = csv.text(row, column);
  if (said == "good") return DieResult::good;
  if (said == "bad") return DieResult::bad;
  throw core::InputError(csv.where(row, column), fmt::format("\"{}\"", said), "\"good\" or \"bad\"",
                         core::nearest_name(said, {"good", "bad"}));
}

// Lays a wafer's dies out on the smallest grid that holds them.
void place(WaferMap& map, const std::vector<NamedDie>& dies, const core::Csv& csv, const Columns& columns) {
  const auto [left, right] =
      std::minmax_element(dies.begin(), dies.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  const auto [low, high] =
      std::minmax_element(dies.begin(), dies.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  const auto width = right->x - left->x + 1, height = high->y - low->y + 1;
  if (width > widest || height > widest || width * height > 10000 + 1000 * static_cast<std::int64_t>(dies.size()))
    throw core::InputError(csv.where(width > height ? right->row : high->row, width > height ? columns.x : columns.y),
                           fmt::format("a grid of {} x {} for the {} dies of its wafer", width, height, dies.size()),
                           fmt::format("at most {} a side, and a die in 1,000 places", widest));
  map.width = static_cast<int>(width);
  map.height = static_cast<int>(height);
  map.dies.assign(static_cast<std::size_t>(width * height), DieResult::none);
  for (const auto& die : dies) {
    auto& at = map.dies[static_cast<std::size_t>((die.y - low->y) * width + die.x - left->x)];
    if (at != DieResult::none)
      throw core::InputError(csv.where(die.row, columns.x), fmt::format("a second die at x {}, y {}", die.x, die.y),
                             "one a place");
    at = die.result;
  }
}

std::vector<WaferMap> parse_csv(std::string text, const std::string& name) {
  const auto csv = core::Csv::parse(std::move(text), name);
  const Columns columns(csv);
  const auto optional = [&](std::size_t row, const std::optional<std::size_t>& column) {
    return column ? csv.text(row, *column) : std::string_view();
  };
  std::vector<std::vector<NamedDie>> dies;
  std::vector<WaferMap> maps;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> known;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto lot = optional(row, columns.lot), wafer = csv.text(row, columns.wafer),
               label = optional(row, columns.label);
    const auto [at, is_new] = known.emplace(std::pair(lot, wafer), maps.size());
    if (is_new) {
      dies.emplace_back();
      maps.push_back({std::string(lot), std::string(wafer), std::string(label), 0, 0, {}});
    } else if (maps[at->second].label != label) {
      throw core::InputError(csv.where(row, *columns.label), fmt::format("the label \"{}\"", label),
                             fmt::format("\"{}\", as in the wafer's first row", maps[at->second].label));
    }
    dies[at->second].push_back({csv.integer(row, columns.x, -1000000, 1000000),
                                csv.integer(row, columns.y, -1000000, 1000000), result_of(csv, row, columns.result),
                                row});
  }
  for (std::size_t i = 0; i < maps.size(); ++i) place(maps[i], dies[i], csv, columns);
  return maps;
}

}  // namespace

std::int64_t WaferMap::count(DieResult result) const { return std::count(dies.begin(), dies.end(), result); }

double WaferMap::yield() const {
  const auto good = count(DieResult::good), all = good + count(DieResult::bad);
  return all > 0 ? static_cast<double>(good) / static_cast<double>(all) : 0;
}

std::vector<WaferMap> parse_wafer_maps(std::string text, const std::string& name) {
  return text.starts_with(magic) ? parse_binary(text, name) : parse_csv(std::move(text), name);
}

std::vector<WaferMap> read_wafer_maps(const std::filesystem::path& file) {
  return parse_wafer_maps(core::read_text(file), file.string());
}

std::string to_csv(const std::vector<WaferMap>& maps) {
  std::string text = "lot,wafer,label,x,y,result\n";
  for (const auto& map : maps)
    for (int y = 0; y < map.height; ++y)
      for (int x = 0; x < map.width; ++x)
        if (map.at(x, y) != DieResult::none)
          text += fmt::format("{},{},{},{},{},{}\n", core::csv_field(map.lot), core::csv_field(map.wafer),
                              core::csv_field(map.label), x, y, map.at(x, y) == DieResult::good ? "good" : "bad");
  return text;
}

}  // namespace wordline::fab
