# SPDX-License-Identifier: GPL-2.0
"""The profiles of each row of the benchmark, as lines of text:

    profile GROUP NAME SIDE SYMBOL COUNT

One call of the row by SIDE, c or rust, executes COUNT instructions in the function SYMBOL itself, without the
functions that it calls.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.failure import BadInput

C = "c"
RUST = "rust"
SIDES = (C, RUST)

PROFILE = re.compile(r"profile (\S+) (\S+) (c|rust) (\S+) ([0-9]+)")


class Key(NamedTuple):
    group: str
    name: str


@dataclass(frozen=True)
class Row:
    """The instructions of both sides, by symbol."""

    c: dict[str, int] = field(default_factory=dict)
    rust: dict[str, int] = field(default_factory=dict)

    def side(self, name: str) -> dict[str, int]:
        return self.c if name == C else self.rust

    def symbols(self) -> set[str]:
        return self.c.keys() | self.rust.keys()


def read(lines: Iterable[str]) -> dict[Key, Row]:
    """Reads profiles, in the order of their lines. Other lines may be among them."""
    rows: defaultdict[Key, Row] = defaultdict(Row)
    for line in lines:
        if line.split(maxsplit=1)[:1] != ["profile"]:
            continue
        match = PROFILE.fullmatch(line.strip())
        if match is None:
            raise BadInput(f"this is not profile GROUP NAME SIDE SYMBOL COUNT: {line.strip()}")
        group, name, side, symbol, count = match.groups()
        counts = rows[Key(group, name)].side(side)
        if symbol in counts:
            raise BadInput(f"the {side} side of {group} {name} has {symbol} twice")
        counts[symbol] = int(count)
    for key, row in rows.items():
        for side in SIDES:
            if not row.side(side):
                raise BadInput(f"{key.group} {key.name} has no {side} side")
    return dict(rows)


def write(key: Key, side: str, counts: dict[str, int]) -> list[str]:
    """Returns the lines of a profile, with the largest count first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"profile {key.group} {key.name} {side} {symbol} {count}" for symbol, count in ordered]
