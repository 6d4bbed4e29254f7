"""NCCL collectives over the GPUs of one machine, each timed by graph replay on all of them at once; the slowest counts.

`elems` as nccl-tests count it: the elements of the larger buffer of one GPU (all_gather: what it receives; reduce_scatter:
what it gives). Run by torch's own spawn, one process a GPU.
"""
import json
import tempfile
import time
from pathlib import Path

import torch
import torch.distributed as dist

DTYPES = {"half": torch.float16, "int8": torch.int8}
MOST_BYTES = 1 << 29  # of one buffer
TARGET_SECONDS, MOST_CALLS, REPEATS = 2e-3, 50, 7


def call_of(op: str, elems: int, dtype, group, gpus: int):
    """The collective on its own buffers; elems is a multiple of gpus."""
    large, other = (torch.zeros(elems, dtype=dtype, device="cuda") for _ in range(2))
    small = torch.zeros(elems // gpus, dtype=dtype, device="cuda")
    return {
        "all_reduce": lambda: dist.all_reduce(large, group=group),
        "all_gather": lambda: dist.all_gather_into_tensor(large, small, group=group),
        "reduce_scatter": lambda: dist.reduce_scatter_tensor(small, large, group=group),
        "alltoall": lambda: dist.all_to_all_single(other, large, group=group),
    }[op]


def replays(call, group) -> list[float]:
    """Seconds of one call, for each replay, on the slowest GPU."""
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def slowest(work) -> float:
        dist.barrier(group=group)
        start.record()
        work()
        stop.record()
        stop.synchronize()
        seconds = torch.tensor(start.elapsed_time(stop) * 1e-3, dtype=torch.float64, device="cuda")
        dist.all_reduce(seconds, op=dist.ReduceOp.MAX, group=group)
        return float(seconds)

    slowest(call)
    calls = max(1, min(MOST_CALLS, round(TARGET_SECONDS / max(slowest(call), 1e-6))))
    graph = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        for _ in range(calls):
            call()
    slowest(graph.replay)
    return [slowest(graph.replay) / calls for _ in range(REPEATS)]


def process(rank: int, gpus: int, points: list[dict], seconds: float, folder: str):
    """One GPU's part: measures the points of this many GPUs until the time is up; GPU 0 writes down what it took."""
    torch.cuda.set_device(rank)
    dist.init_process_group("nccl", init_method=f"file://{folder}/meeting{gpus}", rank=rank, world_size=gpus)
    until, found = time.monotonic() + seconds, []
    for point in points:
        over = torch.tensor(float(time.monotonic() > until), device="cuda")
        dist.all_reduce(over, op=dist.ReduceOp.MAX)  # all stop at the same point
        dtype = DTYPES[point["dtype"]]
        if float(over) or point["elems"] * dtype.itemsize > MOST_BYTES:
            continue
        call = call_of(point["op"], point["elems"], dtype, dist.group.WORLD, gpus)
        found.append([point, replays(call, dist.group.WORLD)])
    if rank == 0:
        Path(folder, f"found{gpus}.json").write_text(json.dumps(found))
    dist.destroy_process_group()


def measure(points: list[dict], seconds: float):
    """Yields (point, seconds of one call for each replay). Points of more GPUs than there are come to nothing."""
    counts = [gpus for gpus in sorted({point["gpus"] for point in points}) if gpus <= torch.cuda.device_count()]
    for gpus in counts:
        with tempfile.TemporaryDirectory() as folder:
            own = [point for point in points if point["gpus"] == gpus]
            torch.multiprocessing.spawn(process, (gpus, own, seconds / len(counts), folder), nprocs=gpus)
            for point, times in json.loads(Path(folder, f"found{gpus}.json").read_text()):
                yield point, times


def impl() -> str:
    return "nccl" + ".".join(str(part) for part in torch.cuda.nccl.version())
