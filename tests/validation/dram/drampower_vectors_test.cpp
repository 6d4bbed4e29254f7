// DRAMPower 6.2's own test vectors of DDR4 and DDR5 (its tests/tests_drampower/core): every count, every state's clocks
// and every energy that the reference file holds.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "reference.h"
#include "wordline/core/document.h"
#include "wordline/core/files.h"
#include "wordline/dram/energy_names.h"

namespace wordline::dram {
namespace {

// Vectors 10 and up run on currents and timings of their own, which the reference file does not state. Typed here as
// their sources have them (DDR4 12 and 15, DDR5 16), or as the expected energies imply them (the others; they share all
// but RAS, RP, RCD and IDD4W).
const char* own_currents = R"(
[memarchitecturespec]
nbrOfBanks = 8
nbrOfBankGroups = 2
burstLength = 16
[mempowerspec]
vdd = 1
idd0 = 64
idd2n = 8
idd2p = 6
idd3n = 32
idd3p = 20
idd4r = 72
idd4w = 96
idd5c = 28
iBeta_vdd = 64
[bankwisespec]
factRho = 0.333333333
[memtimingspec]
tCK = 1
RTP = 10
WL = 0
WR = 12
RCD = 20
RFCsb_slr = 25
)";

std::string overlay_of(const std::string& vector) {
  if (vector.find("multirank") != std::string::npos) return "[memarchitecturespec]\nnbrOfRanks = 2\n";
  if (vector.find("multidevice") != std::string::npos) return "[memarchitecturespec]\nnbrOfDevices = 5\n";
  const bool four = vector.starts_with("DDR4");
  const int number = std::stoi(vector.substr(vector.rfind('_') + 1));
  if (number < (four ? 10 : 12)) return "";
  std::string overlay = own_currents;
  if (number == (four ? 12 : 14) || number == (four ? 13 : 15)) overlay += "RAS = 20\n";
  if (number >= (four ? 14 : 17)) overlay += "RP = 20\n";
  return overlay;
}

// Section "### ddr4.json" of timings.md as a document.
core::Value toy_spec(const std::string& timings, const std::string& name) {
  const auto begin = timings.find("### " + name);
  EXPECT_NE(begin, std::string::npos);
  std::string toml = name.starts_with("ddr4") ? "memoryType = \"DDR4\"\n" : "memoryType = \"DDR5\"\n";
  std::istringstream lines(timings.substr(begin, timings.find("\n###", begin + 4) - begin));
  for (std::string line; std::getline(lines, line);) {
    std::smatch table;
    if (!std::regex_match(line, table, std::regex("- (\\w+): (.*)"))) continue;
    toml += fmt::format("[{}]\n", table[1].str());
    std::string entries = std::regex_replace(table[2].str(), std::regex(", "), "\n");
    entries = std::regex_replace(entries, std::regex("=True"), "=true");
    toml += std::regex_replace(entries, std::regex("=False"), "=false") + "\n";
  }
  return core::parse_toml(toml, name);
}

struct Vector {
  std::string name;
  std::vector<std::string> lists;                        // as trace text
  std::vector<std::pair<std::string, double>> expected;  // what is asked, without blanks, and its value
};

double value_of(const std::string& text) {  // "50", "2300*2", "130 - 45"
  std::smatch m;
  if (std::regex_match(text, m, std::regex(" *(\\d+) *([-*]) *(\\d+) *")))
    return m[2] == "*" ? std::stod(m[1]) * std::stod(m[3]) : std::stod(m[1]) - std::stod(m[3]);
  return std::stod(text);
}

std::vector<Vector> vectors_in(const std::string& text) {
  std::vector<Vector> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    if (std::regex_match(line, m, std::regex("## (DDR[45]/\\w+?)(_tests)?\\.cpp"))) out.push_back({m[1], {""}, {}});
    if (line.starts_with("commands: ")) {
      const std::regex command("\\((\\d+) (\\w+) ?([^)]*)\\)");
      for (std::sregex_iterator at(line.begin(), line.end(), command), end; at != end; ++at) {
        if (out.back().lists.back().ends_with("END_OF_SIMULATION\n")) out.back().lists.emplace_back();
        std::vector<std::string> fields(3, "0");  // bank, bank group, rank
        std::istringstream coordinates((*at)[3]);
        std::size_t i = 0;
        for (std::string field; std::getline(coordinates, field, ',') && i < 3;)
          fields[i++] = std::to_string(std::stoi(field));
        const std::string place =
            (*at)[3].length() == 0 ? "" : fmt::format(",{},{},{}", fields[2], fields[1], fields[0]);
        out.back().lists.back() += fmt::format("{},{}{}\n", (*at)[1].str(), (*at)[2].str(), place);
      }
    }
    if (line.starts_with("expected: ")) {
      std::istringstream items(line.substr(10));
      for (std::string item; std::getline(items, item, '|');) {
        const auto comma = item.rfind(", ");
        std::string asked = std::regex_replace(item.substr(0, comma), std::regex(" "), "");
        if (asked.find("numberOfBanks") != std::string::npos || asked.find("size()") != std::string::npos)
          continue;  // that all dies are alike: here one stands for all
        out.back().expected.emplace_back(std::move(asked), value_of(item.substr(comma + 2)));
      }
    }
  }
  return out;
}

template <typename T>
T value_in(const Named<T>& values, const std::string& name) {
  for (const auto& [each, value] : values)
    if (each == name) return value;
  throw std::out_of_range("no value is named \"" + name + "\"");
}

std::int64_t clocks_named(const StateClocks& t, const std::string& name) {
  return name == "activeTime()" ? t.active : value_in(named(t), name);
}

double energy_named(const CommandEnergies& e, const std::string& name) {
  return name == "total()" ? e.total() : value_in(named(e), name);
}

// What one item of the reference file asks for: a number, or one of every bank (`bank[b]`, asked in a loop over some).
struct Answer {
  std::vector<double> values;
};

class Asked {
 public:
  Asked(const Memspec& spec, const std::vector<EnergyCommand>& list) : spec_(spec), list_(list) {}

  Answer answer(const std::string& asked) {
    std::smatch m;
    if (asked.starts_with("window.rank_total[0].cycles.act")) window_ += 5;  // read out every five clocks
    const EnergyStats now = stats(asked.starts_with("window") ? window_ : list_.back().clock);
    if (std::regex_match(asked, m, std::regex("\\w+\\.rank_total\\[(\\d)\\]\\.cycles\\.(.*)")))
      return {{static_cast<double>(clocks_named(now.rank_states.at(std::stoul(m[1])), m[2]))}};
    if (std::regex_match(asked, m, std::regex("\\w+\\.banks?\\[(.*)\\]\\.(cycles|counter)\\.(.*)")))
      return per_bank(now, m[1], m[2] == "cycles", m[3]);
    return {{energy(energy_of(spec_, now), asked)}};
  }

 private:
  EnergyStats stats(Tick clock) const {
    EnergyStates states(spec_);
    for (const auto& command : list_)
      if (command.clock <= clock) states.take(command);
    return states.stats(clock);
  }

  Answer per_bank(const EnergyStats& now, const std::string& index, bool cycles, const std::string& name) const {
    const auto value = [&](std::size_t b) {
      return static_cast<double>(cycles ? clocks_named(now.bank_states.at(b), name)
                                        : value_in(named(now.counts.at(b), spec_.type), name));
    };
    std::smatch m;
    if (std::regex_match(index, m, std::regex("bankIndex\\((\\d+),(\\d+)\\)")))
      return {{value(std::stoul(m[2]) * static_cast<std::size_t>(spec_.banks) + std::stoul(m[1]))}};
    if (index != "b") return {{value(std::stoul(index))}};
    Answer all;
    for (std::size_t b = 0; b < now.counts.size(); ++b) all.values.push_back(value(b));
    return all;
  }

  static double energy(const ListEnergy& e, const std::string& asked) {
    std::smatch m;
    const double unit = asked.ends_with("*1e12)") ? 1e12 : 1;
    const auto shown = [&](double joules) {
      return asked.starts_with("(int)") ? std::trunc(joules) : std::round(joules * unit);
    };
    if (std::regex_match(asked, m, std::regex("\\(int\\)energy\\.bank_energy\\[(\\d)\\]\\.(\\w+)")))
      return shown(energy_named(e.banks.at(std::stoul(m[1])), m[2]));
    double sum = 0;
    const std::regex term("(total_energy|energy)\\.(total\\(\\)|\\w+)");
    for (std::sregex_iterator at(asked.begin(), asked.end(), term), end; at != end; ++at)
      sum += (*at)[1] == "total_energy" ? energy_named(e.sum(), (*at)[2]) : value_in(named_of_ranks(e), (*at)[2]);
    return shown(sum);
  }

  const Memspec& spec_;
  const std::vector<EnergyCommand>& list_;
  Tick window_ = 0;
};

int check(const Vector& vector, const core::Value& toy) {
  core::Value document = core::merged(toy, core::parse_toml(overlay_of(vector.name), "own"));
  const Memspec spec = read_memspec(document);
  std::vector<std::vector<EnergyCommand>> lists;
  for (const auto& text : vector.lists) lists.push_back(parse_energy_trace(spec, text, vector.name));
  // of two lists, the first six expectations are the first one's
  std::size_t asked_of_first = lists.size() == 2 ? 6 : vector.expected.size();
  // By item asked in a loop over some banks: what they show, beside the banks that are asked for by number.
  std::map<std::string, std::set<double>> wanted, shown;
  Asked first(spec, lists.front()), last(spec, lists.back());
  int checks = 0;
  for (const auto& [asked, expected] : vector.expected) {
    const bool of_first = asked_of_first > 0;
    if (asked_of_first > 0) --asked_of_first;
    const Answer answer = (of_first ? first : last).answer(asked);
    ++checks;
    const std::string loop = std::regex_replace(asked, std::regex("bank\\[\\d+\\]"), "bank[b]");
    wanted[loop].insert(expected);
    if (answer.values.size() == 1)
      EXPECT_EQ(answer.values[0], expected) << vector.name << ": " << asked;
    else
      shown[asked].insert(answer.values.begin(), answer.values.end());
  }
  for (const auto& [asked, values] : shown) EXPECT_EQ(values, wanted[asked]) << vector.name << ": " << asked;
  return checks;
}

TEST(DrampowerVectors, EveryCountClockAndEnergyIsReproduced) {
  const auto vectors_file = reference("memory/drampower_vectors.md"), timings_file = reference("memory/timings.md");
  if (!std::filesystem::exists(vectors_file) || !std::filesystem::exists(timings_file))
    GTEST_SKIP() << "no " << vectors_file;
  const std::string timings = core::read_text(timings_file);
  const core::Value ddr4 = toy_spec(timings, "ddr4.json"), ddr5 = toy_spec(timings, "ddr5.json");
  int checks = 0, vectors = 0;
  for (Vector vector : vectors_in(core::read_text(vectors_file))) {
    if (vector.name == "DDR4/ddr4_test_pattern_8")  // its source has these two commented out
      for (const char* line : {"0,ACT,0,0,0\n", "30,PRE,0,0,0\n"}) {
        const auto at = vector.lists[0].find(line);
        ASSERT_NE(at, std::string::npos) << vector.lists[0];
        vector.lists[0].erase(at, std::string(line).size());
      }
    checks += check(vector, vector.name.starts_with("DDR4") ? ddr4 : ddr5);
    ++vectors;
  }
  EXPECT_EQ(vectors, 39);
  EXPECT_GT(checks, 1000);
  RecordProperty("checks", checks);
  RecordProperty("vectors", vectors);
}

}  // namespace
}  // namespace wordline::dram
