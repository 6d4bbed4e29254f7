#include "wordline/dram/memspec.h"

#include <array>
#include <cctype>

namespace wordline::dram {

namespace {

using Type = Memspec::Type;

constexpr std::array<std::pair<Type, const char*>, 5> type_names = {{{Type::ddr4, "DDR4"},
                                                                     {Type::ddr5, "DDR5"},
                                                                     {Type::lpddr4, "LPDDR4"},
                                                                     {Type::lpddr5, "LPDDR5"},
                                                                     {Type::lpddr6, "LPDDR6"}}};

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// The type by its name, or by a current that only it has.
Type type_of(const core::Reader& spec, const core::Reader& power) {
  if (spec.has("memoryType")) {
    const std::string name = upper(spec.text("memoryType"));
    std::vector<std::string> known;
    for (const auto& [type, text] : type_names) {
      if (name == text || (type == Type::lpddr5 && name == "LPDDR5X")) return type;
      known.emplace_back(text);
    }
    spec.fail("memoryType", "DDR4, DDR5, LPDDR4, LPDDR5 or LPDDR6", core::nearest_name(name, known));
  }
  if (power.has("vdd2c")) return Type::lpddr6;
  if (power.has("vdd2h")) return Type::lpddr5;
  if (power.has("vdd2")) return Type::lpddr4;
  if (power.has("idd5c")) return Type::ddr5;
  if (power.has("idd5B")) return Type::ddr4;
  throw core::InputError(spec.where(), "no memoryType, and currents that tell none",
                         "memoryType = \"DDR4\", \"DDR5\", \"LPDDR4\", \"LPDDR5\" or \"LPDDR6\"");
}

// A current or voltage: amperes or volts as a number, or a quantity such as "56.25 mA".
template <class Q>
double amount(const core::Reader& table, const std::string& key) {
  return table.value(key).text() ? table.quantity<Q>(key).value() : table.number(key, 0.0);
}

// The currents of one supply. `before` and `after` stand around the JEDEC number: idd|2n|1, ipp|2n|. The first supply
// must state its loops; others may leave all at 0. Sleep that is not stated saves nothing.
SupplyCurrents supply(const core::Reader& power, const std::string& name, const std::string& before,
                      const std::string& after, const std::string& all, const std::string& some) {
  SupplyCurrents out;
  out.name = name;
  const bool first = name == "vdd" || name == "vdd1";
  out.volts = first || power.has(name) ? amount<core::Volts>(power, name) : 0.0;
  const auto get = [&](const std::string& number) {
    const std::string key = before + number + after;
    return first || power.has(key) ? amount<core::Amperes>(power, key) : 0.0;
  };
  const auto get_or = [&](const std::string& number, double otherwise) {
    return power.has(before + number + after) ? get(number) : otherwise;
  };
  out.i0 = get("0");
  out.i2n = get("2n");
  out.i3n = get("3n");
  out.i4r = get("4r");
  out.i4w = get("4w");
  out.i5_all = get(all);
  if (!some.empty()) out.i5_some = get(some);
  out.i2p = get_or("2p", out.i2n);
  out.i3p = get_or("3p", out.i3n);
  out.i6 = get_or("6n", get_or("6", out.i2p));
  out.i6_deep = get_or("6ds", out.i6);
  const std::string beta = "iBeta_" + name;
  out.i_beta = out.i0;
  for (const std::string& key : {std::string("iBeta"), beta})
    if (power.has(key)) out.i_beta = amount<core::Amperes>(power, key);
  return out;
}

void read_architecture(const core::Reader& table, Memspec& out) {
  const auto count = [&](const char* key, std::int64_t fallback) {
    return static_cast<int>(table.integer_or(key, fallback, 1, 1024));
  };
  out.ranks = static_cast<int>(table.integer_or("nbrOfRanks", 1, 1, 64));
  out.devices = count("nbrOfDevices", 1);
  out.banks = static_cast<int>(table.integer("nbrOfBanks", 1, 1024));
  out.bank_groups = static_cast<int>(std::max<std::int64_t>(1, table.integer_or("nbrOfBankGroups", 1, 0, 1024)));
  if (out.banks % out.bank_groups != 0) table.fail("nbrOfBankGroups", "a divisor of nbrOfBanks");
  out.width = count("width", 8);
  out.burst_length = static_cast<int>(table.integer("burstLength", 1, 4096));
  out.data_rate = count("dataRate", 2);
}

Tick clocks(const core::Reader& table, const char* key) { return table.integer(key, 0, 1'000'000'000); }
Tick clocks_or(const core::Reader& table, const char* key, const char* otherwise) {
  return clocks(table, table.has(key) ? key : otherwise);
}

void read_ddr(const core::Reader& architecture, const core::Reader& timing, const core::Reader& power, Memspec& out) {
  const bool ddr4 = out.type == Type::ddr4;
  const auto mode = architecture.integer_or("RefMode", 1, 0, 4);
  std::string all = ddr4 ? "5B" : "5b";
  if (mode == 2) all = ddr4 ? "5F2" : "5f";
  if (mode == 4) all = ddr4 ? "5F4" : "5f";
  out.supplies = {supply(power, "vdd", "idd", "", all, ddr4 ? "" : "5c"),
                  supply(power, "vpp", "ipp", "", all, ddr4 ? "" : "5c")};
  if (ddr4)
    out.rfc_all = clocks(timing, mode == 2 ? "RFC2" : (mode == 4 ? "RFC4" : "RFC1"));
  else
    out.rfc_all = mode >= 2 ? clocks_or(timing, "RFC2_slr", "RFC2") : clocks_or(timing, "RFC1_slr", "RFC1");
  if (!ddr4) out.rfc_some = clocks_or(timing, "RFCsb_slr", "RFCsb");
  out.rcd = clocks(timing, "RCD");
  out.rp = clocks(timing, "RP");
  const Tick burst = out.burst_length / out.data_rate;
  out.burst = out.tck * out.burst_length / out.data_rate;
  out.read_to_precharge = clocks(timing, "RTP") + timing.integer_or("AL", 0, 0, 1000);
  out.write_to_precharge = burst + clocks(timing, "WL") + clocks(timing, "WR");
}

void read_lpddr4(const core::Reader& timing, const core::Reader& power, Memspec& out) {
  out.supplies = {supply(power, "vdd1", "idd", "1", "5", "5pb"), supply(power, "vdd2", "idd", "2", "5", "5pb")};
  out.rfc_some = clocks(timing, "RFCpb");
  out.rcd = clocks(timing, "RCD");
  out.burst = out.tck * out.burst_length / out.data_rate;
  // JESD209-4 table 21, as DRAMPower reads it: tRTP counts from the read's last prefetch
  out.read_to_precharge = clocks(timing, "RTP") + (out.burst_length == 16 ? 0 : 8);
  out.write_to_precharge = clocks(timing, "WL") + out.burst_length / 2 + clocks(timing, "WR") + 1;
}

void read_lpddr5_and_6(const core::Reader& timing, const core::Reader& power, Memspec& out) {
  const bool five = out.type == Type::lpddr5;
  const std::string some = five ? "5pb" : "5pdb";
  for (const char* tail : five ? std::array{"1", "2h", "2l"} : std::array{"1", "2c", "2d"})
    out.supplies.push_back(supply(power, std::string("vdd") + tail, "idd", tail, "5", some));
  const auto ratio = timing.integer_or("WCK2CK", 2, 1, 8);
  out.burst = out.tck / static_cast<double>(ratio) * out.burst_length / out.data_rate;
  if (five) {
    out.rfc_some = clocks(timing, "RFCpb");
    out.rcd = timing.integer_or("RCD_S", 0, 0, 100000);
    if (out.rcd == 0) out.rcd = clocks(timing, "RCD");
  } else {
    out.rfc_some = clocks(timing, "RFCdb");
    out.rcd = std::max(clocks_or(timing, "RCD_r", "RCD"), clocks_or(timing, "RCD_w", "RCD"));
  }
  // JESD209-5 figures 96 and 97
  const Tick burst = out.burst_length / (out.data_rate * ratio);
  out.read_to_precharge = burst + clocks(timing, "RBTP");
  out.write_to_precharge = clocks(timing, "WL") + burst + 1 + clocks(timing, "WR");
}

}  // namespace

std::string to_string(Memspec::Type type) {
  for (const auto& [known, name] : type_names)
    if (known == type) return name;
  return "";
}

bool Memspec::groups_of_two_open() const { return type == Type::lpddr6 || (type == Type::lpddr5 && bank_groups == 4); }

Memspec read_memspec(const core::Value& document) {
  const core::Reader top(document);
  const core::Reader spec = top.has("memspec") ? top.table("memspec") : top;
  const core::Reader architecture = spec.table("memarchitecturespec"), timing = spec.table("memtimingspec"),
                     power = spec.table("mempowerspec");
  Memspec out;
  out.type = type_of(spec, power);
  read_architecture(architecture, out);
  out.tck = timing.has("tCK") ? amount<core::Seconds>(timing, "tCK") : 1e-6 / timing.number("clkMhz", 1e-3);
  if (!(out.tck > 0)) timing.fail("tCK", "a clock period above 0");
  out.ras = clocks(timing, "RAS");
  if (out.ras == 0) timing.fail("RAS", "at least one clock");
  if (out.low_power()) {
    out.rp = clocks(timing, "RPpb");
    out.rfc_all = clocks(timing, "RFCab");
    out.refi = clocks(timing, "REFI");
    const auto offset = static_cast<int>(architecture.integer_or("per2BankOffset", 0, 0, out.banks - 1));
    out.pair_offset = offset > 0 ? offset : out.banks / 2;  // a bank is no pair with itself
  }
  if (!out.low_power())
    read_ddr(architecture, timing, power, out);
  else if (out.type == Type::lpddr4)
    read_lpddr4(timing, power, out);
  else
    read_lpddr5_and_6(timing, power, out);
  if (const auto bankwise = spec.optional_table("bankwisespec"))
    out.rho = bankwise->number_or("factRho", 1.0, 0.0, 1.0);
  return out;
}

}  // namespace wordline::dram
