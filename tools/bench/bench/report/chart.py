# SPDX-License-Identifier: GPL-2.0
"""build/bench-ARCH.svg: the ratios of Rust to C, a bar for each row."""

from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.failure import BadInput
from bench.report import goals, picture
from bench.report.lines import GROUPS
from bench.report.rows import Row
from bench.words import plural, ratio

# Sizes in inches.
WIDTH = 9.0
ROW = 0.25
GAP = 0.4
HEAD = 1.2

# The positions of the figures, behind the end of the axis, as fractions of its length.
RATIO_AT = 1.13
OWN_AT = 1.26

# Both sides of these rows are C.
NOT_OF_RUST = "hook"


def chart(rows: Sequence[Row], architecture: str) -> str:
    """Draws the ratios of the rows as SVG. Raises BadInput."""
    rows = [row for row in rows if row.group != NOT_OF_RUST]
    if not rows:
        raise BadInput("there is no row of Rust and C, and so nothing to draw")
    groups = [each for each in ([row for row in rows if row.group == g] for g in GROUPS) if each]
    title = f"Instructions of Rust for one of C, on {architecture}"
    with rc_context(picture.STYLE):
        height = HEAD + sum(GAP + ROW * len(group) for group in groups)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        figure.suptitle(title)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=2)
        sizes = [len(group) for group in groups]
        plots = figure.subplots(len(groups), sharex=True, height_ratios=sizes, squeeze=False)
        for plot, group in zip(plots[:, 0], groups, strict=True):
            _draw(plot, group)
        shown = [row.ratio for row in rows] + [row.own_ratio or 0 for row in rows]
        plots[0, 0].set_xlim(0, 1.02 * max(1, *shown))
        over = sum(goals.missed(row) for row in rows)
        what = f"{plural(len(rows), 'bar')}, with the figures behind each"
        titles = {_gid(row): _called(row) for row in rows}
        return picture.svg(figure, title, f"{what}; {over} longer than is aimed at.", titles)


def _draw(plot: Axes, group: Sequence[Row]) -> None:
    plot.set_title(group[0].group)
    plot.grid(axis="y", visible=False)
    plot.set_yticks(range(len(group)), [row.name for row in group])
    plot.set_ylim(len(group) - 0.4, -0.6)
    plot.xaxis.set_major_formatter("{x:.2f}")
    plot.axvline(1, color=picture.INK, linewidth=1.2, gid=f"one {group[0].group}")
    for y, row in enumerate(group):
        missed = goals.missed(row)
        colour = picture.RUST if missed else picture.C
        (bar,) = plot.barh(y, row.ratio, height=0.65, color=colour, alpha=0.75)
        bar.set_gid(_gid(row))
        behind = plot.get_yaxis_transform()
        place: dict[str, Any] = {"transform": behind, "ha": "right", "va": "center"}
        plot.text(RATIO_AT, y, ratio(row.ratio) + (" >" if missed else "  "), **place)
        if row.own_ratio is not None:
            plot.plot(row.own_ratio, y, gid=f"own {_gid(row)}", **OWN_MARK)
            plot.text(OWN_AT, y, ratio(row.own_ratio), color=picture.QUIET, **place)


# A diamond, which is visible on a bar and beside it.
OWN_MARK: dict[str, Any] = {
    "marker": "D",
    "linestyle": "none",
    "markersize": 5,
    "markerfacecolor": picture.GROUND,
    "markeredgecolor": picture.INK,
}


def _legend() -> list[Patch | Line2D]:
    return [
        Patch(color=picture.C, alpha=0.75, label="ratio of all instructions (first figure)"),
        Patch(color=picture.RUST, alpha=0.75, label="> more than is aimed at"),
        Line2D([], [], label="own: without what both do (second figure)", **OWN_MARK),
        Line2D([], [], color=picture.INK, linewidth=1.2, label="1.00: as many as C"),
    ]


def _gid(row: Row) -> str:
    return f"{row.group} {row.name}"


def _called(row: Row) -> str:
    own = "" if row.own_ratio is None else f", own {ratio(row.own_ratio)}"
    return f"{row.group} {row.name}: {ratio(row.ratio)}{own}"
