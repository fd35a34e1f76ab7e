# SPDX-License-Identifier: GPL-2.0
"""Reads explain.jsonl, as rust/explain/json.rs writes it, and reports what is wrong with other files."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from vma_report.boundaries import MOST_KNOWN, Boundaries, Range
from vma_report.line import Count, Line, Text, problem
from vma_report.vocabulary import Is, Nature, Unnamed, Vocabulary, Why

# The smallest page of any architecture, in which addresses are counted.
PAGE = 4096

COMMAND = "cat /sys/kernel/debug/rust_vma/explain.jsonl"
A_BOUNDARY = '{"lower":[...],"upper":[...],"blockers":[...],"causes":[...]}'
EMPTY = f"the file is empty; it should be the output of '{COMMAND}'"
A_SUMMARY = '{"pid":...,"command":...,...}'


class BadInput(Exception):
    """An error for the user: the line, what is wrong with it, and what would be right."""


def _range(found: Any) -> Range:
    match found:
        case [str(start), str(end)] if all(re.fullmatch("[0-9a-f]{1,16}", each) for each in found):
            bytes_ = int(start, 16), int(end, 16)
            if bytes_[0] < bytes_[1] and not any(each % PAGE for each in bytes_):
                return Range(*(each // PAGE for each in bytes_))
    raise ValueError(
        "should be two hexadecimal addresses in a list, multiples of 1000 (4096), the lower one first"
    )


Pages = Annotated[Range, BeforeValidator(_range)]


class Vma(Line):
    """The line of a VMA: of the first one, or of one that may have changed since its last line."""

    vma: Pages
    is_: Nature = Field(alias="is")

    @model_validator(mode="after")
    def _is_whole(self) -> "Vma":
        if missing := [name for name in Is._fields if name not in self.is_.told]:
            raise ValueError(f"'is' should describe the VMA completely, but has no '{missing[0]}'")
        return self


class Between(Why):
    """The contents of a boundary's line without the addresses."""

    # The members of the upper VMA's description that differ from the lower one's.
    upper_is: Nature | None = None

    def problem(self, vocabulary: Vocabulary) -> str | None:
        """Returns a sentence if the header lacks words for a blocker or for the upper VMA."""
        wrong = next(filter(None, map(vocabulary.problem, self.blockers)), None)
        return wrong or (vocabulary.problem_of(self.upper_is) if self.upper_is else None)


class Boundary(Between):
    """Two VMAs with no VMA between them; there may be a hole."""

    lower: Pages
    upper: Pages

    @model_validator(mode="after")
    def _has_its_place(self) -> "Boundary":
        if self.lower.end > self.upper.start:
            raise ValueError("the two VMAs overlap; 'upper' should not begin before 'lower' ends")
        if self.lower.end < self.upper.start and not self.blockers:
            raise ValueError("there is a hole between the two VMAs, and no blocker says so")
        return self


# A boundary as the module writes it: the addresses, then the reason.
AS_WRITTEN = re.compile(
    rb'{"lower":\["([0-9a-f]{1,16})","([0-9a-f]{1,16})"\],'
    rb'"upper":\["([0-9a-f]{1,16})","([0-9a-f]{1,16})"\],(.*)}\n'
)


class Refusal(Line):
    """The only line of a file whose question was refused."""

    refused: Text
    reason: Text


class Cause(Line):
    cause: Text
    boundaries: Count
    by_itself: Count
    without: Count


class Run(Line):
    range: Pages
    vmas: Count
    causes: list[Text]


class Step(Line):
    causes: list[Text]
    remaining: Count


class Summary(Line):
    """The last line."""

    # None for a saved file, whose name is the command.
    pid: Count | None
    command: Text
    # The time when the first VMA was examined, in UTC.
    time: Text
    # Sentences.
    answer: list[Text]
    vmas: Count
    # None if a range was asked about.
    max_map_count: Count | None
    boundaries: Count
    touching: Count
    mergeable: Count
    alone: Count
    remaining: Count
    steps: list[Step]
    causes: list[Cause]
    runs: list[Run]


@dataclass(frozen=True)
class Explanation:
    vocabulary: Vocabulary
    # Empty if only the summary was asked for.
    boundaries: Boundaries
    summary: Summary


def read(data: bytes) -> Explanation:
    """Reads a file. Raises BadInput."""
    return read_lines(io.BytesIO(data))


def read_lines(lines: Iterable[bytes]) -> Explanation:
    """Reads lines with their newlines. Raises BadInput."""
    reader = _Reader()
    rest = iter(lines)
    number = 0
    for number, line in enumerate(rest, start=1):
        summary = reader.take(line, number, rest)
        if summary:
            if next(rest, None) is not None:
                raise BadInput(
                    f"line {number + 1}: the summary, line {number}, should be the last line"
                )
            return Explanation(reader.vocabulary, reader.boundaries, summary)
    if number == 0:
        raise BadInput(EMPTY)
    raise BadInput(
        f"line {number + 1}: the summary is missing, so the file was cut off here; "
        f"the last line should be {A_SUMMARY}"
    )


class _Reader:
    def __init__(self) -> None:
        self.vocabulary: Vocabulary = Unnamed()
        self.boundaries = Boundaries()
        # The number of a reason, whether it has blockers, and the description of the upper VMA, by the text
        # from which they were read.
        self._known: dict[bytes, tuple[int, bool, Nature | None]] = {}

    def take(self, line: bytes, number: int, rest: Iterator[bytes]) -> Summary | None:
        """Takes a line. Returns the summary if this is its line. `rest` has the lines after it."""
        as_written = AS_WRITTEN.fullmatch(line)
        if as_written and self._take_as_written(*as_written.groups()):
            return None
        entry = _entry(line, number, rest)
        if "rules" in entry:
            if number > 1:
                raise BadInput(f"line {number}: this header should be the first line")
            self.vocabulary = _checked(Vocabulary, entry, number)
        elif "vma" in entry:
            self._take_vma(_checked(Vma, entry, number), number)
        elif "refused" in entry:
            refusal = _checked(Refusal, entry, number)
            raise BadInput(
                f"line {number}: the question was refused ({refusal.refused}): {refusal.reason}"
            )
        elif "vmas" in entry:
            summary = _checked(Summary, entry, number)
            _check_together(self.boundaries, summary, number)
            return summary
        else:
            self._take_boundary(_checked(Boundary, entry, number), number)
        return None

    def _take_as_written(
        self, start: bytes, end: bytes, upper_start: bytes, upper_end: bytes, text: bytes
    ) -> bool:
        """Takes a boundary in the module's form. Returns false if something is wrong with it."""
        lower = Range(int(start, 16) // PAGE, int(end, 16) // PAGE)
        upper = Range(int(upper_start, 16) // PAGE, int(upper_end, 16) // PAGE)
        # The last three digits are the offset in a page.
        is_aligned = all(each.endswith(b"000") for each in (start, end, upper_start, upper_end))
        is_in_order = lower.start < lower.end <= upper.start < upper.end
        if not (is_aligned and is_in_order and upper.start > self.boundaries.last):
            return False
        known = self._known.get(text) or self._learn(text)
        if not known:
            return False
        reason, has_blockers, upper_is = known
        if lower.end < upper.start and not has_blockers:
            return False
        nature = self.boundaries.natures.next_to_last(upper_is, self.vocabulary)
        self.boundaries.add(lower, upper, reason, nature)
        return True

    def _learn(self, text: bytes) -> tuple[int, bool, Nature | None] | None:
        """Returns the number of the reason in a text, whether it has blockers, and the description of the
        upper VMA; nothing if something is wrong with the text."""
        try:
            entry = json.loads(b"{%b}" % text)
            why = Between.model_validate(entry)
        except (ValueError, RecursionError):
            return None
        # A line with repeated members is left to the general parser.
        if "lower" in entry or "upper" in entry:
            return None
        if why.problem(self.vocabulary):
            return None
        reason = self.boundaries.reasons.add(why, self.vocabulary)
        known = reason, bool(why.blockers), why.upper_is
        if len(self._known) < MOST_KNOWN:
            self._known[text] = known
        return known

    def _take_boundary(self, boundary: Boundary, number: int) -> None:
        if boundary.upper.start <= self.boundaries.last:
            raise BadInput(
                f"line {number}: its VMAs should lie above those in line {number - 1}; boundaries "
                "come in the order of their addresses"
            )
        if wrong := boundary.problem(self.vocabulary):
            raise BadInput(f"line {number}: {wrong}")
        reason = self.boundaries.reasons.add(boundary, self.vocabulary)
        nature = self.boundaries.natures.next_to_last(boundary.upper_is, self.vocabulary)
        self.boundaries.add(boundary.lower, boundary.upper, reason, nature)

    def _take_vma(self, told: Vma, number: int) -> None:
        if told.vma.end <= self.boundaries.last:
            raise BadInput(
                f"line {number}: its VMA should not lie below that in line {number - 1}; VMAs come in "
                "the order of their addresses"
            )
        if wrong := self.vocabulary.problem_of(told.is_):
            raise BadInput(f"line {number}: {wrong}")
        nature = self.boundaries.natures.all_of(told.is_, self.vocabulary)
        self.boundaries.tell(told.vma, nature)


def _entry(line: bytes, number: int, rest: Iterator[bytes]) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        if number == 1 and not line.strip() and not any(each.strip() for each in rest):
            raise BadInput(EMPTY) from None
        if not line.endswith(b"\n"):
            raise BadInput(
                f"line {number}: the file ends within this line, so it was cut off; "
                f"the last line should be {A_SUMMARY}, with a newline"
            ) from None
        looks_like_text = re.match(rb"[0-9a-f]{12}-|main cause: |nothing |refused |process ", line)
        advice = "; this is the output of explain, not of explain.jsonl" if looks_like_text else ""
        raise BadInput(
            f"line {number}: it is not JSON; it should be {A_BOUNDARY}{advice}"
        ) from None
    if not isinstance(entry, dict):
        raise BadInput(f"line {number}: it is JSON, but not an object; it should be {A_BOUNDARY}")
    return entry


OneLine = TypeVar("OneLine", bound=Line)


def _checked(kind: type[OneLine], entry: dict[str, Any], number: int) -> OneLine:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        raise BadInput(f"line {number}: {problem(error)}") from None


def _check_together(boundaries: Boundaries, summary: Summary, number: int) -> None:
    """Checks the boundaries against the summary, which has their number, because lines may be missing."""
    if boundaries and len(boundaries) != summary.boundaries:
        raise BadInput(
            f"line {number}: the summary counts {summary.boundaries} boundaries, but there are "
            f"{len(boundaries)} before it; lines are missing, or do not belong here"
        )
    known = {each.cause for each in summary.causes}
    told = set(boundaries.reasons.causes)
    told |= {cause for run in summary.runs for cause in run.causes}
    told |= {cause for step in summary.steps for cause in step.causes}
    if missing := sorted(told - known):
        raise BadInput(
            f"line {number}: the summary should count each cause, but has no '{missing[0]}'"
        )
