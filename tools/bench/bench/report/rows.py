# SPDX-License-Identifier: GPL-2.0
"""The rows of the table: medians of the samples, and the ratio of Rust to C."""

import statistics
from dataclasses import dataclass

from bench.failure import BadInput
from bench.own import Own, own
from bench.profile.rows import SIDES, Key
from bench.report.lines import GROUPS, TIMES, Measured, Sides

# Groups that callgrind counts, whose samples are the same each time.
COUNTED_EXACTLY = ("userland",)


@dataclass(frozen=True)
class Spread:
    """The spread of one side's samples."""

    median: float
    # A quarter of the samples lies below the first quartile, and a quarter above the second.
    quartiles: tuple[float, float]
    extremes: tuple[float, float]

    @property
    def interquartile_range(self) -> float:
        return self.quartiles[1] - self.quartiles[0]


@dataclass(frozen=True)
class Row:
    group: str
    name: str
    alternations: int
    c: Spread
    rust: Spread
    own: Own | None
    # The number of hooked calls that the row makes.
    calls: float | None

    @property
    def ratio(self) -> float:
        return self.rust.median / self.c.median

    @property
    def own_ratio(self) -> float | None:
        return self.own.ratio if self.own else None

    @property
    def a_call(self) -> float | None:
        """Returns the number of instructions that the hook adds to a hooked call."""
        return (self.rust.median - self.c.median) / self.calls if self.calls else None


def rows(measured: Measured, fewest: int) -> list[Row]:
    """Returns the rows, in the order of the groups. Raises BadInput if a row has less than `fewest`
    alternations, or is invalid."""
    for what in (measured.profiles, measured.calls):
        for key in what:
            if key not in measured.samples:
                raise BadInput(f"{_called(key)}: there are other lines, but no sample")
    ordered = sorted(measured.samples, key=lambda key: (GROUPS + TIMES).index(key.group))
    return [_row(measured, key, fewest) for key in ordered]


def spread(samples: list[float]) -> Spread:
    if len(samples) == 1:
        lower = upper = samples[0]
    else:
        lower, _, upper = statistics.quantiles(samples, n=4, method="inclusive")
    return Spread(statistics.median(samples), (lower, upper), (min(samples), max(samples)))


def _row(measured: Measured, key: Key, fewest: int) -> Row:
    samples = measured.samples[key]
    _check_sides(samples, key, 1 if key.group in COUNTED_EXACTLY else fewest)
    c, rust = (spread(samples[side]) for side in SIDES)
    if c.median == 0 or rust.median == 0:
        side = "C" if c.median == 0 else "Rust"
        raise BadInput(
            f"{_called(key)}: {side} takes no time or instructions, so it was not measured"
        )
    if key.group == "hook" and key not in measured.calls:
        raise BadInput(
            f"{_called(key)}: how many hooked calls it makes is missing: "
            f"'calls hook {key.name} NUMBER'"
        )
    return Row(
        group=key.group,
        name=key.name,
        alternations=len(samples["c"]),
        c=c,
        rust=rust,
        own=_own(measured, key),
        calls=measured.calls.get(key),
    )


def _check_sides(sides: Sides, key: Key, fewest: int) -> None:
    c, rust = (len(sides[side]) for side in SIDES)
    if c == 0 or rust == 0:
        missing = "C" if c == 0 else "Rust"
        raise BadInput(f"{_called(key)}: there are no samples of {missing}")
    if c != rust:
        raise BadInput(
            f"{_called(key)}: there are {c} samples of C and {rust} of Rust; "
            "they should alternate, so there should be as many of both"
        )
    if c < fewest:
        raise BadInput(
            f"{_called(key)}: there are {c} samples of each side, and there should be at least {fewest}"
        )


def _own(measured: Measured, key: Key) -> Own | None:
    profiles = measured.profiles.get(key)
    if profiles is None:
        return None
    for side, name in zip(SIDES, ("C", "Rust"), strict=True):
        if not profiles[side]:
            raise BadInput(
                f"{_called(key)}: there is no profile of {name}, but one of the other side"
            )
    return own(profiles["c"], profiles["rust"])


def _called(key: Key) -> str:
    return f"{key.group} {key.name}"
