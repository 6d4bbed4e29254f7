#!/usr/bin/env python3
"""Measures kernels of one kind over the designed grid, with PyTorch, and writes a CSV and what can be said of the run.

    kernels.py KIND --out FILE.csv [--seconds S] [--seed N] [--pool-gib G] [--attention auto|LIBRARY]
    kernels.py KIND --dry-run      the same rows without figures, to standard output; needs neither torch nor a GPU

KIND: gemm, ctx_attn, gen_attn, moe, quant, elementwise, comm. Beside FILE.csv comes FILE.json: versions, how many points were
planned, measured, skipped and why. Both appear whole, at the end, or not at all. Exit codes: 0 done, 1 nothing could be
measured, 2 usage. The GPU is the first that CUDA_VISIBLE_DEVICES shows.
"""
import argparse
import collections
import csv
import importlib
import io
import json
import os
import sys
import time
import warnings
from pathlib import Path

import columns
import grid


def written(path: Path, text: str):
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def row_of(kind: str, point: dict, **figures) -> list:
    """In the order of the columns; what there is not stays empty."""
    known = {**point, **figures}
    return [known.get(column, "") for column in columns.COLUMNS[kind]]


def csv_text(kind: str, rows: list[list]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns.COLUMNS[kind])
    writer.writerows(rows)
    return text.getvalue()


def residencies(kind: str) -> tuple:
    return ("warm",) if kind == "comm" else columns.RESIDENCIES


def timed(timing) -> dict:
    return dict(us=f"{timing.us:.5g}", repeats=timing.repeats, spread=f"{timing.spread:.4f}")


class Bench:
    """What the kernels share: pools of operands, compiled functions, the choice of a library."""

    def __init__(self, torch, options):
        from operands import Pools
        self.torch, self.device, self.seed, self.attention = torch, "cuda", options.seed, options.attention
        total = torch.cuda.get_device_properties(0).total_memory
        self.pools = Pools(torch, min(int(options.pool_gib * 2**30), total // 8), seed=options.seed)
        self.functions = {}

    def example(self, m: int, k: int):
        return self.pools.arena(0).take({"x": ((m, k), self.torch.bfloat16)})["x"]

    def compiled(self, function, example):
        """torch.compile'd for all sizes at once. It is run first on `example()`, whose sizes the compiler tunes for, so that
        what it makes does not depend on which point comes first."""
        if function not in self.functions:
            self.functions[function] = self.torch.compile(function, dynamic=True)
            self.functions[function](*example())
        return self.functions[function]


def kernel_class(kind: str):
    if kind == "gemm":
        from kernels_gemm import Gemm as found
    elif kind in ("ctx_attn", "gen_attn"):
        from kernels_attention import Attention as found
    elif kind == "moe":
        from kernels_moe import Moe as found
    elif kind == "quant":
        from kernels_quant import Quant as found
    else:
        from kernels_elementwise import Elementwise as found
    return found


def measure_point(kind: str, bench, timer, make_kernel, point: dict) -> list[list]:
    """Its rows, warm and cold; both or none. Raises DoesNotFit, or what the library says."""
    from operands import DoesNotFit
    kernel = make_kernel(bench, point)
    if kernel.copies < 1:
        raise DoesNotFit("its operands are larger than the pool")
    warm, cold = timer.warm(kernel.make), timer.cold(kernel.make, kernel.copies)
    if min(warm.us, cold.us) <= 0:
        raise DoesNotFit("lost in the time of the flush")
    return [row_of(kind, point, library=kernel.library, residency=name, **timed(timing))
            for name, timing in zip(columns.RESIDENCIES, (warm, cold))]


def reason(error: Exception) -> str:
    words = str(error).strip().splitlines()
    return words[0][:160] if words else type(error).__name__


def measure(kind: str, torch, options, points: list[dict]):
    """(rows, how many points were skipped by reason, how many were never reached)."""
    from timing import GraphsOfTorch, Timer
    config = importlib.import_module("torch._dynamo").config
    # Sizes of 1 and some others are compiled apart: more variants than torch allows by itself. Its name has changed.
    setattr(config, "recompile_limit" if hasattr(config, "recompile_limit") else "cache_size_limit", 64)
    timer = Timer(GraphsOfTorch(torch))
    bench, make_kernel = Bench(torch, options), kernel_class(kind)
    rows, skipped = [], collections.Counter()
    start = time.monotonic()
    for number, point in enumerate(points):
        if time.monotonic() - start > options.seconds:
            return rows, skipped, len(points) - number
        if number % 100 == 0:
            print(f"{kind}: {number} of {len(points)}, {time.monotonic() - start:.0f} s", file=sys.stderr)
        try:
            rows += measure_point(kind, bench, timer, make_kernel, point)
        except Exception as error:  # libraries and compilers raise what they like; the reason goes to the manifest
            skipped[reason(error)] += 1
            try:
                torch.cuda.synchronize()
            except Exception as failure:  # the GPU itself: nothing after it would count
                skipped[f"the GPU failed: {reason(failure)}"] += 1
                return rows, skipped, len(points) - number - 1
    return rows, skipped, 0


def measure_comm(torch, options, points: list[dict]):
    import kernels_comm
    from timing import Timing
    name = torch.cuda.get_device_name(0).replace(",", " ")
    rows = [row_of("comm", point, sys=name, impl=kernels_comm.impl(), residency="warm", **timed(Timing(times)))
            for point, times in kernels_comm.measure(points, options.seconds)]
    return rows, collections.Counter(), len(points) - len(rows)


def versions(torch) -> dict:
    found = {"python": sys.version.split()[0], "torch": torch.__version__, "cuda": torch.version.cuda,
             "cudnn": torch.backends.cudnn.version(), "device": torch.cuda.get_device_name()}
    for name in ("triton", "flash_attn_interface", "flash_attn", "flashinfer"):
        try:
            found[name] = getattr(__import__(name), "__version__", "unknown")
        except Exception:  # what is installed but can't be loaded is as good as not there
            continue
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=list(grid.KINDS), metavar="KIND")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pool-gib", type=float, default=8)
    parser.add_argument("--attention", default="auto", choices=["auto", "flash_attn_interface", "flash_attn", "flashinfer",
                                                                "torch.sdpa"])
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    points = grid.points(options.kind, options.seed)
    if options.dry_run:
        sys.stdout.write(csv_text(options.kind, [row_of(options.kind, point, residency=residency)
                                                 for point in points for residency in residencies(options.kind)]))
        return 0
    if options.out is None:
        parser.error("--out FILE.csv is wanted, or --dry-run")
    import torch
    warnings.filterwarnings("ignore")  # torch's words on why it does not take one attention kernel or other
    start = time.monotonic()
    if options.kind == "comm":
        rows, skipped, left = measure_comm(torch, options, points)
    else:
        rows, skipped, left = measure(options.kind, torch, options, points)
    if not rows:
        print(f"{options.kind}: nothing could be measured: {dict(skipped)}", file=sys.stderr)
        return 1
    about = {"kind": options.kind, "seed": options.seed, "seconds": round(time.monotonic() - start, 1), "planned": len(points),
             "rows": len(rows), "not_reached": left, "skipped": dict(skipped.most_common()), "versions": versions(torch)}
    written(options.out.with_suffix(".json"), json.dumps(about, indent=1) + "\n")
    written(options.out, csv_text(options.kind, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
