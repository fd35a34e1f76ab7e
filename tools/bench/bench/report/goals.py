# SPDX-License-Identifier: GPL-2.0
"""The goals, and the rows that miss them. A missed goal is not a failure."""

from collections.abc import Sequence

from bench.report.rows import Row
from bench.words import count, plural

# The goal for the ratio of Rust's instructions to C's, by group.
RATIO = {"helpers": 1.00, "syscalls": 1.02}
# The goal for the own ratio of at least half of the helpers.
OWN_RATIO = 0.95
# The goal for the number of instructions that the hook adds to a hooked call.
A_CALL = 2


def missed(row: Row) -> bool:
    """Returns whether the row misses its goal: by its ratio, or by the instructions that a hooked call takes
    longer."""
    if row.group == "hook":
        return row.a_call is not None and row.a_call > A_CALL
    return row.group in RATIO and row.ratio > RATIO[row.group]


def verdicts(rows: Sequence[Row]) -> str:
    """Returns a line for each goal, followed by a line for each row that misses it."""
    helpers, syscalls, hook = (
        [row for row in rows if row.group == group] for group in ("helpers", "syscalls", "hook")
    )
    said = [
        _every(helpers, f"helpers, ratio of at most {RATIO['helpers']:.2f} on every row"),
        _half(
            helpers, f"helpers, own ratio of at most {OWN_RATIO:.2f} on at least half of the rows"
        ),
        _every(syscalls, f"syscalls, ratio of at most {RATIO['syscalls']:.2f} on every row"),
        _every(hook, f"hook, at most {A_CALL} instructions more a hooked call on every row"),
    ]
    return "\n".join(said)


def _every(rows: Sequence[Row], goal: str) -> str:
    if not rows:
        return f"not measured: {goal}"
    missing = [row for row in rows if missed(row)]
    if not missing:
        return f"met: {goal} ({plural(len(rows), 'row')})"
    lines = [f"missed: {goal}; {len(missing)} of {plural(len(rows), 'row')}:"]
    for row in missing:
        figure = f"{row.ratio:.3f}" if row.a_call is None else f"{row.a_call:.2f} a call"
        lines.append(
            f"  {row.name} ({figure}; C {count(row.c.median)}, Rust {count(row.rust.median)})"
        )
    return "\n".join(lines)


def _half(rows: Sequence[Row], goal: str) -> str:
    """Returns the line for the own ratio. A row without a measured own ratio does not reach the goal."""
    own_ratios = [row.own_ratio for row in rows if row.own_ratio is not None]
    if not own_ratios:
        return f"not measured: {goal}"
    reached = sum(ratio <= OWN_RATIO for ratio in own_ratios)
    verdict = "met" if 2 * reached >= len(rows) else "missed"
    return f"{verdict}: {goal}: {reached} of {len(rows)}"
