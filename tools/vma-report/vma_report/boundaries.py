# SPDX-License-Identifier: GPL-2.0
"""Boundaries in columns, as there may be a million of them. Each of the first 65,536 reasons is there once."""

import json
from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from vma_report.vocabulary import Vocabulary, Why


# As many reasons are recognized. There are few different ones, but for those about offsets.
MOST_KNOWN = 65536


class Range(NamedTuple):
    """In pages of 4096 bytes; the end is not included."""

    start: int
    end: int


@dataclass
class Reasons:
    """Why VMAs are apart, as JSON: the words, and the causes by their numbers in `causes`."""

    json: bytearray = field(default_factory=bytearray)
    count: int = 0
    # The numbers of the first ones.
    _known: dict[str, int] = field(default_factory=dict)
    # In the order in which they were met.
    causes: dict[str, int] = field(default_factory=dict)

    def add(self, why: Why, vocabulary: Vocabulary) -> int:
        """Returns the number of the reason."""
        words = [vocabulary.sentence(blocker) for blocker in why.blockers]
        numbers = [self.causes.setdefault(cause, len(self.causes)) for cause in why.causes]
        contents = {"words": words or [vocabulary.mergeable], "causes": numbers}
        reason = json.dumps(contents, separators=(",", ":"))
        known = self._known.get(reason)
        if known is not None:
            return known
        if self.count:
            self.json += b","
        self.json += reason.encode()
        number = self.count
        self.count += 1
        if number < MOST_KNOWN:
            self._known[reason] = number
        return number


def _column() -> "array[int]":
    return array("q")


@dataclass
class Boundaries:
    """In the order of their addresses."""

    # In pages.
    lower_starts: "array[int]" = field(default_factory=_column)
    lower_sizes: "array[int]" = field(default_factory=_column)
    holes: "array[int]" = field(default_factory=_column)
    upper_sizes: "array[int]" = field(default_factory=_column)
    reason_of: "array[int]" = field(default_factory=_column)
    reasons: Reasons = field(default_factory=Reasons)
    # Where the last VMA starts.
    last: int = -1

    def __len__(self) -> int:
        return len(self.reason_of)

    def add(self, lower: Range, upper: Range, reason: int) -> None:
        self.lower_starts.append(lower.start)
        self.lower_sizes.append(lower.end - lower.start)
        self.holes.append(upper.start - lower.end)
        self.upper_sizes.append(upper.end - upper.start)
        self.reason_of.append(reason)
        self.last = upper.start
