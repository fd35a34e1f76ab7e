# SPDX-License-Identifier: GPL-2.0
"""Compares two runs: a result that cannot be reproduced cannot be trusted."""

from collections.abc import Sequence

from bench.failure import BadInput
from bench.report.run_file import Result
from bench.words import plural, ratio

# The most by which a ratio may differ from one run to the next, in per cent.
MOST = 1.0


def comparison(first: Sequence[Result], second: Sequence[Result]) -> tuple[str, bool]:
    """Returns a table, with the largest differences first, and whether the runs agree. Raises BadInput."""
    again = {(result.group, result.name): result for result in second}
    rows: list[tuple[float, str]] = []
    for result in first:
        other = again.pop((result.group, result.name), None)
        called = f"{result.group} {result.name}"
        if other is None:
            raise BadInput(f"{called} is in the first run only")
        rows.append(_row(called, result.ratio, other.ratio))
        if result.own_ratio is not None and other.own_ratio is not None:
            rows.append(_row(f"{called}, own", result.own_ratio, other.own_ratio))
        elif result.own_ratio != other.own_ratio:
            raise BadInput(f"only one of the runs has the own ratio of {called}")
    for group, name in again:
        raise BadInput(f"{group} {name} is in the second run only")
    rows.sort(key=lambda row: -row[0])
    apart = sum(difference > MOST for difference, _ in rows)
    verdict = (
        f"The two runs agree within {MOST:g} % on every ratio ({plural(len(rows), 'ratio')})."
        if apart == 0
        else f"The two runs differ by more than {MOST:g} % on {apart} of {plural(len(rows), 'ratio')}."
    )
    lines = [line for _, line in rows]
    return "\n".join(
        [*lines, "", f"The largest difference: {rows[0][0]:.2f} %.", verdict]
    ), apart == 0


def _row(called: str, first: float, second: float) -> tuple[float, str]:
    apart = abs(second - first)
    difference = 0.0 if apart == 0 else 100 * apart / first if first else float("inf")
    return difference, f"{difference:6.2f} %  {ratio(first)}  {ratio(second)}  {called}"
