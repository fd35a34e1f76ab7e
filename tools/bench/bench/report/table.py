# SPDX-License-Identifier: GPL-2.0
"""The table on the terminal."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.report import goals
from bench.report.lines import GROUPS, TIMES
from bench.report.rows import Row
from bench.words import count, ratio

TITLES = {
    "helpers": "helpers: one call in the kernel; C and Rust alternate in one boot. The last part of a "
    "name is the number of VMAs.",
    "syscalls": "syscalls: what a program calls. C: rust_vma.ko is not loaded; Rust: it executes the "
    "kernel's calls.",
    "hook": "hook: the same calls in C. C: a kernel without the hook; Rust: with the hook, and nothing "
    "registered.",
    "userland": "userland: the engine as a program on this machine, by callgrind.",
}

LEGEND = """\
C and Rust are instructions, medians; in brackets the interquartile range of the samples (the middle half of
them lies that close together). ratio is Rust / C; own ratio the same without the instructions of functions
that both sides execute. times is how many samples each side has."""

NOT_SHOWN = """\
Instruction counts do not show cache misses, nor branches that were predicted wrongly, nor that barriers and
atomic operations take more than one cycle each: a side with fewer instructions may still take longer."""


@dataclass(frozen=True)
class Column:
    heading: str
    # The cell of a row; None if it is empty. A column whose cells are all empty is left out.
    cell: Callable[[Row], str | None]


def _own_ratio(row: Row) -> str | None:
    return ratio(row.own_ratio) if row.own else None


def _calls(row: Row) -> str | None:
    return None if row.calls is None else count(row.calls)


def _a_call(row: Row) -> str | None:
    return None if row.a_call is None else f"{row.a_call:.2f}"


COLUMNS = (
    Column("C", lambda row: count(row.c.median)),
    Column("", lambda row: f"({count(row.c.interquartile_range)})"),
    Column("Rust", lambda row: count(row.rust.median)),
    Column("", lambda row: f"({count(row.rust.interquartile_range)})"),
    Column("ratio", lambda row: ratio(row.ratio)),
    Column("own ratio", _own_ratio),
    Column("calls", _calls),
    Column("more a call", _a_call),
    Column("times", lambda row: str(row.alternations)),
)


def table(rows: Sequence[Row], module: Mapping[tuple[str, str], list[float]]) -> str:
    paragraphs = [
        _group(group, [row for row in rows if row.group == group]) for group in GROUPS + TIMES
    ]
    paragraphs += [_module(module), LEGEND, NOT_SHOWN, goals.verdicts(rows)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _group(group: str, rows: list[Row]) -> str:
    if not rows:
        return ""
    cells = [(column.heading, [column.cell(row) for row in rows]) for column in COLUMNS]
    columns = [(heading, each) for heading, each in cells if any(text is not None for text in each)]
    lines = [["name", *(heading for heading, _ in columns)]]
    for place, row in enumerate(rows):
        lines.append([row.name, *(each[place] or "" for _, each in columns)])
    return f"{_title(group)}\n{_aligned(lines)}"


def _title(group: str) -> str:
    if group in TIMES:
        return f"{group}: in nanoseconds by the clock. Noise, on a machine that does other work."
    return TITLES[group]


def _module(module: Mapping[tuple[str, str], list[float]]) -> str:
    """Lists the figures of the module. A figure that was measured several times is shown as a median."""
    if not module:
        return ""
    lines = [
        [what, count(statistics.median(numbers)), unit] for (what, unit), numbers in module.items()
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(2)]
    listed = [f"  {a:<{widths[0]}}  {b:>{widths[1]}} {unit}" for a, b, unit in lines]
    return "\n".join(["rust_vma.ko", *listed])


def _aligned(lines: list[list[str]]) -> str:
    """Returns the lines with the first column left-aligned and the other columns right-aligned."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  "
        + line[0].ljust(widths[0])
        + "".join(
            "  " + text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)
        )
        for line in lines
    )
