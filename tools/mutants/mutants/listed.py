# SPDX-License-Identifier: GPL-2.0
"""Reads tests/userland/mutants.txt: a list of mutants, separated by empty lines."""

import re
from dataclasses import dataclass
from itertools import groupby

from mutants.failure import Unusable

ENTRY = re.compile(
    r"(?P<path>\S+): (?P<name>.+)\n(?P<old>(-.*\n)+)(@(?P<occurrence>[1-9]\d*)\n)?"
    r"(?P<new>(\+.*\n)*)(?P<why>(=.*\n)*)"
)


@dataclass(frozen=True)
class Mutant:
    """A change at one place. Lines are compared without their indentation."""

    path: str
    name: str
    old: list[str]
    new: list[str]
    # The number of the place among several such places; None if there is only one.
    occurrence: int | None
    # The reason why no test can notice the change, or empty.
    equivalent: str

    def applied_to(self, source: str) -> str:
        """Returns the source with the change. Raises Unusable."""
        lines = source.splitlines()
        length = len(self.old)
        places = [
            start
            for start in range(len(lines) - length + 1)
            if [line.strip() for line in lines[start : start + length]] == self.old
        ]
        if len(places) < (self.occurrence or 1):
            raise Unusable(f"{self.path} has no such place: {self.name}")
        if len(places) > 1 and not self.occurrence:
            raise Unusable(f"{self.path} has {len(places)} such places: {self.name}")
        start = places[(self.occurrence or 1) - 1]
        lines[start : start + length] = self.new
        return "\n".join(lines) + "\n"


def read(text: str) -> list[Mutant]:
    """Reads a list of mutants. Raises Unusable."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    groups = groupby(lines, key=lambda line: bool(line.strip()))
    return [_mutant("\n".join(group) + "\n") for filled, group in groups if filled]


def _mutant(entry: str) -> Mutant:
    match = ENTRY.fullmatch(entry)
    if not match:
        raise Unusable(f"mutants.txt: cannot read:\n{entry}")
    old, new, why = (
        [line[1:].strip() for line in match[part].splitlines()] for part in ("old", "new", "why")
    )
    occurrence = int(match["occurrence"]) if match["occurrence"] else None
    return Mutant(match["path"], match["name"], old, new, occurrence, " ".join(why))
