#!/usr/bin/env python3
"""Measures what a GPU draws while one part of it is busy, and while it runs a language model's layers.

    power.py --out FILE.csv [--seconds S] [--only NAME,...] [--library FILE.so] [--samples FILE.csv]
    power.py --dry-run      the loads, to standard output; needs neither torch nor a GPU

Each load runs for S seconds (1.8 unless said otherwise), the first 0.6 of which don't count. Needs PyTorch, nvidia-ml-py and
nvcc (or power_kernels.cu as the library FILE.so). Changes no setting of the GPU. Exit codes: 0 done, 1 nothing could be
measured, 2 usage. README.md has the columns.
"""
import argparse
import csv
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from power_loads import COLUMNS, SETTLE, planned

INSTANT = 186  # NVML_FI_DEV_POWER_INSTANT, mW


class Meter:
    """Samples energy, power and clocks of GPU 0 every 10 ms in a thread of its own."""

    def __init__(self):
        import pynvml
        self.nvml = pynvml
        pynvml.nvmlInit()
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        self.gpu = pynvml.nvmlDeviceGetHandleByIndex(int(visible) if visible.isdigit() else 0)
        self.samples, self.running = [], True
        self.thread = threading.Thread(target=self.sample, daemon=True)
        self.thread.start()

    def sample(self):
        n, gpu = self.nvml, self.gpu
        while self.running:
            before = time.perf_counter()
            energy = n.nvmlDeviceGetTotalEnergyConsumption(gpu) * 1e-3
            at = (before + time.perf_counter()) / 2
            try:
                instant = n.nvmlDeviceGetFieldValues(gpu, [INSTANT])[0].value.uiVal * 1e-3
            except Exception:  # older drivers have the averaged one only
                instant = n.nvmlDeviceGetPowerUsage(gpu) * 1e-3
            self.samples.append((at, energy, instant, n.nvmlDeviceGetClockInfo(gpu, n.NVML_CLOCK_SM),
                                 n.nvmlDeviceGetClockInfo(gpu, n.NVML_CLOCK_MEM),
                                 n.nvmlDeviceGetTemperature(gpu, n.NVML_TEMPERATURE_GPU),
                                 n.nvmlDeviceGetCurrentClocksThrottleReasons(gpu)))
            time.sleep(max(0.0, 0.01 - (time.perf_counter() - before)))

    def between(self, start: float, stop: float) -> dict:
        """Mean power by the energy counter, between its first and last change in the interval; and by instants."""
        inside = [s for s in self.samples if start <= s[0] <= stop]
        if len(inside) < 3:
            raise RuntimeError(f"{len(inside)} samples, wanted 3 or more")
        steps = [b for a, b in zip(inside, inside[1:]) if b[1] != a[1]]
        mean = lambda i: sum(s[i] for s in inside) / len(inside)
        reasons = 0
        for s in inside:
            reasons |= s[6]
        counted = (steps[-1][1] - steps[0][1]) / (steps[-1][0] - steps[0][0]) if len(steps) > 1 else ""
        return {"watts": counted, "watts_instant": mean(2), "sm_mhz": mean(3), "mem_mhz": mean(4), "celsius": mean(5),
                "throttle": hex(reasons), "samples": len(inside)}

    def about(self) -> dict:
        n, text = self.nvml, lambda x: x.decode() if isinstance(x, bytes) else x
        return {"device": text(n.nvmlDeviceGetName(self.gpu)), "driver": text(n.nvmlSystemGetDriverVersion()),
                "power_limit_w": n.nvmlDeviceGetEnforcedPowerLimit(self.gpu) * 1e-3, "date": time.strftime("%Y-%m-%d")}


def built(folder: str) -> str:
    nvcc = shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
    library = os.path.join(folder, "libpower.so")
    source = Path(__file__).with_name("power_kernels.cu")
    subprocess.run([nvcc, "-O3", "-std=c++17", "-arch=native", "-shared", "-Xcompiler", "-fPIC", "-o", library, str(source)],
                   check=True)
    return library


def run(torch, call, calls_per_replay: int, eager: bool, seconds: float):
    """Repeats `call`; returns when measuring began and ended and how many calls a second there were meanwhile."""
    ahead, stream = [], torch.cuda.current_stream()
    if eager:
        replay, calls_per_replay = call, 1
    else:
        call(), call(), torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(calls_per_replay):
                call()
        replay = graph.replay
    start, began, done = time.perf_counter(), None, 0
    while True:
        replay()
        event = torch.cuda.Event()
        event.record(stream)
        ahead.append(event)
        if len(ahead) > 2:
            ahead.pop(0).synchronize()
            done += 1
        now = time.perf_counter()
        if began is None and now - start > SETTLE:
            began, done = now, 0
        elif began is not None and now - start > seconds:
            return began, now, done * calls_per_replay / (now - began)


def main() -> int:
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--out"), parse.add_argument("--library"), parse.add_argument("--samples")
    parse.add_argument("--seconds", type=float, default=1.8)
    parse.add_argument("--only", default="")
    parse.add_argument("--dry-run", action="store_true")
    asked = parse.parse_args()
    only = [name for name in asked.only.split(",") if name]
    loads = planned()
    unknown = [name for name in only if name not in {load.name for load in loads}]
    if unknown or not (asked.out or asked.dry_run) or asked.seconds <= SETTLE:
        print(f"power.py: found {unknown or asked.seconds}, wanted --out, names as --dry-run prints them, over {SETTLE} s", file=sys.stderr)
        return 2
    loads = [load for load in loads if not only or load.name in only]
    if asked.dry_run:
        for load in loads:
            print(load.name, load.about, sep="\t")
        return 0

    meter, rows, skipped = Meter(), [], {}
    bench = None
    for load in loads:
        try:
            if load.idle:  # before anything has touched the GPU, or after
                began = time.perf_counter() + SETTLE
                time.sleep(max(asked.seconds, 3))
                rate, now = 0.0, time.perf_counter()
            else:
                if bench is None:
                    from power_loads import Bench
                    with tempfile.TemporaryDirectory() as folder:
                        bench = Bench(ctypes.CDLL(asked.library or built(folder)))
                call = load.make(bench)
                began, now, rate = run(bench.torch, call, load.calls, load.eager, asked.seconds)
            figures = meter.between(began, now)
        except Exception as error:  # a load that this GPU or library can't do is left out
            skipped[load.name] = f"{type(error).__name__}: {error}"[:300]
            print(f"{load.name}: {skipped[load.name]}", file=sys.stderr)
            continue
        finally:
            if bench:
                bench.torch.cuda.synchronize()
        scale = bench.cores if load.per_core else 1
        count = lambda amount, unit: rate * scale * amount / unit if amount else ""
        rows.append({"load": load.name, **figures, "calls_per_second": rate, "gbps": count(load.bytes, 1e9),
                     "l2_gbps": count(load.l2_bytes, 1e9), "shared_gbps": count(load.shared_bytes, 1e9),
                     "tflops": count(load.flops, 1e12), "vector_tflops": count(load.vector_flops, 1e12),
                     "exponentials_t": count(load.exponentials, 1e12)})
        print(rows[-1], file=sys.stderr)
    meter.running = False
    meter.thread.join()
    if not rows:
        return 1
    out = Path(asked.out)
    with open(f"{out}.part", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
    os.replace(f"{out}.part", out)
    about = {"kind": "power", **meter.about(), "seconds": asked.seconds, "skipped": skipped}
    if bench:
        about |= {"torch": bench.torch.__version__, "cuda": bench.torch.version.cuda}
    out.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    if asked.samples:
        with open(asked.samples, "w", encoding="utf-8") as file:
            file.writelines(",".join(map(str, sample)) + "\n" for sample in meter.samples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
