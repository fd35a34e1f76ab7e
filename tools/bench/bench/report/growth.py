# SPDX-License-Identifier: GPL-2.0
"""The growth of the helpers' cost with the number of VMAs: a small plot for each helper, of C and of Rust."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.failure import BadInput
from bench.report import picture
from bench.report.run_file import Result
from bench.words import count, plural

COLUMNS = 3
# Sizes in inches.
WIDTH = 3.6
HEIGHT = 2.2
HEAD = 0.8

# The sides differ by more than their colours.
LOOKS: dict[str, dict[str, Any]] = {
    "C": {"color": picture.C, "linestyle": "--", "marker": "o", "markersize": 6},
    "Rust": {"color": picture.RUST, "linestyle": "-", "marker": "s", "markersize": 4},
}


@dataclass(frozen=True)
class Point:
    vmas: int
    c: float
    rust: float


def growth(results: Sequence[Result], architecture: str) -> str:
    """Draws the plots as SVG. Raises BadInput."""
    curves = _curves(results)
    if not curves:
        raise BadInput(
            "no helper was measured with several numbers of VMAs, as in modify_flags/prev/1000"
        )
    lines = math.ceil(len(curves) / COLUMNS)
    title = f"How the helpers grow with the number of VMAs, on {architecture}"
    with rc_context(picture.STYLE):
        size = (COLUMNS * WIDTH, HEAD + lines * HEIGHT)
        figure = Figure(figsize=size, layout="constrained")
        figure.suptitle(f"{title}: instructions of a call (VMAs are logarithmic)")
        plots = figure.subplots(lines, COLUMNS, squeeze=False).flat
        for plot, (name, points) in zip(plots, curves.items(), strict=False):
            _draw(plot, name, points)
        for plot in plots[len(curves) :]:
            plot.set_axis_off()
        handles = plots[0].get_lines()[: len(LOOKS)]
        figure.legend(handles, LOOKS, loc="outside lower center", ncols=len(LOOKS))
        return picture.svg(
            figure,
            title,
            f"{plural(len(curves), 'plot')}, one a helper: instructions of a call by C and by Rust, "
            "against the number of VMAs of the process. The figures are below each plot.",
            {},
        )


def _curves(results: Sequence[Result]) -> dict[str, list[Point]]:
    """Returns the points of each helper, by its name without the number at its end."""
    curves: dict[str, list[Point]] = {}
    for result in results:
        match = re.fullmatch(r"(.+)/([1-9][0-9]*)", result.name)
        if result.group == "helpers" and match:
            point = Point(int(match[2]), result.c, result.rust)
            curves.setdefault(match[1], []).append(point)
    return {
        name: sorted(points, key=lambda point: point.vmas)
        for name, points in curves.items()
        if len(points) > 1
    }


def _draw(plot: Axes, name: str, points: list[Point]) -> None:
    vmas = [point.vmas for point in points]
    sides = {"C": [point.c for point in points], "Rust": [point.rust for point in points]}
    most = max(map(max, sides.values()))
    plot.set_title(name)
    plot.set_xscale("log")
    plot.set_xticks(vmas, [f"{number:,}" for number in vmas])
    plot.minorticks_off()
    plot.set_xlim(vmas[0] / 1.5, vmas[-1] * 1.5)
    plot.set_yticks([0, most], ["0", count(most)])
    plot.set_ylim(0, most * 1.05)
    for side, numbers in sides.items():
        plot.plot(vmas, numbers, gid=f"{side} {name}", clip_on=False, **LOOKS[side])
    _figures(plot, vmas, sides)


def _figures(plot: Axes, vmas: list[int], sides: dict[str, list[float]]) -> None:
    """Writes a line of figures for each side below the numbers of VMAs."""
    for line, (side, numbers) in enumerate(sides.items()):
        for x, number in zip(vmas, numbers, strict=True):
            plot.annotate(
                count(number),
                (x, 0),
                xycoords=plot.get_xaxis_transform(),
                xytext=(0, -28 - 12 * line),
                textcoords="offset points",
                ha="center",
                color=LOOKS[side]["color"],
            )
