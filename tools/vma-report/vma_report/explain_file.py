# SPDX-License-Identifier: GPL-2.0
"""Reads explain.jsonl, as rust/explain/json.rs writes it, and says what is wrong if it is not that."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vma_report.vocabulary import FLAGS, NAME, Blocker, Detail, Rule, Vocabulary

# The smallest page of any architecture: addresses are counted in these. (The file does not say how
# large a page is.)
PAGE = 4096

COMMAND = "cat /sys/kernel/debug/rust_vma/explain.jsonl"
A_PAIR = '{"lower":[...],"upper":[...],"blockers":[...],"causes":[...]}'
A_HEADER = '{"rules":[{"rule":...,"words":...},...],...}'
A_SUMMARY = '{"vmas":...,"max_map_count":...,...}'


class BadInput(Exception):
    """A sentence for the user: which line, what it is, and what would be right."""


@dataclass(frozen=True)
class Range:
    """In pages; the end is not included."""

    start: int
    end: int


@dataclass(frozen=True)
class Pair:
    """Two VMAs that touch."""

    lower: Range
    upper: Range
    # As in the file. None: they are mergeable.
    blockers: list[Blocker]
    causes: list[str]


@dataclass(frozen=True)
class Explanation:
    vocabulary: Vocabulary
    # In the order of their addresses. None at all if only the summary was asked for.
    pairs: list[Pair]
    summary: dict[str, Any]


Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_hexadecimal(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{1,16}", value) is not None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


COUNTS = ("vmas", "max_map_count", "touching", "mergeable", "remaining")
COUNTS_OF_CAUSE = ("pairs", "alone", "without")


def read(data: bytes) -> Explanation:
    """Raises BadInput."""
    if not data.strip():
        raise BadInput(f"it is empty; it should be what '{COMMAND}' prints")
    lines = data.split(b"\n")
    has_last_newline = lines[-1] == b""
    if has_last_newline:
        lines.pop()
    vocabulary = Vocabulary()
    pairs: list[Pair] = []
    for number, line in enumerate(lines, start=1):
        is_cut_off = number == len(lines) and not has_last_newline
        entry = _entry(line, number, is_cut_off)
        if "rules" in entry:
            if number > 1:
                raise BadInput(f"line {number}: this header should be the first line")
            vocabulary = _header(entry)
            continue
        if "vmas" in entry:
            summary = _summary(entry, number)
            if number < len(lines):
                raise BadInput(f"line {number + 1}: line {number}, the summary, should be the last")
            _check_together(pairs, summary, number)
            return Explanation(vocabulary, pairs, summary)
        pairs.append(_pair(entry, number, vocabulary))
        if len(pairs) > 1 and pairs[-1].upper.start <= pairs[-2].upper.start:
            raise BadInput(
                f"line {number}: its pair should lie above the one in line {number - 1}; pairs come "
                "in the order of their addresses"
            )
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
        raise BadInput(f"line {number}: it is no JSON; it should be {A_PAIR}{advice}") from None
    if not isinstance(entry, dict):
        raise BadInput(f"line {number}: it is JSON, but no object; it should be {A_PAIR}")
    return entry


def _member(entry: dict[str, Any], name: str, number: int, of: str, check: Check, form: str) -> Any:
    """What an object says under that name."""
    if name not in entry:
        raise BadInput(
            f"line {number}: {of} has no '{name}', which should be {form}; "
            "is it from a module of another version?"
        )
    if not check(entry[name]):
        raise BadInput(f"line {number}: '{name}' of {of} should be {form}")
    return entry[name]


def _list(entry: dict[str, Any], name: str, number: int, of: str) -> list[Any]:
    found = _member(entry, name, number, of, lambda value: isinstance(value, list), "a list")
    assert isinstance(found, list)
    return found


def _range(entry: dict[str, Any], name: str, number: int, of: str) -> Range:
    form = "two hexadecimal addresses in a list, multiples of 1000 (4096), the lower one first"

    def check(value: Any) -> bool:
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_hexadecimal, value)):
            return False
        start, end = (int(text, 16) for text in value)
        return start < end and start % PAGE == 0 and end % PAGE == 0

    start, end = _member(entry, name, number, of, check, form)
    return Range(int(start, 16) // PAGE, int(end, 16) // PAGE)


def _pair(entry: dict[str, Any], number: int, vocabulary: Vocabulary) -> Pair:
    of = "the pair"
    lower = _range(entry, "lower", number, of)
    upper = _range(entry, "upper", number, of)
    if lower.end != upper.start:
        raise BadInput(
            f"line {number}: the two VMAs do not touch; 'upper' should begin where 'lower' ends"
        )
    blockers = [_blocker(each, number, vocabulary) for each in _list(entry, "blockers", number, of)]
    causes = _causes(entry, number, of)
    if bool(blockers) != bool(causes):
        raise BadInput(
            f"line {number}: there should be causes if there are blockers, and none if there are none"
        )
    return Pair(lower, upper, blockers, causes)


def _blocker(entry: Any, number: int, vocabulary: Vocabulary) -> Blocker:
    if not isinstance(entry, dict):
        raise BadInput(f'line {number}: a blocker should be an object such as {{"rule":"special"}}')
    name = readable(_member(entry, "rule", number, "a blocker", _is_text, "a word"))
    if vocabulary.rules is None:
        members = [each for each in entry if each != "rule"]
    elif name in vocabulary.rules:
        members = [detail.member for detail in vocabulary.rules[name].details]
    else:
        raise BadInput(
            f"line {number}: there is no rule '{name}'; it should be one of the header's: "
            f"{', '.join(vocabulary.rules)}"
        )
    of = f"the blocker '{name}'"
    blocker: dict[str, str | None] = {"rule": name}
    for member in members:
        found = _member(entry, member, number, of, _is_text_or_null, "a string or null")
        blocker[readable(member)] = None if found is None else readable(found)
    return blocker


def _header(entry: dict[str, Any]) -> Vocabulary:
    """In the first line, if any."""
    rules: dict[str, Rule] = {}
    for each in _objects(entry, "rules", 1, "the header"):
        name = readable(_member(each, "rule", 1, "a rule", _is_text, "a word"))
        if name in rules:
            raise BadInput(f"line 1: the rule '{name}' is there twice")
        words = readable(_member(each, "words", 1, f"the rule '{name}'", _is_text, "a string"))
        of = f"the rule '{name}'"
        details = _objects({"details": []} | each, "details", 1, of)
        rules[name] = Rule(words, tuple(_detail(detail, of) for detail in details))
    with_mergeable = {"mergeable": Vocabulary.mergeable} | entry
    mergeable = _member(with_mergeable, "mergeable", 1, "the header", _is_text, "a string")
    flags, advice = (_table(entry, name) for name in ("flags", "causes"))
    return Vocabulary(rules, flags, advice, readable(mergeable))


def _detail(entry: dict[str, Any], of: str) -> Detail:
    member, words = (
        readable(_member(entry, name, 1, f"a detail of {of}", _is_text, "a string"))
        for name in ("member", "words")
    )
    kind = entry.get("kind", "")
    if kind not in ("", FLAGS, NAME):
        raise BadInput(f"line 1: 'kind' of a detail of {of} should be '{FLAGS}' or '{NAME}'")
    return Detail(member, words, kind)


def _table(entry: dict[str, Any], name: str) -> dict[str, str]:
    def check(value: Any) -> bool:
        return isinstance(value, dict) and all(map(_is_text, value.values()))

    found = _member({name: {}} | entry, name, 1, "the header", check, "an object of strings")
    return {readable(key): readable(value) for key, value in found.items()}


def _objects(entry: dict[str, Any], name: str, number: int, of: str) -> list[dict[str, Any]]:
    found = _list(entry, name, number, of)
    if not all(isinstance(each, dict) for each in found):
        raise BadInput(f"line {number}: '{name}' of {of} should be objects in a list")
    return found


def _causes(entry: dict[str, Any], number: int, of: str) -> list[str]:
    causes = _list(entry, "causes", number, of)
    if not all(isinstance(cause, str) for cause in causes):
        raise BadInput(f"line {number}: 'causes' of {of} should be strings in a list")
    return [readable(cause) for cause in causes]


def _summary(entry: dict[str, Any], number: int) -> dict[str, Any]:
    def count(entry: dict[str, Any], name: str, of: str) -> int:
        return int(_member(entry, name, number, of, _is_count, "a number"))

    summary: dict[str, Any] = {name: count(entry, name, "the summary") for name in COUNTS}
    summary["causes"] = []
    for each in _objects(entry, "causes", number, "the summary"):
        cause = _member(each, "cause", number, "a cause", _is_text, "a string")
        counts = {name: count(each, name, "a cause") for name in COUNTS_OF_CAUSE}
        summary["causes"].append({"cause": readable(cause)} | counts)
    summary["runs"] = []
    for each in _objects(entry, "runs", number, "the summary"):
        where = _range(each, "range", number, "a run")
        summary["runs"].append(
            {
                "start": where.start,
                "end": where.end,
                "vmas": count(each, "vmas", "a run"),
                "causes": _causes(each, number, "a run"),
            }
        )
    return summary


def _check_together(pairs: list[Pair], summary: dict[str, Any], number: int) -> None:
    """Lines may be missing; the summary knows how many there were."""
    if pairs and len(pairs) != summary["touching"]:
        raise BadInput(
            f"line {number}: the summary is about {summary['touching']} pairs, and there are "
            f"{len(pairs)} before it; lines are missing, or do not belong here"
        )
    known = {each["cause"] for each in summary["causes"]}
    told = {cause for pair in pairs for cause in pair.causes}
    told |= {cause for run in summary["runs"] for cause in run["causes"]}
    if missing := sorted(told - known):
        raise BadInput(f"line {number}: the summary should count each cause; '{missing[0]}' is not")


def readable(text: str) -> str:
    """The file has each byte of a name as a character. Those that are UTF-8 are read as such; what
    cannot be printed is escaped, what changes the direction of writing included."""
    try:
        text = text.encode("latin-1").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        pass
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
