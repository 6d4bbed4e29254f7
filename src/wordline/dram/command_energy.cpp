#include "wordline/dram/command_energy.h"

namespace wordline::dram {

namespace {

// The currents of one supply that the equations ask for, in amperes, and the spans in seconds.
class Equations {
 public:
  Equations(const Memspec& spec, const SupplyCurrents& i) : spec_(spec), i_(i) {
    const double banks = spec.banks;
    shared_ = spec.rho * (i.i3n - i.i2n) + i.i2n;
    each_ = spec.low_power() ? i.i3n - shared_ : (i.i3n - shared_) / banks;
    ras_ = spec.seconds(spec.ras);
    rp_ = spec.seconds(spec.rp);
    const double opening = (i.i0 * (rp_ + ras_) - i.i_beta * rp_) / ras_;  // while a row opens, from the IDD0 loop
    act_ = (opening - open(1)) * ras_;
    pre_ = (i.i_beta - i.i2n) * rp_;
    // banks that stand open while IDD4 is measured: all in DDR, one in LPDDR, one in each of two groups
    const double standing = !spec.low_power() ? banks : (spec.groups_of_two_open() ? 2 : 1);
    read_ = (i.i4r - open(standing)) * spec.burst;
    write_ = (i.i4w - open(standing)) * spec.burst;
    ref_all_ = (i.i5_all - open(banks)) * spec.seconds(spec.rfc_all) / banks;
    set_partial_refresh();
  }

  CommandEnergies of(const BankCounts& n, const StateClocks& bank, const StateClocks& rank) const {
    const auto times = [](std::int64_t count) { return static_cast<double>(count); };
    CommandEnergies e;
    e.act = act_ * times(n.act);
    e.pre = pre_ * times(n.pre);
    e.active = each_ * spec_.seconds(bank.active);
    e.precharged = i_.i2n * spec_.seconds(rank.precharged) / spec_.banks;
    e.read = read_ * times(n.reads);
    e.write = write_ * times(n.writes);
    e.read_auto = read_ * times(n.read_auto);
    e.write_auto = write_ * times(n.write_auto);
    e.read_auto_pre = pre_ * times(n.read_auto);
    e.write_auto_pre = pre_ * times(n.write_auto);
    e.ref_all = ref_all_ * times(n.ref_all);
    e.ref_bank = ref_bank_ * times(n.ref_bank);
    e.ref_same = ref_same_ * times(n.ref_same);
    e.ref_two = ref_two_ * times(n.ref_two);
    for (double* joules : {&e.act, &e.pre, &e.active, &e.precharged, &e.read, &e.write, &e.read_auto, &e.write_auto,
                           &e.read_auto_pre, &e.write_auto_pre, &e.ref_all, &e.ref_bank, &e.ref_same, &e.ref_two})
      *joules *= i_.volts;
    return e;
  }

  double active_shared(Tick clocks) const { return i_.volts * shared_ * spec_.seconds(clocks); }

 private:
  // The active background with n banks open.
  double open(double n) const { return shared_ + n * each_; }

  void set_partial_refresh() {
    const double duration = spec_.seconds(spec_.rfc_some);
    if (!spec_.low_power()) {
      ref_same_ = (i_.i5_some - open(spec_.bank_groups)) * duration / spec_.bank_groups;
      return;
    }
    if (spec_.rfc_some == 0) return;
    // IDD5PB is the mean over tREFI / 8, in which one bank (or pair) refreshes for tRFCpb and all rest otherwise
    const double interval = spec_.seconds(spec_.refi) / 8;
    const double refreshing = (i_.i5_some * interval - i_.i2n * (interval - duration)) / duration;
    ref_bank_ = (refreshing - open(1)) * duration;
    ref_two_ = (refreshing - open(2)) * duration / 2;
  }

  const Memspec& spec_;
  const SupplyCurrents& i_;
  double shared_, each_, ras_, rp_;                                                        // A, A, s, s
  double act_, pre_, read_, write_, ref_all_, ref_bank_ = 0, ref_same_ = 0, ref_two_ = 0;  // A s
};

}  // namespace

CommandEnergies& CommandEnergies::operator+=(const CommandEnergies& other) {
  act += other.act;
  pre += other.pre;
  active += other.active;
  precharged += other.precharged;
  read += other.read;
  write += other.write;
  read_auto += other.read_auto;
  write_auto += other.write_auto;
  read_auto_pre += other.read_auto_pre;
  write_auto_pre += other.write_auto_pre;
  ref_all += other.ref_all;
  ref_bank += other.ref_bank;
  ref_same += other.ref_same;
  ref_two += other.ref_two;
  return *this;
}

CommandEnergies ListEnergy::sum() const {
  CommandEnergies all;
  for (int die = 0; die < devices; ++die)
    for (const CommandEnergies& bank : banks) all += bank;
  all.active += active_shared;
  return all;
}

ListEnergy energy_of(const Memspec& spec, const EnergyStats& stats) {
  ListEnergy out;
  out.devices = spec.devices;
  out.banks.resize(stats.counts.size());
  for (const SupplyCurrents& supply : spec.supplies) {
    const Equations equations(spec, supply);
    for (std::size_t b = 0; b < stats.counts.size(); ++b)
      out.banks[b] += equations.of(stats.counts[b], stats.bank_states[b],
                                   stats.rank_states[b / static_cast<std::size_t>(spec.banks)]);
    for (const StateClocks& rank : stats.rank_states) {
      const auto burn = [&](double amperes, Tick clocks) {
        return supply.volts * amperes * spec.seconds(clocks) * spec.devices;
      };
      out.active_shared += equations.active_shared(rank.active) * spec.devices;
      out.power_down_act += burn(supply.i3p, rank.power_down_act);
      out.power_down_pre += burn(supply.i2p, rank.power_down_pre);
      out.self_refresh += burn(supply.i6, rank.self_refresh);
      out.deep_sleep += burn(supply.i6_deep, rank.deep_sleep);
    }
  }
  return out;
}

}  // namespace wordline::dram
