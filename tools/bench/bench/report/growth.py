# SPDX-License-Identifier: GPL-2.0
"""How the helpers grow with the number of VMAs: a small plot for each, of C and of Rust."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from bench.failure import BadInput
from bench.report import drawing
from bench.report.run_file import Result
from bench.words import count, plural

EDGE = 16
COLUMNS = 3
HEAD = 56
WIDTH = 316
HEIGHT = 200
# The plot, within its panel. Below it are the figures.
LEFT = 78
TOP = 34
PLOT_WIDTH = 178
PLOT_HEIGHT = 92
DOT = 3.5


@dataclass(frozen=True)
class Point:
    vmas: int
    c: float
    rust: float


def growth(results: Sequence[Result], architecture: str) -> str:
    """Raises BadInput."""
    curves = _curves(results)
    if not curves:
        raise BadInput(
            "no helper was measured with several numbers of VMAs, as in modify_flags/left/1000"
        )
    lines = math.ceil(len(curves) / COLUMNS)
    title = f"How the helpers grow with the number of VMAs, on {architecture}"
    root = drawing.svg(
        2 * EDGE + COLUMNS * WIDTH,
        HEAD + lines * HEIGHT + EDGE,
        title,
        f"{plural(len(curves), 'plot')}, one a helper: instructions of a call by C and by Rust, against "
        "the number of VMAs of the process. The figures are below each plot.",
    )
    drawing.text(root, EDGE, 26, title, "heading")
    _legend(root)
    for place, (name, points) in enumerate(curves.items()):
        x = EDGE + place % COLUMNS * WIDTH
        y = HEAD + place // COLUMNS * HEIGHT
        _panel(SubElement(root, "g"), name, points, x, y)
    return drawing.contents(root)


def _curves(results: Sequence[Result]) -> dict[str, list[Point]]:
    """By the name without the number at its end."""
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


def _panel(panel: Element, name: str, points: list[Point], x: float, y: float) -> None:
    left, top, bottom = x + LEFT, y + TOP, y + TOP + PLOT_HEIGHT
    most = max(max(point.c, point.rust) for point in points)
    least_vmas, most_vmas = points[0].vmas, points[-1].vmas

    def across(vmas: int) -> float:
        share = math.log(vmas / least_vmas) / math.log(most_vmas / least_vmas)
        return left + PLOT_WIDTH * share

    def up(instructions: float) -> float:
        return bottom - PLOT_HEIGHT * instructions / most

    drawing.text(panel, x, y + 20, name, "heading")
    for height, words in ((bottom, "0"), (top, count(most))):
        drawing.line(panel, (left, height), (left + PLOT_WIDTH, height), "grid")
        drawing.text(panel, left - 8, height + 4, words, "quiet end")
    for words, below, kind in (
        ("VMAs", 18, "quiet"),
        ("C", 34, "c-text"),
        ("Rust", 50, "rust-text"),
    ):
        drawing.text(panel, x, bottom + below, words, kind)
    for point in points:
        at = across(point.vmas)
        drawing.line(panel, (at, top), (at, bottom), "grid")
        drawing.text(panel, at, bottom + 18, f"{point.vmas:,}", "quiet middle")
        drawing.text(panel, at, bottom + 34, count(point.c), "c-text middle")
        drawing.text(panel, at, bottom + 50, count(point.rust), "rust-text middle")
    _curve(panel, [(across(point.vmas), up(point.c)) for point in points], "c")
    _curve(panel, [(across(point.vmas), up(point.rust)) for point in points], "rust")


def _curve(panel: Element, places: list[tuple[float, float]], side: str) -> None:
    drawing.polyline(panel, places, f"curve {side}")
    for x, y in places:
        if side == "c":
            drawing.circle(panel, (x, y), DOT + 1, "dot c")
        else:
            drawing.rectangle(panel, x - DOT, y - DOT, 2 * DOT, 2 * DOT, "dot rust")


def _legend(root: Element) -> None:
    y = 44.0
    _curve(root, [(EDGE, y), (EDGE + 30, y)], "c")
    drawing.text(root, EDGE + 40, y + 4, "C", "c-text")
    _curve(root, [(EDGE + 80, y), (EDGE + 110, y)], "rust")
    drawing.text(root, EDGE + 120, y + 4, "Rust", "rust-text")
    drawing.text(
        root,
        EDGE + 180,
        y + 4,
        "instructions of a call; the number of VMAs is logarithmic",
        "quiet",
    )
