#include "wordline/dram/energy_names.h"

namespace wordline::dram {

Named<std::int64_t> named(const BankCounts& n, Memspec::Type type) {
  return {{"act", n.act},
          {"pre", n.pre},
          {"reads", n.reads},
          {"writes", n.writes},
          {"readAuto", n.read_auto},
          {"writeAuto", n.write_auto},
          {"refAllBank", n.ref_all},
          {"refPerBank", n.ref_bank},
          {type == Memspec::Type::lpddr6 ? "refDualBanks" : "refPerTwoBanks", n.ref_two},
          {"refSameBank", n.ref_same}};
}

Named<Tick> named(const StateClocks& t) {
  return {{"act", t.active},
          {"pre", t.precharged},
          {"powerDownAct", t.power_down_act},
          {"powerDownPre", t.power_down_pre},
          {"selfRefresh", t.self_refresh},
          {"deepSleepMode", t.deep_sleep}};
}

Named<double> named(const CommandEnergies& e) {
  return {{"E_act", e.act},
          {"E_pre", e.pre},
          {"E_bg_act", e.active},
          {"E_bg_pre", e.precharged},
          {"E_RD", e.read},
          {"E_WR", e.write},
          {"E_RDA", e.read_auto},
          {"E_WRA", e.write_auto},
          {"E_pre_RDA", e.read_auto_pre},
          {"E_pre_WRA", e.write_auto_pre},
          {"E_ref_AB", e.ref_all},
          {"E_ref_PB", e.ref_bank},
          {"E_ref_SB", e.ref_same},
          {"E_ref_2B", e.ref_two}};
}

Named<double> named_of_ranks(const ListEnergy& e) {
  return {{"E_bg_act_shared", e.active_shared},
          {"E_PDNA", e.power_down_act},
          {"E_PDNP", e.power_down_pre},
          {"E_sref", e.self_refresh},
          {"E_dsm", e.deep_sleep}};
}

}  // namespace wordline::dram
