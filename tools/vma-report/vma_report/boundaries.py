# SPDX-License-Identifier: GPL-2.0
"""Boundaries, stored in columns because there may be a million of them. Each of the first 65,536 different
reasons is stored once, and so is each of the first 65,536 different descriptions of VMAs."""

import json
from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from vma_report.vocabulary import Is, Nature, Vocabulary, Why

# The most contents that are recognized when they come again. Only reasons about offsets have many variants.
MOST_KNOWN = 65536


class Range(NamedTuple):
    """A range in pages of 4096 bytes; the end is not included."""

    start: int
    end: int


@dataclass
class Numbered:
    """Different contents, as JSON separated by commas."""

    json: bytearray = field(default_factory=bytearray)
    count: int = 0
    # The numbers of the first contents.
    _known: dict[str, int] = field(default_factory=dict)

    def number_of(self, contents: object) -> int:
        text = json.dumps(contents, separators=(",", ":"))
        known = self._known.get(text)
        if known is not None:
            return known
        if self.count:
            self.json += b","
        self.json += text.encode()
        number = self.count
        self.count += 1
        if number < MOST_KNOWN:
            self._known[text] = number
        return number


@dataclass
class Reasons(Numbered):
    """The reasons why VMAs are apart: the words, and the causes by their numbers in `causes`."""

    # In the order of their first occurrence.
    causes: dict[str, int] = field(default_factory=dict)

    def add(self, why: Why, vocabulary: Vocabulary) -> int:
        """Returns the number of the reason."""
        words = [vocabulary.sentence(blocker) for blocker in why.blockers]
        numbers = [self.causes.setdefault(cause, len(self.causes)) for cause in why.causes]
        return self.number_of({"words": words or [vocabulary.mergeable], "causes": numbers})


@dataclass
class Natures(Numbered):
    """The descriptions of VMAs: their rights, and the rest in words. VMAs come in ascending order."""

    # The last description and its number, once there was a complete one.
    _last: tuple[Is, int] | None = None
    _numbers: dict[Is, int] = field(default_factory=dict)

    def all_of(self, told: Nature, vocabulary: Vocabulary) -> int:
        """Returns the number of a complete description."""
        return self._follow(Is(**told.told), vocabulary)

    def next_to_last(self, told: Nature | None, vocabulary: Vocabulary) -> int:
        """Returns the number of a description that differs from the last one in these members; -1 if the last
        one is not known."""
        if self._last is None:
            return -1
        last, number = self._last
        return self._follow(last._replace(**told.told), vocabulary) if told else number

    def _follow(self, vma: Is, vocabulary: Vocabulary) -> int:
        number = self._numbers.get(vma)
        if number is None:
            number = self.number_of([vma.rights, vocabulary.what(vma)])
            if len(self._numbers) < MOST_KNOWN:
                self._numbers[vma] = number
        self._last = vma, number
        return number


class Told(NamedTuple):
    """A VMA that has its own line."""

    # The number of boundaries before this line.
    before: int
    start: int
    end: int
    # The number of its description.
    nature: int


def _column() -> "array[int]":
    return array("q")


@dataclass
class Boundaries:
    """Boundaries, in the order of their addresses."""

    # Addresses and sizes are in pages.
    lower_starts: "array[int]" = field(default_factory=_column)
    lower_sizes: "array[int]" = field(default_factory=_column)
    holes: "array[int]" = field(default_factory=_column)
    upper_sizes: "array[int]" = field(default_factory=_column)
    reason_of: "array[int]" = field(default_factory=_column)
    reasons: Reasons = field(default_factory=Reasons)
    # The description of the upper VMA; -1 if it is not known.
    nature_of: "array[int]" = field(default_factory=lambda: array("i"))
    natures: Natures = field(default_factory=Natures)
    told: list[Told] = field(default_factory=list)
    # The start of the last VMA.
    last: int = -1

    def __len__(self) -> int:
        return len(self.reason_of)

    def add(self, lower: Range, upper: Range, reason: int, nature: int) -> None:
        self.lower_starts.append(lower.start)
        self.lower_sizes.append(lower.end - lower.start)
        self.holes.append(upper.start - lower.end)
        self.upper_sizes.append(upper.end - upper.start)
        self.reason_of.append(reason)
        self.nature_of.append(nature)
        self.last = upper.start

    def tell(self, vma: Range, nature: int) -> None:
        self.told.append(Told(len(self), vma.start, vma.end, nature))
        self.last = max(self.last, vma.start)
