"""Plots as SVG, light and dark: a figure of text and paths, panels with axes, dots and lines. Same calls, same bytes."""
import math
import sys
from xml.sax.saxutils import escape

WIDTH = 760
STYLE = """
svg{--paper:#fff;--ink:#1f2328;--muted:#656d76;--grid:#d8dee4;--grey:#9aa4ae;--p:#0072b2;--q:#d55e00;--r:#009e73;--s:#b5479a}
@media (prefers-color-scheme:dark){
svg{--paper:#0d1117;--ink:#e6edf3;--muted:#8d96a0;--grid:#30363d;--grey:#6e7781;--p:#58b4f0;--q:#ff8f4a;--r:#3fcf9f;--s:#e58fd0}}
text{font:11px sans-serif;fill:var(--ink)}.m{fill:var(--muted)}.h{font-weight:bold}.t{font-size:14px;font-weight:bold}
.e{text-anchor:end}.c{text-anchor:middle}path{fill:none;stroke-linecap:round}.g{stroke:var(--grid)}.x{stroke:var(--muted)}
.k{stroke:var(--grey)}.p{stroke:var(--p)}.q{stroke:var(--q)}.r{stroke:var(--r)}.s{stroke:var(--s)}.i{stroke:var(--ink)}
""".replace("\n", "")
SERIES = ("p", "q", "r", "s")  # looks of lines and dots, beside k (grey) and i (ink)


class Axis:
    """A range of values on a line of pixels, linear or logarithmic, with round ticks."""

    def __init__(self, low, high, label="", log=False, ticks=6):
        self.low, self.high, self.label, self.log = low, high, label, log
        if log:
            powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            digits = (1, 2, 5) if high / low < 150 else (1,)
            candidates = [digit * 10.0**power for power in powers for digit in digits]
        else:
            rough = (high - low) / ticks
            unit = 10 ** math.floor(math.log10(rough))
            step = min((f * unit for f in (1, 2, 5, 10)), key=lambda s: abs(math.log(s / rough)))
            candidates = [i * step for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        self.ticks = [tick for tick in candidates if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9) or not log]

    def share(self, value):
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        return ((math.log(value) if self.log else value) - low) / (high - low)


def number(value):
    return f"{value:,.10g}" if abs(value) >= 1000 else f"{value:.6g}".replace("-", "−")


def percent(ratio):
    """A ratio's distance from 1 in whole percent, with its sign."""
    rounded = round(100 * (ratio - 1))
    return f"{rounded:+d} %".replace("-", "−") if rounded else "0 %"


class Figure:
    """An SVG of fixed width; y grows downwards."""

    def __init__(self, height, title, subtitle):
        self.height, self.parts = height, []
        self.text(12, 22, title, "t")
        self.text(12, 38, subtitle, "m")

    def text(self, x, y, words, look=""):
        look = f' class="{look}"' if look else ""
        self.parts.append(f'<text x="{x:.6g}" y="{y:.6g}"{look}>{escape(words)}</text>')

    def path(self, path, look, width=1.0, dash=""):
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path class="{look}" stroke-width="{width:g}"{dash} d="{path}"/>')

    def dots(self, points, look, size):
        """Points as one path of zero-length strokes with round ends."""
        if points:
            self.path("".join(f"M{x:.1f} {y:.1f}h0" for x, y in points), look, size)

    def ring(self, x, y):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" class="i" stroke-width="1.5"/>')

    def legend(self, x, y, entries):
        """Entries: words, look, width, kind ("line", "dot", "ring" or a dash pattern)."""
        for words, look, width, kind in entries:
            if kind == "dot":
                self.dots([(x + 8, y - 4)], look, width)
            elif kind == "ring":
                self.ring(x + 8, y - 4)
            else:
                self.path(f"M{x} {y - 4}h16", look, width, "" if kind == "line" else kind)
            self.text(x + 22, y, words)
            x += 38 + 6.0 * len(words)

    def write(self, path):
        size = f'width="{WIDTH}" viewBox="0 0 {WIDTH} {self.height}"'
        paper = f'<rect width="{WIDTH}" height="{self.height}" style="fill:var(--paper)"/>'
        top = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style>{paper}'
        text = "\n".join([top, *self.parts, "</svg>\n"])
        path.write_text(text, encoding="utf-8")
        print(f"{path}: {len(text.encode())} bytes", file=sys.stderr)


class Panel:
    """A plot with two axes in a figure."""

    def __init__(self, figure, box, xaxis, yaxis, title):
        self.figure, (self.x, self.y, self.width, self.height) = figure, box
        self.xaxis, self.yaxis = xaxis, yaxis
        right, bottom = self.x + self.width, self.y + self.height
        lines = "".join(f"M{self.px(t):.1f} {self.y}V{bottom}" for t in xaxis.ticks)
        figure.path(lines + "".join(f"M{self.x} {self.py(t):.1f}H{right}" for t in yaxis.ticks), "g")
        figure.path(f"M{self.x} {self.y}V{bottom}H{right}", "x")
        for tick in xaxis.ticks:
            figure.text(self.px(tick), bottom + 14, number(tick), "m c")
        for tick in yaxis.ticks:
            figure.text(self.x - 5, self.py(tick) + 4, number(tick), "m e")
        figure.text(self.x + self.width / 2, bottom + 29, xaxis.label, "m c")
        figure.text(self.x, self.y - 8, title, "h")

    def px(self, value):
        return self.x + self.width * self.xaxis.share(value)

    def py(self, value):
        return self.y + self.height * (1 - self.yaxis.share(value))

    def pixels(self, points):
        return [(self.px(x), self.py(y)) for x, y in points]

    def dots(self, points, look, size=3.5):
        self.figure.dots(self.pixels(points), look, size)

    def line(self, points, look, width=1.5, dash=""):
        self.figure.path("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self.pixels(points)), look, width, dash)

    def equal(self, more):
        """The diagonal, and what is `more` times as much and as little. Both axes have the same range."""
        low, high = self.xaxis.low, self.xaxis.high
        for factor, dash in ((1, ""), (more, "3 4"), (1 / more, "3 4")):
            start, end = (max(low, low / factor), max(low, low * factor)), (min(high, high / factor), min(high, high * factor))
            self.line([start, end], "i", 0.8, dash)
