// Reads lines of a probe's script: liberal in how commands and fields are spelt, exact about what it can't read.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "wordline/dram/probe.h"
#include "wordline/dram/probe_request.h"

namespace wordline::dram {

namespace {

constexpr double most_clocks = 1e14;

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "ACT-1", "act_1" and "ACT1" are one name.
std::string plain(const std::string& name) {
  std::string out;
  for (const char c : lower(name))
    if (c != '-' && c != '_') out += c;
  return out;
}

// Spellings that other tools and texts use.
void add_aliases(const UsualCommands& usual, std::map<std::string, CommandId>& names) {
  const auto add = [&](CommandId id, std::initializer_list<const char*> spellings) {
    if (id != no_command)
      for (const auto* spelling : spellings) names.try_emplace(spelling, id);
  };
  add(usual.act, {"activate"});
  add(usual.pre, {"precharge", "prepb"});
  add(usual.pre_all, {"preab", "preall"});
  add(usual.rd, {"read"});
  add(usual.rda, {"reada", "rdap"});
  add(usual.wr, {"write"});
  add(usual.wra, {"writea", "wrap"});
  add(usual.ref_all, {"ref", "refresh"});
  add(usual.ref_bank, {"refpb", "refsb"});
  add(usual.rfm_all, {"rfm"});
  add(usual.rfm_bank, {"rfmpb", "rfmsb"});
  add(usual.cas_rd, {"caswsrd", "casread"});
  add(usual.cas_wr, {"caswswr", "caswrite"});
  add(usual.power_down_entry, {"pd", "pden", "pdentry", "powerdownentry"});
  add(usual.power_down_exit, {"pdex", "pdexit", "powerdownexit"});
  add(usual.self_refresh_entry, {"sref", "srefen", "sren", "srefentry", "selfrefreshentry"});
  add(usual.self_refresh_exit, {"srefex", "srefx", "srex", "srefexit", "selfrefreshexit"});
}

const std::map<std::string, std::string>& field_aliases() {
  static const std::map<std::string, std::string> aliases = {{"pc", "pseudochannel"},
                                                             {"pseudo_channel", "pseudochannel"},
                                                             {"pseudo-channel", "pseudochannel"},
                                                             {"stack", "sid"},
                                                             {"stackid", "sid"},
                                                             {"ra", "rank"},
                                                             {"bg", "bankgroup"},
                                                             {"bank_group", "bankgroup"},
                                                             {"bank-group", "bankgroup"},
                                                             {"ba", "bank"},
                                                             {"ro", "row"},
                                                             {"co", "column"},
                                                             {"col", "column"},
                                                             {"ap", "auto_precharge"}};
  return aliases;
}

std::vector<std::string> spellings(const Standard& standard) {
  std::vector<std::string> known;
  for (const auto& command : standard.commands) known.push_back(command.name);
  return known;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Probe::Probe(const Standard& standard) : standard_(standard), device_(standard) {
  for (std::size_t id = 0; id < standard.commands.size(); ++id)
    names_[plain(standard.commands[id].name)] = static_cast<CommandId>(id);
  add_aliases(standard.usual, names_);
  for (const auto& [one, other] : {std::pair{"mrs", "mrw"}, std::pair{"mrw", "mrs"}, std::pair{"zqcalstart", "zqstart"},
                                   std::pair{"zqcallatch", "zqlatch"}})
    if (const auto found = names_.find(one); found != names_.end()) names_.try_emplace(other, found->second);
}

std::vector<Probe::Word> Probe::words_of(const std::string& line, core::Location where) const {
  std::vector<Word> words;
  for (std::size_t at = 0; at < line.size();) {
    const auto blank = [&](std::size_t i) { return std::isspace(static_cast<unsigned char>(line[i])) != 0; };
    if (line[at] == '#') break;
    if (blank(at)) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && !blank(end) && line[end] != '#') ++end;
    where.column = static_cast<int>(at) + 1;
    words.push_back({line.substr(at, end - at), where});
    at = end;
  }
  return words;
}

Tick Probe::tick_of(const Word& word) const {
  const std::string text = word.text.substr(1);
  double clock = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), clock, std::chars_format::fixed);
  const std::string step = standard_.ticks_per_clock == 1 ? "whole" : fmt::format("1/{}", standard_.ticks_per_clock);
  if (error != std::errc() || end != text.data() + text.size() || !(clock >= 0) || clock > most_clocks)
    throw core::InputError(word.where, fmt::format("\"{}\"", word.text), "a clock such as \"@12\", from 0 to 10^14");
  const double ticks = clock * standard_.ticks_per_clock;
  if (ticks != std::floor(ticks))
    throw core::InputError(word.where, fmt::format("\"{}\"", word.text), fmt::format("a clock in {} clocks", step));
  return static_cast<Tick>(ticks);
}

void Probe::set_field(Request& request, const Word& word, std::vector<int>& fields) const {
  const Geometry& geometry = standard_.geometry;
  const std::size_t equals = word.text.find('=');
  if (equals == std::string::npos)
    throw core::InputError(word.where, fmt::format("\"{}\"", word.text), "a field such as \"bank=0\", or \"@clock\"");
  std::string name = lower(word.text.substr(0, equals));
  if (const auto alias = field_aliases().find(name); alias != field_aliases().end()) name = alias->second;
  std::vector<std::string> known = geometry.levels;
  known.insert(known.end(), {"row", "column", "auto_precharge"});
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw core::InputError(word.where, fmt::format("the field \"{}\"", word.text.substr(0, equals)),
                           fmt::format("a level of {}, row or column", standard_.name),
                           core::nearest_name(name, known));
  const int level = geometry.level_of(name);
  const std::int64_t count = level >= 0         ? geometry.sizes[static_cast<std::size_t>(level)]
                             : name == "row"    ? geometry.rows
                             : name == "column" ? geometry.columns
                                                : 2;
  const auto value = whole_number(word.text.substr(equals + 1));
  if (!value || *value < 0 || *value >= count)
    throw core::InputError(word.where, fmt::format("\"{}\"", word.text),
                           fmt::format("{} from 0 to {}", name, count - 1));
  if (level >= 0) {
    fields[static_cast<std::size_t>(level)] = static_cast<int>(*value);
  } else if (name == "row") {
    request.command.row = static_cast<std::int32_t>(*value);
    request.names_row = true;
  } else if (name == "column") {
    request.command.column = static_cast<std::int32_t>(*value);
  } else if (*value == 1 && request.command.id == standard_.usual.rd) {
    request.command.id = standard_.usual.rda;
  } else if (*value == 1 && request.command.id == standard_.usual.wr) {
    request.command.id = standard_.usual.wra;
  }
}

void Probe::need_fields(const Request& request, const std::vector<int>& fields, const core::Location& where) const {
  const Geometry& geometry = standard_.geometry;
  const CommandSpec& spec = standard_.spec(request.command.id);
  for (int level = 1; level < geometry.depth(); ++level) {
    const auto l = static_cast<std::size_t>(level);
    const bool named = level <= spec.level || spec.reach == Reach::pair ||
                       (spec.reach == Reach::same_bank && level == geometry.bank_level());
    if (named && fields[l] < 0 && geometry.sizes[l] > 1)
      throw core::InputError(
          where, fmt::format("no {} for {}", geometry.levels[l], request.name),
          fmt::format("\"{}=0\" to \"{}={}\"", geometry.levels[l], geometry.levels[l], geometry.sizes[l] - 1));
  }
}

Probe::Request Probe::request_of(const std::vector<Word>& words) const {
  Request request;
  request.where = words.front().where;
  const std::string verb = lower(words.front().text);
  if (verb != "issue" && verb != "earliest")
    throw core::InputError(words.front().where, fmt::format("\"{}\"", words.front().text), "\"issue\" or \"earliest\"",
                           core::nearest_name(verb, {"issue", "earliest"}));
  request.issue = verb == "issue";
  if (words.size() < 2) throw core::InputError(words.front().where, "no command", "a command after it");
  const std::string name = plain(words[1].text);
  request.both_parts = standard_.usual.act_first != no_command && (name == "act" || name == "activate");
  const auto found = names_.find(name);
  if (found == names_.end() && !request.both_parts)
    throw core::InputError(words[1].where, fmt::format("the command \"{}\"", words[1].text),
                           fmt::format("a command of {}", standard_.name),
                           core::nearest_name(words[1].text, spellings(standard_)));
  request.command.id = request.both_parts ? standard_.usual.act_first : found->second;
  std::vector<int> fields(static_cast<std::size_t>(standard_.geometry.depth()), -1);
  for (std::size_t w = 2; w < words.size(); ++w)
    if (words[w].text.front() == '@')
      request.tick = tick_of(words[w]);
    else
      set_field(request, words[w], fields);
  request.name = request.both_parts ? "ACT" : standard_.spec(request.command.id).name;
  need_fields(request, fields, words[1].where);
  for (auto& field : fields) field = std::max(field, 0);
  request.command.bank = standard_.geometry.bank_of(fields);
  if (!request.issue) return request;
  if (request.tick < 0) throw core::InputError(words.front().where, "no clock", "\"@clock\" on the line of an issue");
  if (request.tick < now_)
    throw core::InputError(words.front().where, fmt::format("an issue at clock {}", clocks(request.tick)),
                           fmt::format("a clock of {} or later: they never decrease", clocks(now_)));
  return request;
}

}  // namespace wordline::dram
