#include "wordline/dram/energy_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <string_view>

#include "wordline/core/files.h"

namespace wordline::dram {

namespace {

using Op = EnergyOp;

struct Name {
  const char* name;
  Op op;
};

// The first name of each command is DRAMPower's; the others are the standards'. Case does not matter.
constexpr Name names[] = {{"NOP", Op::nop},
                          {"DES", Op::nop},
                          {"ACT", Op::act},
                          {"PRE", Op::pre},
                          {"PREpb", Op::pre},
                          {"PREA", Op::pre_all},
                          {"PREab", Op::pre_all},
                          {"PRESB", Op::pre_same},
                          {"RD", Op::rd},
                          {"RDA", Op::rda},
                          {"WR", Op::wr},
                          {"WRA", Op::wra},
                          {"REFA", Op::ref_all},
                          {"REFab", Op::ref_all},
                          {"REF", Op::ref_all},
                          {"REFB", Op::ref_bank},
                          {"REFpb", Op::ref_bank},
                          {"REFP2B", Op::ref_two},
                          {"REFDB", Op::ref_two},
                          {"REFSB", Op::ref_same},
                          {"PDEA", Op::power_down_act},
                          {"PDXA", Op::power_up_act},
                          {"PDEP", Op::power_down_pre},
                          {"PDXP", Op::power_up_pre},
                          {"PDE", Op::power_down},
                          {"PDX", Op::power_up},
                          {"SREFEN", Op::self_refresh},
                          {"SRE", Op::self_refresh},
                          {"SREFEX", Op::self_refresh_exit},
                          {"SRX", Op::self_refresh_exit},
                          {"DSMEN", Op::deep_sleep},
                          {"DSMEX", Op::deep_sleep_exit},
                          {"END", Op::end},
                          {"END_OF_SIMULATION", Op::end}};

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

// Which commands the standard has.
bool has(const Memspec& spec, Op op) {
  switch (op) {
    case Op::pre_same:
    case Op::ref_same:
      return spec.type == Memspec::Type::ddr5;
    case Op::ref_bank:
      return spec.low_power();
    case Op::ref_two:
      return spec.type == Memspec::Type::lpddr5 || spec.type == Memspec::Type::lpddr6;
    case Op::deep_sleep:
    case Op::deep_sleep_exit:
      return spec.type == Memspec::Type::lpddr5 || spec.type == Memspec::Type::lpddr6;
    default:
      return true;
  }
}

bool goes_to_a_bank(Op op) {
  switch (op) {
    case Op::act:
    case Op::pre:
    case Op::pre_same:
    case Op::rd:
    case Op::rda:
    case Op::wr:
    case Op::wra:
    case Op::ref_bank:
    case Op::ref_two:
    case Op::ref_same:
      return true;
    default:
      return false;
  }
}

enum Column { timestamp, command, rank, bankgroup, bank, row, column, data, dbank, columns };
constexpr const char* column_names[columns] = {"timestamp", "command", "rank", "bankgroup", "bank",
                                               "row",       "column",  "data", "dbank"};

// A field with its place.
struct Field {
  std::string_view text;
  int at = 0;  // column in the line, from 1
};

class Lines {
 public:
  Lines(const Memspec& spec, const std::string& name, BankNumbers numbers)
      : spec_(spec), file_(std::make_shared<const std::string>(name)), numbers_(numbers) {
    for (int c = 0; c < dbank; ++c) order_.push_back(c);
  }

  void take(std::string_view line) {
    ++line_;
    fields_.clear();
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    split(line);
    if (fields_.size() == 1 && fields_[0].text.empty()) return;
    if (fields_[0].text.starts_with('#')) return;
    if (out_.empty() && !headed_ &&
        std::isalpha(static_cast<unsigned char>(fields_[0].text.empty() ? '0' : fields_[0].text[0])))
      return header();
    commands();
  }

  std::vector<EnergyCommand> commands_taken() && { return std::move(out_); }

 private:
  core::Location where(const Field& field) const { return {file_, line_, field.at}; }

  void split(std::string_view line) {
    std::size_t begin = 0;
    while (true) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      std::size_t from = begin, to = end;
      while (from < to && (line[from] == ' ' || line[from] == '\t')) ++from;
      while (to > from && (line[to - 1] == ' ' || line[to - 1] == '\t')) --to;
      fields_.push_back({line.substr(from, to - from), static_cast<int>(from) + 1});
      if (end == line.size()) return;
      begin = end + 1;
    }
  }

  void header() {
    headed_ = true;
    order_.clear();
    std::vector<std::string> known(column_names, column_names + columns);
    known.insert(known.end(), {"bank_group", "tick", "clock"});
    for (const Field& field : fields_) {
      const auto found = std::find_if(known.begin(), known.end(),
                                      [&](const std::string& name) { return same_letters(name, field.text); });
      if (found == known.end())
        throw core::InputError(where(field), fmt::format("the column \"{}\"", field.text),
                               "timestamp, command, rank, bankgroup, bank, row, column, data or dbank",
                               core::nearest_name(field.text, known));
      const auto index = static_cast<int>(found - known.begin());
      order_.push_back(index < columns ? index : (index == columns ? int{bankgroup} : int{timestamp}));
    }
    for (const int needed : {int{timestamp}, int{command}})
      if (std::find(order_.begin(), order_.end(), needed) == order_.end())
        throw core::InputError(where(fields_[0]), "no such column",
                               fmt::format("a column \"{}\"", column_names[needed]));
  }

  const Field* field(int which) const {
    for (std::size_t i = 0; i < order_.size() && i < fields_.size(); ++i)
      if (order_[i] == which && !fields_[i].text.empty()) return &fields_[i];
    return nullptr;
  }

  std::int64_t number(int which, std::int64_t limit, bool needed) const {
    const Field* found = field(which);
    if (!found) {
      if (!needed) return 0;
      throw core::InputError({file_, line_, fields_.back().at}, fmt::format("no {}", column_names[which]),
                             fmt::format("a {} from 0 to {}", column_names[which], limit));
    }
    std::int64_t value = -1;
    const char *begin = found->text.data(), *end = begin + found->text.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end || value < 0 || value > limit)
      throw core::InputError(where(*found), fmt::format("the {} \"{}\"", column_names[which], found->text),
                             fmt::format("a number from 0 to {}", limit));
    return value;
  }

  Op op() const {
    const Field* found = field(command);
    if (!found) throw core::InputError({file_, line_, fields_.back().at}, "no command", "a command such as ACT");
    std::vector<std::string> known;
    for (const Name& name : names) {
      if (!has(spec_, name.op)) continue;
      if (same_letters(name.name, found->text)) return name.op;
      known.emplace_back(name.name);
    }
    throw core::InputError(where(*found), fmt::format("the command \"{}\"", found->text),
                           fmt::format("a command of {}", to_string(spec_.type)),
                           core::nearest_name(found->text, known));
  }

  void check_data() const {
    const Field* found = field(data);
    if (!found) return;
    std::string_view digits = found->text;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    const bool hex = std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isxdigit(c); });
    if (!hex || digits.empty())
      throw core::InputError(where(*found), fmt::format("the data \"{}\"", found->text), "hexadecimal digits");
  }

  void commands() {
    EnergyCommand out;
    out.clock = number(timestamp, std::numeric_limits<Tick>::max() / 4, true);
    if (!out_.empty() && out.clock < out_.back().clock)
      throw core::InputError(where(*field(timestamp)), fmt::format("the timestamp {}", out.clock),
                             fmt::format("one not before the line above's, {}", out_.back().clock));
    out.op = op();
    out.rank = static_cast<int>(number(rank, spec_.ranks - 1, false));
    if (goes_to_a_bank(out.op)) {
      const bool grouped = numbers_ == BankNumbers::in_group;
      const int per_group = spec_.banks / spec_.bank_groups;
      out.bank = static_cast<int>(number(bank, (grouped ? per_group : spec_.banks) - 1, true));
      const auto group = static_cast<int>(number(bankgroup, grouped ? spec_.bank_groups - 1 : spec_.banks, false));
      if (grouped) out.bank += group * per_group;
    }
    if (out.op == Op::ref_two)
      out.partner = field(dbank) ? static_cast<int>(number(dbank, spec_.banks - 1, true))
                                 : (out.bank + spec_.pair_offset) % spec_.banks;
    check_data();
    out_.push_back(out);
  }

  const Memspec& spec_;
  std::shared_ptr<const std::string> file_;
  BankNumbers numbers_;
  int line_ = 0;
  bool headed_ = false;
  std::vector<int> order_;
  std::vector<Field> fields_;
  std::vector<EnergyCommand> out_;
};

}  // namespace

std::string to_string(EnergyOp op) {
  for (const Name& name : names)
    if (name.op == op) return name.name;
  return "";
}

std::vector<EnergyCommand> parse_energy_trace(const Memspec& spec, const std::string& text, const std::string& name,
                                              BankNumbers numbers) {
  Lines lines(spec, name, numbers);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.take(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::move(lines).commands_taken();
}

std::vector<EnergyCommand> read_energy_trace(const Memspec& spec, const std::filesystem::path& file,
                                             BankNumbers numbers) {
  return parse_energy_trace(spec, core::read_text(file), file.string(), numbers);
}

}  // namespace wordline::dram
