// wordline cluster transfer: one transfer between the chips of a group; wordline cluster kernels: a table of them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip_options.h"
#include "cluster_kernels.h"
#include "output.h"
#include "wordline/cluster/transfer.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct TransferOptions {
  std::string chip, collective = "all_reduce", algorithm, library = "vllm", dtype = "bf16";
  int chips = 0;
  double bytes = 0;
};

int transfer(const TransferOptions& o, const Common& common) {
  if (!(o.bytes >= 0)) throw core::UsageError("--bytes must not be negative");
  const auto catalog = open_catalog(common, o.chip);
  const auto chip = chip::load(catalog, o.chip, {std::make_shared<std::string>("--chip")});
  auto group = cluster::group_of(chip, o.chips);
  group.software = cluster::software_of(o.library);
  const auto cost = cluster::cost_of(
      group, {"transfer", cluster::collective_of(o.collective), core::bytes(o.bytes), chip::dtype_of(o.dtype)},
      o.algorithm);
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
  document["low_us"] = cost.low.in(core::microseconds(1));
  document["high_us"] = cost.high.in(core::microseconds(1));
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
  auto& room = program.command("cluster", "chips joined by their ports");
  add_cluster_kernels(room);
  auto& args = room.command("transfer", "time of one collective");
  auto o = std::make_shared<TransferOptions>();
  std::vector<std::string> names;
  for (const auto collective : cluster::all_collectives()) names.push_back(cluster::name_of(collective));
  args.option("--chip", o->chip, "chip from the catalogue").required().called("NAME");
  args.option("--chips", o->chips, "chips in the group").required();
  args.option("--collective", o->collective, "what is done").choices(names);
  args.option("--bytes", o->bytes, "what each chip starts or ends with, the larger").required();
  args.option("--dtype", o->dtype, "number format of what is added up");
  args.option("--library", o->library, "whose collectives").choices({"nccl", "tensorrt-llm", "vllm"});
  args.option("--algorithm", o->algorithm, "ring, nvls, one_shot, ...; the fastest without it");
  args.footer("Example: wordline cluster transfer --chip h100-sxm --chips 8 --bytes 134217728");
  args.action([o, &common = args.common()] { return transfer(*o, common); });
}

}  // namespace wordline::cli
