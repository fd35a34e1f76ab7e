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
A_PAIR = '{"lower":[...],"upper":[...],"blockers":[...],"causes":[...]}'
A_SUMMARY = '{"vmas":...,"max_map_count":...,...}'


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


class Pair(Line):
    """Two VMAs that touch. Without blockers, they are mergeable."""

    lower: Pages
    upper: Pages
    blockers: list[Blocker]
    causes: list[Text]

    @model_validator(mode="after")
    def _fits_together(self) -> "Pair":
        if self.lower.end != self.upper.start:
            raise ValueError("the two VMAs do not touch; 'upper' should begin where 'lower' ends")
        if bool(self.blockers) != bool(self.causes):
            raise ValueError(
                "there should be causes if there are blockers, and none if there are none"
            )
        return self


class Cause(Line):
    cause: Text
    pairs: Count
    alone: Count
    without: Count


class Run(Line):
    range: Pages
    vmas: Count
    causes: list[Text]


class Summary(Line):
    """The last line."""

    vmas: Count
    max_map_count: Count
    touching: Count
    mergeable: Count
    remaining: Count
    causes: list[Cause]
    runs: list[Run]


@dataclass(frozen=True)
class Explanation:
    vocabulary: Vocabulary
    # In the order of their addresses. None at all if only the summary was asked for.
    pairs: list[Pair]
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
    pairs: list[Pair] = []
    for number, line in enumerate(lines, start=1):
        is_cut_off = number == len(lines) and not has_last_newline
        entry = _entry(line, number, is_cut_off)
        if "rules" in entry:
            if number > 1:
                raise BadInput(f"line {number}: this header should be the first line")
            vocabulary = _checked(Vocabulary, entry, number)
        elif "vmas" in entry:
            summary = _checked(Summary, entry, number)
            if number < len(lines):
                raise BadInput(f"line {number + 1}: line {number}, the summary, should be the last")
            _check_together(pairs, summary, number)
            return Explanation(vocabulary, pairs, summary)
        else:
            pairs.append(_checked(Pair, entry, number))
            _check_pair(pairs, vocabulary, number)
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
        looks_like_text = re.match(rb"[0-9a-f]{12}-|main cause: |nothing keeps ", line)
        advice = "; this is explain, and explain.jsonl is wanted" if looks_like_text else ""
        raise BadInput(f"line {number}: it is not JSON; it should be {A_PAIR}{advice}") from None
    if not isinstance(entry, dict):
        raise BadInput(f"line {number}: it is JSON, but not an object; it should be {A_PAIR}")
    return entry


OneLine = TypeVar("OneLine", bound=Line)


def _checked(kind: type[OneLine], entry: dict[str, Any], number: int) -> OneLine:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        raise BadInput(f"line {number}: {problem(error)}") from None


def _check_pair(pairs: list[Pair], vocabulary: Vocabulary, number: int) -> None:
    """The last of them."""
    if len(pairs) > 1 and pairs[-1].upper.start <= pairs[-2].upper.start:
        raise BadInput(
            f"line {number}: its pair should lie above the one in line {number - 1}; pairs come "
            "in the order of their addresses"
        )
    for blocker in pairs[-1].blockers:
        if wrong := vocabulary.problem(blocker):
            raise BadInput(f"line {number}: {wrong}")


def _check_together(pairs: list[Pair], summary: Summary, number: int) -> None:
    """Lines may be missing; the summary knows how many there were."""
    if pairs and len(pairs) != summary.touching:
        raise BadInput(
            f"line {number}: the summary is about {summary.touching} pairs, and there are "
            f"{len(pairs)} before it; lines are missing, or do not belong here"
        )
    known = {each.cause for each in summary.causes}
    told = {cause for pair in pairs for cause in pair.causes}
    told |= {cause for run in summary.runs for cause in run.causes}
    if missing := sorted(told - known):
        raise BadInput(f"line {number}: the summary should count each cause; '{missing[0]}' is not")
