# SPDX-License-Identifier: GPL-2.0
"""Lines as the parts of scripts/bench print them, and the rows that scripts/bench-report makes of them."""

import subprocess
from collections.abc import Iterable

from bench.report import lines
from bench.report.rows import Row, rows
from vm.places import TOP


def sides(name: str, c: Iterable[float], rust: Iterable[float]) -> str:
    """Returns alternating samples, as they are measured. `name` includes the group."""
    alternating = zip(c, rust, strict=True)
    return "".join(
        f"sample {name} c {first:g}\nsample {name} rust {second:g}\n"
        for first, second in alternating
    )


def steady(name: str, c: float, rust: float, times: int = 30) -> str:
    """Returns samples that are the same each time."""
    return sides(name, [c] * times, [rust] * times)


def rows_of(text: str, fewest: int = 30) -> list[Row]:
    return rows(lines.read([("samples", text)]), fewest)


def row_of(text: str, fewest: int = 30) -> Row:
    (row,) = rows_of(text, fewest)
    return row


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(TOP / "scripts" / "bench-report"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
