#!/usr/bin/env python3
"""Draws docs/validation/plots/*.svg: measured beside simulated, from what the validation tests compare.

    tools/validation_plots.py [servers|h100|silicon|power ...] [--build build] [--data FOLDER] [--out FOLDER]

Runs the tests of BUILD that compare (validation_serve, validation_model, validation_chip; seconds) with WORDLINE_WRITE set,
and draws. With --data the CSV that they wrote there before is drawn, and nothing is run. Same CSV, same bytes.
"""
import argparse
import csv
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from svg import SERIES, Axis, Figure, Panel, number, percent

ROOT = Path(__file__).resolve().parent.parent
def servers(data, out):
    """Two real servers, request by request: distributions above, each request's error below."""
    metrics = (("e2el", "end to end", "s", 1), ("ttft", "time to first token", "s", 1), ("tpot", "time per output token", "ms", 1e3))
    kinds = (("catalogue", "p", ""), ("measured-kernels", "q", "5 4"))
    for chip, title in (("rtx-4090", "RTX 4090, Llama-3.1-8B"), ("rtx-pro-6000", "2 × RTX PRO 6000, Qwen3-32B")):
        rows = {kind: read(data, f"server-{chip}-{kind}") for kind, _, _ in kinds}
        figure = Figure(500, f"{title}: 300 ShareGPT requests through vLLM 0.19",
                        "Above: share of the requests that take at most so long. Below: each request's error, simulated over measured.")
        figure.legend(12, 60, [("measured", "k", 6, "line"), ("simulated from the catalogue alone", "p", 1.8, "line"),
                               ("simulated with the card's measured kernels", "q", 1.8, "5 4")])
        for i, (metric, name, unit, scale) in enumerate(metrics):
            real = [float(row["real_" + metric]) * scale for row in rows["catalogue"]]
            times = {kind: [float(row[metric]) * scale for row in rows[kind]] for kind in rows}
            errors = {kind: [100 * (value / told - 1) for value, told in zip(times[kind], real)] for kind in rows}
            worst = max(abs(error) for each in errors.values() for error in each)
            limit = max(10, 5 * math.ceil(worst / 5))
            above = Panel(figure, (52 + 238 * i, 92, 190, 150), Axis(0, 1.05 * max(real), f"{name}, {unit}", ticks=5),
                          Axis(0, 100, ticks=5), f"% of requests, {metric.upper()}")
            span = Axis(min(real) / 1.2, max(real) * 1.2, f"measured {name}, {unit}", log=True)
            below = Panel(figure, (52 + 238 * i, 300, 190, 150), span, Axis(-limit, limit, ticks=5), f"error in %, {metric.upper()}")
            above.line(quantiles(real), "k", 6)
            below.line([(span.low, 0), (span.high, 0)], "i", 1)
            for kind, look, dash in kinds:
                above.line(quantiles(times[kind]), look, 1.8, dash)
                below.dots(list(zip(real, errors[kind])), look, 2.6)
        figure.write(out / f"server-{chip}.svg")


def quantiles(values):
    """The distribution of values in steps of one percent: (value, percent)."""
    ordered = sorted(values)
    return [(ordered[round(percent / 100 * (len(ordered) - 1))], percent) for percent in range(101)]


def pairs(figure, box, axis, rows, step):
    """A line of the figure each: measured as a ring, simulated as a dot, the error at the right. Rows: (measured, simulated, look)."""
    x, y, width, right = box
    px = lambda value: x + width * axis.share(value)
    bottom = y + step * len(rows)
    figure.path("".join(f"M{px(tick):.1f} {y}V{bottom}" for tick in axis.ticks), "g")
    for tick in axis.ticks:
        figure.text(px(tick), bottom + 14, number(tick), "m c")
    for i, (real, simulated, look) in enumerate(rows):
        middle = y + step * (i + 0.5)
        figure.path(f"M{px(real):.1f} {middle:g}H{px(simulated):.1f}", look, 1.5)
        figure.ring(px(real), middle)
        figure.dots([(px(simulated), middle)], look, 5)
        figure.text(right, middle + 4, percent(simulated / real), "m e")


def h100(data, out):
    """Means of 16 stages: constant rates of users who share system prompts."""
    names = {"llama-2-7b": "Llama-2-7B", "codellama-34b": "CodeLlama-34B", "llama-2-70b": "Llama-2-70B", "mixtral-8x7b": "Mixtral-8x7B"}
    rows = read(data, "h100-stages")
    figure = Figure(112 + 18 * len(rows), "vLLM 0.15 on H100: users who share system prompts, at constant rates",
                    "Means of a stage of 600 s, and the simulation's error. Nothing is fitted on these runs.")
    figure.legend(12, 60, [("measured", "i", 1.5, "ring"), ("simulated", "p", 5, "dot")])
    for i, row in enumerate(rows):
        model, workload = row["experiment"].split("-tp")[0], row["experiment"].split("-")[-1]
        name = next(title for start, title in names.items() if model.startswith(start))
        figure.text(12, 97 + 18 * i, f"{row['tp']} × H100, {name}, {workload}, {row['rate']}/s")
    for i, (metric, name, scale) in enumerate((("ttft_s", "TTFT, ms", 1e3), ("e2el_s", "E2E, s", 1), ("tpot_s", "TPOT, ms", 1e3))):
        of = [(float(row["real_" + metric]) * scale, float(row[metric]) * scale, "p") for row in rows]
        figure.text(252 + 172 * i, 78, name, "h")
        pairs(figure, (252 + 172 * i, 84, 110, 406 + 172 * i), Axis(0, 1.05 * max(max(a, b) for a, b, _ in of), ticks=4), of, 18)
    figure.write(out / "h100-stages.svg")


def tpot(row, of):
    return float(row[of + "tpot_ms"])


def throughput(row, of):
    """Output tokens a second and GPU in a closed loop: concurrency x output / (TTFT + (output - 1) x TPOT) / GPUs."""
    seconds = (float(row[of + "ttft_ms"]) + (int(row["output"]) - 1) * tpot(row, of)) / 1e3
    return int(row["concurrency"]) * int(row["output"]) / seconds / int(row["tp"])


def silicon(data, out):
    """Fixed concurrency on H100: every point by model and backend, twice."""
    backends = {"vllm": "vLLM", "trtllm": "TensorRT-LLM", "sglang": "SGLang"}
    groups = {}
    for row in read(data, "silicon"):
        model = row["model"].split("/")[-1].replace("-Instruct", "").replace("-A22B-FP8", "")
        groups.setdefault(f"{model}, {backends[row['backend']]}", []).append(row)
    for name, title, unit, value in (("tpot", "time per output token", "ms", tpot),
                                     ("throughput", "output tokens a second and GPU", "tokens/s", throughput)):
        points = {group: [(value(row, "real_"), value(row, ""), row["fitted_on"] == "1") for row in rows]
                  for group, rows in sorted(groups.items())}
        every = [of for each in points.values() for real, simulated, _ in each for of in (real, simulated)]
        low, high = min(every) / 1.3, max(every) * 1.3
        figure = Figure(76 + 236 * math.ceil(len(points) / 3), f"Fixed concurrency on H100: {title}",
                        "A point is a run of aiconfigurator's database. Lines: equal, and 20 % more and less. "
                        "Stated: the median error of the scored points.")
        figure.legend(12, 60, [("scored", "p", 4, "dot"), ("the fifth that hosts' times were fitted on", "k", 4, "dot")])
        for i, (group, each) in enumerate(points.items()):
            x, y = 52 + i % 3 * 244, 92 + i // 3 * 236
            panel = Panel(figure, (x, y, 180, 180), Axis(low, high, f"measured, {unit}", log=True), Axis(low, high, log=True), group)
            panel.equal(1.2)
            for fitted, look in ((True, "k"), (False, "p")):
                panel.dots([(real, simulated) for real, simulated, kind in each if kind == fitted], look)
            scored = [abs(simulated / real - 1) for real, simulated, fitted in each if not fitted]
            figure.text(x + 8, y + 16, f"simulated, {unit}", "m")
            if scored:
                figure.text(x + 8, y + 29, f"{len(scored)} scored, {100 * statistics.median_high(scored):.1f} %")
        figure.write(out / f"silicon-{name}.svg")


def power(data, out):
    """What one H100 draws under simple loads, and A100s that serve."""
    kinds = {"predicted": ("p", "predicted"), "fitted": ("k", "the model's constants were read off it"),
             "not modelled": ("q", "not modelled")}
    rows = read(data, "power-h100")
    figure = Figure(116 + 14 * len(rows), "One H100 SXM under simple loads: power in W", "Loads of tools/measure/power.py.")
    figure.legend(12, 60, [("measured", "i", 1.5, "ring")] + [(words, look, 5, "dot") for look, words in kinds.values()])
    for i, row in enumerate(rows):
        figure.text(12, 91 + 14 * i, row["load"])
    of = [(float(row["real_w"]), float(row["w"]), kinds[row["kind"]][0]) for row in rows]
    pairs(figure, (170, 80, 500, 742), Axis(0, 750, ticks=8), of, 14)
    figure.write(out / "power-h100.svg")

    groups = {}
    for row in read(data, "power-a100"):
        name = {"bloom-176b": "BLOOM-176B", "llama2-70b": "Llama-2-70B"}[row["model"]]
        groups.setdefault(f"{name}, {row['tp']} × A100", []).append(row)
    looks = list(zip(sorted(groups), SERIES))
    figure = Figure(440, "A100s that serve: power of a phase, as a share of the TDP",
                    "Lines: equal, and 10 % more and less. Running power was fitted on the token phase of Llama-2-70B, not on BLOOM.")
    figure.legend(12, 60, [(group, look, 5, "dot") for group, look in looks])
    for i, (phase, what) in enumerate((("token_phase", "token phase (average)"), ("prompt_phase", "prompt phase (peak)"))):
        panel = Panel(figure, (52 + 366 * i, 92, 310, 310), Axis(0.3, 1.1, "measured"), Axis(0.3, 1.1), f"simulated, {what}")
        panel.equal(1.1)
        for group, look in looks:
            panel.dots([(float(row["real_" + phase]), float(row[phase])) for row in groups[group]], look, 6)
    figure.write(out / "power-a100.svg")


PLOTS = {  # name: what draws it, the tests that write its CSV (program, filter)
    "servers": (servers, [("validation_serve", "*Servers*")]),
    "h100": (h100, [("validation_serve", "SlowH100*")]),
    "silicon": (silicon, [("validation_serve", "SlowSilicon*")]),
    "power": (power, [("validation_chip", "MeasuredPower*"), ("validation_model", "SplitwisePower*")]),
}


def read(data, name):
    file = data / f"{name}.csv"
    if not file.exists():
        sys.exit(f"{file} is missing: its test skips where the reference data is not at hand (WORDLINE_REFERENCE)")
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plots", nargs="*", metavar="PLOT", help=f"{', '.join(PLOTS)}; all where none is named")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs/validation/plots")
    options = parser.parse_args()
    for name in set(options.plots) - set(PLOTS):
        parser.error(f'no plot "{name}"; there are {", ".join(PLOTS)}')
    wanted = options.plots or list(PLOTS)
    with tempfile.TemporaryDirectory() as fresh:
        data = options.data or Path(fresh)
        for program, tests in [] if options.data else [each for name in wanted for each in PLOTS[name][1]]:
            command = [options.build / "tests" / program, f"--gtest_filter={tests}"]
            ran = subprocess.run(command, env=os.environ | {"WORDLINE_WRITE": str(data)}, cwd=ROOT, capture_output=True, text=True)
            if ran.returncode != 0:
                sys.exit(f"{ran.stdout}{ran.stderr}{program} {tests}: exit code {ran.returncode}; nothing is drawn")
        options.out.mkdir(parents=True, exist_ok=True)
        for name in wanted:
            PLOTS[name][0](data, options.out)


if __name__ == "__main__":
    main()
