"""Shared by the tests of tools/measure: where it lies, and CSVs as a GPU might have given them. Plain Python."""
import csv
import io
import os
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
MEASURE = TREE / "tools" / "measure"
sys.path.insert(0, str(MEASURE))
sys.dont_write_bytecode = True

KERNELS = ("gemm", "ctx_attn", "gen_attn", "moe", "quant", "elementwise", "comm")
DRAM = """device,pattern,direction,piece_bytes,stride,ctas,threads,bytes_in_flight,footprint_bytes,load_gbps,gbps,latency_ns,repeats,spread
GPU,sequential,read,4294967296,4294967296,264,512,17301504,4294967296,,3012.4,,15,0.0010
GPU,strided,read,64,256,264,512,17301504,4294967296,,1411.2,,15,0.0021
GPU,random,half_reads,512,512,264,512,17301504,4294967296,,2204.9,,15,0.0017
GPU,chase,read,8,128,1,1,8,4294967296,,,651.3,15,0.0009
GPU,loaded,read,4294967296,4294967296,131,256,1073152,4294967296,1804.4,,803.1,15,0.0110
GPU,launch_sync,none,0,0,1,128,0,0,,,5210,15,0.0300
GPU,launch_graph,none,0,0,1,128,0,0,,,1210,15,0.0040
"""


def ran(*words, **more) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more.pop("env", {})}
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, env=environment, **more)


def dry_run(kind: str, *words, **environment) -> str:
    done = ran(sys.executable, MEASURE / "kernels.py", kind, "--dry-run", *words, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def measured(kind: str) -> str:
    """A dry run with figures filled in."""
    if kind == "dram":
        return DRAM
    rows = list(csv.DictReader(io.StringIO(dry_run(kind))))
    filled = dict(us="12.5", library="torch", repeats="7", spread="0.0100", sys="GPU", impl="nccl2.27.3")
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: value or filled[name] for name, value in row.items()} for row in rows)
    return text.getvalue()
