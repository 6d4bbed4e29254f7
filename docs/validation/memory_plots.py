#!/usr/bin/env python3
"""Draws docs/validation/memory/NAME.svg: simulated bandwidth-latency curves of machines, and their measured ends.

    docs/validation/memory_plots.py [--wordline build/bin/wordline] [--reference ../shared/reference --out FOLDER]

With --reference the measured curves of bsc-mem are drawn too; those are not ours to publish, so write such plots
elsewhere with --out.
"""
import argparse
import csv
import io
import pathlib
import subprocess

# Machine: title, GB/s of the longest axis, ns, measured saturations (share of reads: GB/s, ns; facts of bsc-mem's and
# BSC's publications), file of the measured curves.
MACHINES = {
    "xeon-8460y": ("Xeon 8460Y+, 8 x 32 GB DDR5-4800", 307.2, 500, {1.0: (267.4, 223), 0.5: (236.6, 364)}, "MN5_MN5-ACC_local.csv"),
    "xeon-8480-8x16gb": ("Xeon 8480+, 8 x 16 GB DDR5-4800", 307.2, 500, {1.0: (233.5, 223), 0.5: (187.5, 491)}, "MN5_MN5-GPP_regular_AVX2_local.csv"),
    "xeon-8480-8x64gb": ("Xeon 8480+, 8 x 64 GB DDR5-4800", 307.2, 500, {1.0: (263.5, 250), 0.5: (223.9, 386)}, "MN5_MN5-GPP_highmem_AVX2_multisequential.csv"),
    "graviton3": ("Graviton3, 8 x DDR5-4800", 307.2, 500, {1.0: (283.2, 308)}, "graviton3_ddr5_rd100_bwlat_MBs_ns.txt"),
    "a64fx": ("A64FX, 4 x HBM2", 1024, 500, {1.0: (942.6, 311)}, "a64fx_hbm2_rd100_bwlat_MBs_ns.txt"),
    "h100-64gb-hbm2e": ("H100 64 GB, 4 x HBM2e", 1631, 1800, {1.0: (1571, 784), 0.5: (1455, 1300)}, None),
    "xeon-6980p-rdimm-6400": ("Xeon 6980P, 12 x DDR5-6400 RDIMM", 614.4, 800, {1.0: (556, 384)}, None),
    "xeon-6980p-mcr-8800": ("Xeon 6980P, 12 x MRDIMM-8800", 844.8, 800, {1.0: (750, 260), 0.5: (660, 410)}, None),
}
COLOURS = {1.0: "#1f6f8b", 0.75: "#d08c1d", 0.5: "#a3333d"}
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 480, 300, 52, 34, 14, 40


def simulated(wordline, name, reads):
    command = [wordline, "memory", "curve", "--system", name, "--reads", ",".join(map(str, reads)), "--time", "39", "--quiet", "--csv", "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    curves = {}
    for row in csv.DictReader(io.StringIO(text)):
        curves.setdefault(float(row["reads"]), []).append((float(row["bandwidth_gbps"]), float(row["mean_latency_ns"])))
    return curves


def measured(path):
    curves = {}
    if path.suffix == ".csv":
        for row in csv.DictReader(path.open()):
            share = {100: 1.0, 75: 0.75, 50: 0.5, 51: 0.5}.get(round(float(row["read_pct_rounded"])))
            curves.setdefault(share, []).append((float(row["bandwidth_mean"]), float(row["latency_mean"])))
    else:
        curves[1.0] = [(float(a) / 1000, float(b)) for a, b in (line.split() for line in path.open() if line[0] != "#")]
    return {share: sorted(points) for share, points in curves.items() if share in COLOURS}


def svg(title, gbps, ns, curves, dots, ends):
    x = lambda b: LEFT + b / gbps * (WIDTH - LEFT - RIGHT)
    y = lambda l: HEIGHT - BOTTOM - min(l, ns) / ns * (HEIGHT - TOP - BOTTOM)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="18" font-size="13">{title}</text>']
    for i in range(6):
        b, l = gbps * i / 5, ns * i / 5
        out.append(f'<path d="M{x(b):.0f} {y(0):.0f}V{y(ns):.0f}M{x(0):.0f} {y(l):.0f}H{x(gbps):.0f}" stroke="#ddd"/>'
                   f'<text x="{x(b):.0f}" y="{y(0) + 14:.0f}" text-anchor="middle">{b:.0f}</text><text x="{LEFT - 5}" y="{y(l) + 4:.0f}" text-anchor="end">{l:.0f}</text>')
    out.append(f'<text x="{x(gbps):.0f}" y="{HEIGHT - 8}" text-anchor="end">GB/s (axis ends at the peak)</text><text x="{LEFT}" y="{TOP - 4}">ns</text>')
    for share, points in sorted(curves.items()):
        line = " ".join(f"{x(b):.1f},{y(l):.1f}" for b, l in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[share]}" stroke-width="1.6"/>')
    for share, points in dots.items():
        out += [f'<circle cx="{x(b):.1f}" cy="{y(l):.1f}" r="2.2" fill="none" stroke="{COLOURS[share]}"/>' for b, l in points]
    for share, (b, l) in ends.items():
        out.append(f'<path d="M{x(b) - 5:.1f} {y(l) - 5:.1f}l10 10m0 -10l-10 10" stroke="{COLOURS[share]}" stroke-width="2"/>')
    for i, share in enumerate(sorted(curves, reverse=True)):
        out.append(f'<text x="{LEFT + 10}" y="{TOP + 14 + 14 * i}" fill="{COLOURS[share]}">{100 * share:.0f} % reads</text>')
    out.append(f'<text x="{LEFT + 10}" y="{TOP + 14 + 14 * len(curves)}">x measured saturation{", o measured" if dots else ""}</text></svg>')
    return "\n".join(out) + "\n"


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordline", default=str(here.parents[1] / "build/bin/wordline"))
    parser.add_argument("--reference", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=here / "memory")
    options = parser.parse_args()
    if options.reference and options.out.resolve() == here / "memory":
        parser.error("--reference: wanted --out FOLDER beside it; the measured curves are not published here")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, (title, gbps, ns, ends, file) in MACHINES.items():
        curves = simulated(options.wordline, name, [1.0, 0.75, 0.5] if len(ends) > 1 else [1.0])
        dots = measured(options.reference / "memory/mess" / file) if options.reference and file else {}
        (options.out / f"{name}.svg").write_text(svg(title, gbps, ns, curves, dots, ends))


if __name__ == "__main__":
    main()
