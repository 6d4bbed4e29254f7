#!/usr/bin/env python3
"""Checks measured CSVs: columns, values, duplicates, both residencies, noise. Prints file:line: what is wrong.

    check.py [--dry-run] [--noisy 0.2] [--noisy-share 0.05] FILE.csv...

The kind is the file's name (dram.csv, gemm.csv, ...). A row is noisy where its spread is above --noisy; more than
--noisy-share of noisy rows is wrong. --dry-run: the figures must be empty instead. Exit codes: 0 good, 2 usage, 3 not.
"""
import argparse
import csv
import difflib
import math
import sys
from pathlib import Path

import columns

WORDS = {"device", "pattern", "direction", "dtype", "attn_dtype", "kv_dtype", "quant_dtype", "op", "dist", "sys", "impl",
         "library", "residency"}
VALUES = {  # the words that a column may hold, by kind
    ("dram", "pattern"): ["sequential", "strided", "random", "chase", "loaded", "launch_sync", "launch_stream", "launch_graph"],
    ("dram", "direction"): ["read", "write", "copy", "half_reads", "none"],
    ("gemm", "dtype"): ["bfloat16", "float16", "fp8", "fp8_static"],
    ("moe", "dtype"): ["bfloat16", "fp8"],
    ("moe", "dist"): ["balanced", "power_law_1.2"],
    ("quant", "op"): ["compute_scale", "scale_matrix"],
    ("comm", "op"): ["all_reduce", "all_gather", "reduce_scatter", "alltoall"],
}
FIGURES = {"chase": {"latency_ns"}, "loaded": {"latency_ns", "load_gbps"}, "launch_sync": {"latency_ns"},
           "launch_stream": {"latency_ns"}, "launch_graph": {"latency_ns"}}  # other patterns: gbps
MOST_COMPLAINTS = 20  # of one file


def nearest(found: str, valid) -> str:
    close = difflib.get_close_matches(found, list(valid), 1, 0.5)
    return f'; nearest: "{close[0]}"' if close else ""


def number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def figures_wanted(kind: str, row: dict) -> set:
    if kind == "dram":
        return FIGURES.get(row["pattern"], {"gbps"}) | {"repeats", "spread"}
    return {"us", "repeats", "spread"}


def check_value(kind: str, column: str, text: str, wanted: set, dry: bool):
    """What is wrong with one value, or None."""
    if column in columns.RESULTS:
        if dry or column not in wanted:
            return f'found "{text}", wanted nothing here' if text else None
        value = number(text)
        if column == "repeats":
            return None if value is not None and value >= 3 and value == int(value) else f'found "{text}", wanted a whole number, 3 or more'
        if value is None or value < 0 or (value == 0 and column != "spread"):
            return f'found "{text}", wanted a number {"not below" if column == "spread" else "above"} 0'
        return None
    if column in WORDS:
        valid = columns.RESIDENCIES if column == "residency" else VALUES.get((kind, column), ())
        if valid and text not in valid:
            return f'found "{text}", wanted one of {", ".join(valid)}{nearest(text, valid)}'
        if not text and not (dry and column in ("sys", "impl", "library")):
            return "found nothing, wanted a name"
        return None
    least = 0 if kind == "dram" else 1
    if not text.isdecimal() or int(text) < least:
        return f'found "{text}", wanted a whole number, {least} or more'
    return None


def check_header(kind: str, header: list):
    wanted = columns.COLUMNS[kind]
    if header == wanted:
        return []
    for place, (found, name) in enumerate(zip(header, wanted), 1):
        if found != name:
            return [(1, f'column {place}: found "{found}", wanted "{name}"{nearest(found, wanted)}')]
    return [(1, f"found {len(header)} columns, wanted {len(wanted)}: {','.join(wanted)}")]


def check_rows(kind: str, rows: list, dry: bool, noisy: float, noisy_share: float):
    """Yields (line, what is wrong)."""
    names, keys = columns.COLUMNS[kind], columns.keys(kind)
    seen, residencies, loud = {}, {}, 0
    for line, values in rows:
        if len(values) != len(names):
            yield line, f"found {len(values)} values, wanted {len(names)}"
            continue
        row = dict(zip(names, values))
        wanted = figures_wanted(kind, row)
        yield from ((line, f"{name}: {wrong}") for name in names
                    if (wrong := check_value(kind, name, row[name], wanted, dry)))
        key = tuple(row[name] for name in keys)
        if key in seen:
            yield line, f"the same as line {seen[key]}: {','.join(key)}"
        seen.setdefault(key, line)
        loud += (number(row["spread"]) or 0) > noisy
        if kind not in ("dram", "comm"):
            residencies.setdefault(key[:-1], (line, set()))[1].add(row["residency"])
    for key, (line, found) in residencies.items():
        if found != set(columns.RESIDENCIES):
            yield line, f"found only {', '.join(sorted(found))} for {','.join(key)}, wanted both warm and cold"
    if loud > noisy_share * len(rows):
        yield len(rows) + 1, f"spread: above {noisy} in {loud} of {len(rows)} rows, wanted at most {noisy_share:.0%} of them"


def check(path: Path, dry: bool, noisy: float, noisy_share: float) -> list[str]:
    kind = path.name.split(".")[0]
    if kind not in columns.COLUMNS:
        return [f'{path}:1: found the name "{kind}", wanted one of {", ".join(columns.COLUMNS)}{nearest(kind, columns.COLUMNS)}']
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), 1)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return [f"{path}:1: {error}"]
    if len(rows) < 2:
        return [f"{path}:1: found no row, wanted a header and at least one row"]
    wrong = check_header(kind, rows[0][1]) or list(check_rows(kind, rows[1:], dry, noisy, noisy_share))
    told = [f"{path}:{line}: {words}" for line, words in wrong[:MOST_COMPLAINTS]]
    return told + ([f"{path}: and {len(wrong) - MOST_COMPLAINTS} more"] if len(wrong) > MOST_COMPLAINTS else [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--noisy", type=float, default=0.2)
    parser.add_argument("--noisy-share", type=float, default=0.05)
    options = parser.parse_args()
    told = [line for path in options.files for line in check(path, options.dry_run, options.noisy, options.noisy_share)]
    print("\n".join(told) if told else f"{len(options.files)} checked: all in order")
    return 3 if told else 0


if __name__ == "__main__":
    sys.exit(main())
