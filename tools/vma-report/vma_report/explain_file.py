# SPDX-License-Identifier: GPL-2.0
"""Reads explain.jsonl, as rust/explain/json.rs writes it, and says what is wrong if it is not that."""

import json
import re
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BeforeValidator, ValidationError, model_validator

from vma_report.line import Count, Line, Text, problem
from vma_report.vocabulary import Blocker, Unnamed, Vocabulary

# The smallest page of any architecture: addresses are counted in these. (The file does not say how
# large a page is.)
PAGE = 4096

COMMAND = "cat /sys/kernel/debug/rust_vma/explain.jsonl"
A_BOUNDARY = '{"lower":[...],"upper":[...],"blockers":[...],"causes":[...]}'
A_SUMMARY = '{"pid":...,"command":...,...}'


class BadInput(Exception):
    """A sentence for the user: which line, what it is, and what would be right."""


class Range(NamedTuple):
    """In pages; the end is not included."""

    start: int
    end: int


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


class Boundary(Line):
    """Two VMAs with none between them, though there may be a hole. Without blockers, they are mergeable."""

    lower: Pages
    upper: Pages
    blockers: list[Blocker]
    causes: list[Text]

    @model_validator(mode="after")
    def _fits_together(self) -> "Boundary":
        if self.lower.end > self.upper.start:
            raise ValueError("the two VMAs overlap; 'upper' should not begin before 'lower' ends")
        if self.lower.end < self.upper.start and not self.blockers:
            raise ValueError("there is a hole between the two VMAs, and no blocker says so")
        if bool(self.blockers) != bool(self.causes):
            raise ValueError(
                "there should be causes if there are blockers, and none if there are none"
            )
        return self


class Refusal(Line):
    """The only line, if the question was refused."""

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

    pid: Count
    command: Text
    # When the first VMA was looked at, in UTC.
    time: Text
    # In sentences.
    answer: list[Text]
    vmas: Count
    # Nothing if a range was asked about.
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
    # In the order of their addresses. None at all if only the summary was asked for.
    boundaries: list[Boundary]
    summary: Summary


def read(data: bytes) -> Explanation:
    """Raises BadInput."""
    if not data.strip():
        raise BadInput(f"it is empty; it should be what '{COMMAND}' prints")
    lines = data.split(b"\n")
    has_last_newline = lines[-1] == b""
    if has_last_newline:
        lines.pop()
    vocabulary: Vocabulary = Unnamed()
    boundaries: list[Boundary] = []
    for number, line in enumerate(lines, start=1):
        is_cut_off = number == len(lines) and not has_last_newline
        entry = _entry(line, number, is_cut_off)
        if "rules" in entry:
            if number > 1:
                raise BadInput(f"line {number}: this header should be the first line")
            vocabulary = _checked(Vocabulary, entry, number)
        elif "refused" in entry:
            refusal = _checked(Refusal, entry, number)
            raise BadInput(
                f"line {number}: the question was refused ({refusal.refused}): {refusal.reason}"
            )
        elif "vmas" in entry:
            summary = _checked(Summary, entry, number)
            if number < len(lines):
                raise BadInput(f"line {number + 1}: line {number}, the summary, should be the last")
            _check_together(boundaries, summary, number)
            return Explanation(vocabulary, boundaries, summary)
        else:
            boundaries.append(_checked(Boundary, entry, number))
            _check_boundary(boundaries, vocabulary, number)
    raise BadInput(
        f"line {len(lines) + 1}: the summary is missing, so it was cut off here; "
        f"the last line should be {A_SUMMARY}"
    )


def _entry(line: bytes, number: int, is_cut_off: bool) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        if is_cut_off:
            raise BadInput(
                f"line {number}: it ends within this line, so it was cut off; "
                f"the last line should be {A_SUMMARY}, with a newline"
            ) from None
        looks_like_text = re.match(rb"[0-9a-f]{12}-|main cause: |nothing |refused |process ", line)
        advice = "; this is explain, and explain.jsonl is wanted" if looks_like_text else ""
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


def _check_boundary(boundaries: list[Boundary], vocabulary: Vocabulary, number: int) -> None:
    """The last of them."""
    if len(boundaries) > 1 and boundaries[-1].upper.start <= boundaries[-2].upper.start:
        raise BadInput(
            f"line {number}: its VMAs should lie above those in line {number - 1}; boundaries come "
            "in the order of their addresses"
        )
    for blocker in boundaries[-1].blockers:
        if wrong := vocabulary.problem(blocker):
            raise BadInput(f"line {number}: {wrong}")


def _check_together(boundaries: list[Boundary], summary: Summary, number: int) -> None:
    """Lines may be missing; the summary knows how many there were."""
    if boundaries and len(boundaries) != summary.boundaries:
        raise BadInput(
            f"line {number}: the summary is about {summary.boundaries} boundaries, and there are "
            f"{len(boundaries)} before it; lines are missing, or do not belong here"
        )
    known = {each.cause for each in summary.causes}
    told = {cause for boundary in boundaries for cause in boundary.causes}
    told |= {cause for run in summary.runs for cause in run.causes}
    told |= {cause for step in summary.steps for cause in step.causes}
    if missing := sorted(told - known):
        raise BadInput(f"line {number}: the summary should count each cause; '{missing[0]}' is not")
