// wordline cluster transfer: one transfer between the chips of a group.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "output.h"
#include "wordline/cluster/transfer.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct TransferOptions {
  std::string chip, collective = "all_reduce", algorithm;
  int chips = 0;
  double bytes = 0;
};

int transfer(const TransferOptions& o, const Common& common) {
  using enum cluster::Collective;
  if (!(o.bytes >= 0)) throw core::UsageError("--bytes must not be negative");
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto chip = chip::load(catalog, o.chip, {std::make_shared<std::string>("--chip")});
  const auto group = cluster::group_of(chip, o.chips);
  const auto kind = o.collective == cluster::name_of(all_reduce) ? all_reduce : all_gather;
  const auto cost = cluster::cost_of(group, {"transfer", kind, core::bytes(o.bytes)}, o.algorithm);
  const double us = cost.time.in(core::microseconds(1));
  auto document = core::result_document("cluster.transfer", catalog);
  document["chip"] = o.chip;
  document["chips"] = o.chips;
  document["collective"] = o.collective;
  document["bytes"] = o.bytes;
  document["algorithm"] = cost.algorithm;
  document["time_us"] = us;
  document["launch_us"] = cost.launch.in(core::microseconds(1));
  document["link_us"] = cost.link.in(core::microseconds(1));
  document["joules"] = cost.joules.value();
  write_result(
      common, document,
      fmt::format("{} of {:.4g} bytes over {} x {}: {:.3f} us by {} (launch {:.3f}, link {:.3f} us)\n", o.collective,
                  o.bytes, o.chips, chip.title, us, cost.algorithm.empty() ? "nothing: one chip" : cost.algorithm,
                  cost.launch.in(core::microseconds(1)), cost.link.in(core::microseconds(1))));
  return core::exit_done;
}

}  // namespace

void add_cluster(Args& program) {
  auto& args = program.command("cluster", "chips joined by their ports").command("transfer", "time of one collective");
  auto o = std::make_shared<TransferOptions>();
  args.option("--chip", o->chip, "chip from the catalogue").required().called("NAME");
  args.option("--chips", o->chips, "chips in the group").required();
  args.option("--collective", o->collective, "what is done").choices({"all_reduce", "all_gather"});
  args.option("--bytes", o->bytes, "what each chip ends with").required();
  args.option("--algorithm", o->algorithm, "ring or one_shot; the fastest without it");
  args.footer("Example: wordline cluster transfer --chip h100-sxm --chips 8 --bytes 134217728");
  args.action([o, &common = args.common()] { return transfer(*o, common); });
}

}  // namespace wordline::cli
