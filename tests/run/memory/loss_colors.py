#!/usr/bin/env python3
"""The colours of the causes of lost bandwidth, in both schemes of the viewer: one for each, clearly apart to every eye.

Usage: loss_colors.py STYLE.css RESULT.json REPORT.html. Colours are seen as they are and by people without red, green
or blue cones (Machado, Oliveira, Fernandes 2009), and compared in OKLab, where 0.02 is a difference one just notices.
"""
import html.parser
import json
import math
import re
import sys
from itertools import combinations
from pathlib import Path

EYES = {  # the smallest difference wanted; linear RGB as it looks
    "usual": (0.14, ((1, 0, 0), (0, 1, 0), (0, 0, 1))),
    "no red": (0.1, ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))),
    "no green": (0.1, ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))),
    "no blue": (0.08, ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))),
}
TO_CONES = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566), (0.0883024619, 0.2817188376, 0.6299787005))
TO_LAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099), (0.0259040371, 0.7827717662, -0.8086757660))


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def seen(color: str, eye) -> list[float]:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    cones = times(TO_CONES, [min(1, max(0, c)) for c in times(eye, linear)])
    return times(TO_LAB, [max(0, c) ** (1 / 3) for c in cones])


class Report(html.parser.HTMLParser):
    data, inside = "", False

    def handle_starttag(self, tag, attrs):
        self.inside = ("id", "report-data") in attrs

    def handle_data(self, data):
        self.data += data if self.inside else ""


def main() -> None:
    style, result, page = (Path(name).read_text() for name in sys.argv[1:])
    schemes = [dict(re.findall(r"--(loss-\w+): (#[0-9a-f]{6});", part)) for part in style.split("@media (prefers-color-scheme: dark)")]
    wanted = {"loss-data"} | {"loss-" + name for name in json.loads(result)["bandwidth_loss"]["lost"]}
    for scheme, colors in zip(("light", "dark"), schemes):
        if set(colors) != wanted:
            print(scheme, "has not one colour for each cause:", sorted(set(colors) ^ wanted))
        for eye, (apart, matrix) in EYES.items():
            for a, b in combinations(colors, 2):
                if (distance := math.dist(seen(colors[a], matrix), seen(colors[b], matrix))) < apart:
                    print(f"{scheme}, {eye}: {a} and {b} differ by {distance:.3f}, wanted {apart}")
    report = Report()
    report.feed(page)
    section = next(s for s in json.loads(report.data)["sections"] if s["id"] == "losses")
    used = [series["color"] for series in section["charts"][0]["series"]]
    print(f"{len(wanted)} colours, {len(used)} in the report, {len(used) - len(set(used))} of them twice, {len(set(used) - wanted)} unknown")


main()
