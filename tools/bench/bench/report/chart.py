# SPDX-License-Identifier: GPL-2.0
"""build/bench-ARCH.svg: the ratios of Rust to C, a bar for each row."""

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from bench.failure import BadInput
from bench.report import drawing, goals
from bench.report.lines import GROUPS
from bench.report.rows import Row
from bench.words import plural, ratio

EDGE = 16
TOP = 100
ROW = 18
BAR = 11
GAP = 26
AXIS = 400
# Room for a ratio, behind the bars.
FIGURES = 72
OWN = 5

# Both sides of these rows are C.
NOT_OF_RUST = "hook"


def chart(rows: Sequence[Row], architecture: str) -> str:
    """Raises BadInput."""
    rows = [row for row in rows if row.group != NOT_OF_RUST]
    if not rows:
        raise BadInput("there is no row of Rust and C, and so nothing to draw")
    left = EDGE + drawing.LETTER * max(len(row.name) for row in rows) + 8
    end = _end(rows)
    scale = AXIS / end
    groups = [each for each in (_of(group, rows) for group in GROUPS) if each]
    bottom = TOP + sum(GAP + ROW * len(group) for group in groups) + 8
    over = sum(goals.missed(row) for row in rows)
    title = f"Instructions of Rust for one of C, on {architecture}"
    root = drawing.svg(
        left + AXIS + 2 * FIGURES + EDGE,
        bottom + 40,
        title,
        f"{plural(len(rows), 'bar')}, with the figures behind each; {over} longer than is aimed at.",
    )
    drawing.text(root, EDGE, 26, title, "heading")
    _legend(root)
    _grid(root, left, scale, bottom, end)
    drawing.text(root, left + AXIS + FIGURES - 8, TOP - 8, "ratio", "quiet end")
    drawing.text(root, left + AXIS + 2 * FIGURES - 8, TOP - 8, "own", "quiet end")
    places = _places(groups)
    for group in groups:
        drawing.text(
            root, EDGE, places[group[0].group, group[0].name] - 7, group[0].group, "heading"
        )
        for row in group:
            _row(root, row, left, scale, places[row.group, row.name])
    # Over the bars.
    drawing.line(root, (left + scale, TOP), (left + scale, bottom), "one")
    for row in rows:
        if row.own_ratio is not None:
            _own_mark(root, left + scale * row.own_ratio, places[row.group, row.name] + ROW / 2)
    return drawing.contents(root)


def _of(group: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.group == group]


def _places(groups: list[list[Row]]) -> dict[tuple[str, str], float]:
    """Where each row begins."""
    places = {}
    y: float = TOP
    for group in groups:
        y += GAP
        for row in group:
            places[row.group, row.name] = y
            y += ROW
    return places


def _end(rows: Sequence[Row]) -> float:
    """Where the axis ends: at the first quarter beyond all that is shown."""
    shown = [row.ratio for row in rows]
    shown += [row.own_ratio for row in rows if row.own_ratio is not None]
    return (math.floor(4 * max(1.0, *shown)) + 1) / 4


def _grid(root: Element, left: float, scale: float, bottom: float, end: float) -> None:
    # A long axis has fewer marks.
    step = 0.25 * math.ceil(end / 2)
    for place in range(int(end / step) + 1):
        x = left + scale * step * place
        drawing.line(root, (x, TOP), (x, bottom), "grid")
        drawing.text(root, x, bottom + 18, f"{step * place:.2f}", "quiet middle")


def _row(root: Element, row: Row, left: float, scale: float, y: float) -> None:
    element = SubElement(root, "g")
    own = "" if row.own_ratio is None else f", own {ratio(row.own_ratio)}"
    SubElement(element, "title").text = f"{row.group} {row.name}: {ratio(row.ratio)}{own}"
    base = y + ROW - 5
    drawing.text(element, left - 8, base, row.name, "end")
    kind = "bar over" if goals.missed(row) else "bar"
    drawing.rectangle(element, left, y + (ROW - BAR) / 2, scale * row.ratio, BAR, kind)
    figures = left + AXIS + FIGURES - 8
    drawing.text(element, figures, base, ratio(row.ratio), "end")
    if goals.missed(row):
        drawing.text(element, figures + drawing.LETTER, base, ">")
    if row.own_ratio is not None:
        drawing.text(element, figures + FIGURES, base, ratio(row.own_ratio), "quiet end")


def _own_mark(root: Element, x: float, y: float) -> None:
    """A diamond, which is seen on a bar and beside it."""
    drawing.polygon(root, [(x - OWN, y), (x, y - OWN), (x + OWN, y), (x, y + OWN)], "own")


def _legend(root: Element) -> None:
    x, y = EDGE, 50
    drawing.rectangle(root, x, y - BAR + 1, 24, BAR, "bar")
    drawing.text(root, x + 32, y, "ratio of all instructions")
    x += 240
    drawing.rectangle(root, x, y - BAR + 1, 24, BAR, "bar over")
    drawing.text(root, x + 32, y, "> more than is aimed at")
    y += 20
    x = EDGE
    _own_mark(root, x + 12, y - 4)
    drawing.text(root, x + 32, y, "own: without what both do")
    x += 240
    drawing.line(root, (x + 12, y - BAR), (x + 12, y + 2), "one")
    drawing.text(root, x + 32, y, "1.00: as many as C")
