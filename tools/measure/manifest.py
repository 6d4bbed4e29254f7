#!/usr/bin/env python3
"""Adds a measured file to DIR/manifest.json: what was measured, on which GPU, at which clocks, with which versions, when.

    manifest.py DIR KIND ABOUT.json GPU CLOCKS.csv

ABOUT.json is what the measuring program said of its run; GPU the index that nvidia-smi knows the device by; CLOCKS.csv has
lines "SM MHz, memory MHz, watts, degrees Celsius", sampled meanwhile. The manifest appears whole or not at all. Exit codes: 0 done, 2 usage, 3 a file that can't be read.
"""
import datetime
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ASKED = ["name", "driver_version", "vbios_version", "memory.total", "power.limit", "power.max_limit", "enforced.power.limit",
         "clocks.sm", "clocks.mem", "clocks.max.sm", "clocks.max.mem", "clocks.applications.graphics",
         "clocks_throttle_reasons.active", "temperature.gpu", "power.draw", "ecc.mode.current", "mig.mode.current",
         "persistence_mode"]


def said_by(*command: str) -> str:
    """What a program prints; nothing where it is missing or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def gpu_now(index: str) -> dict:
    """Each value as nvidia-smi writes it, with its unit. A driver that does not know them all is asked one by one."""
    def asked(names: str) -> str:
        return said_by("nvidia-smi", "-i", index, f"--query-gpu={names}", "--format=csv,noheader")

    at_once = asked(",".join(ASKED)).split(", ")
    if len(at_once) == len(ASKED):
        return dict(zip(ASKED, at_once))
    return {name: answer for name in ASKED if (answer := asked(name))}


def meanwhile(path: Path) -> dict:
    """Lowest, median and highest of what was sampled during the run; lines that are cut short or say N/A do not count."""
    samples = []
    for line in path.read_text().splitlines():
        try:
            values = [float(value) for value in line.split(",")]
        except ValueError:
            continue
        samples += [values] if len(values) == 4 else []
    return {name: {"least": min(column), "median": statistics.median(column), "most": max(column)}
            for name, column in zip(("sm_mhz", "memory_mhz", "watts", "celsius"), zip(*samples))}


def main() -> int:
    if len(sys.argv) != 6:
        print(__doc__, file=sys.stderr)
        return 2
    folder, kind, about = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text()) if path.exists() else {"schema": "wordline.measured/1", "files": {}}
        entry = json.loads(about.read_text())
        sampled = meanwhile(Path(sys.argv[5]))
    except (OSError, json.JSONDecodeError) as error:
        print(f"manifest.py: {path}, {about} or {sys.argv[5]}: {error}", file=sys.stderr)
        return 3
    tree = str(Path(__file__).resolve().parent)
    manifest["files"][f"{kind}.csv"] = {
        "measured": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "wordline_commit": said_by("git", "-C", tree, "describe", "--always", "--dirty") or "unknown",
        "gpu_after": gpu_now(sys.argv[4]),
        "meanwhile": sampled,
        **entry,
    }
    temporary = folder / ".manifest.part"
    temporary.write_text(json.dumps(manifest, indent=1) + "\n")
    os.replace(temporary, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
