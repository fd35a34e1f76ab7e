# SPDX-License-Identifier: GPL-2.0
"""Reads the measurements of the parts of scripts/bench, one a line:

sample GROUP NAME SIDE COUNT            instructions of a call; nanoseconds, if the group ends with -ns
profile GROUP NAME SIDE SYMBOL COUNT    instructions in this function, without the functions that it calls
calls GROUP NAME NUMBER                 hooked calls that a row makes
module WHAT NUMBER UNIT                 a figure of the module itself
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from bench.failure import BadInput
from bench.profile.rows import SIDES, Key

# The groups, in the order in which they are shown.
Group = Literal["helpers", "syscalls", "hook", "userland"]
GROUPS: tuple[str, ...] = get_args(Group)
# Times by the clock. They vary from run to run, so they are only shown.
TIMES = tuple(f"{group}-ns" for group in GROUPS)

FORMS = {
    "sample": "sample GROUP NAME SIDE COUNT",
    "profile": "profile GROUP NAME SIDE SYMBOL COUNT",
    "calls": "calls GROUP NAME NUMBER",
    "module": "module WHAT NUMBER UNIT",
}

# The beginning of a line of the kernel log, and the mark before one of our lines there.
STAMP = re.compile(r"\[ *\d+\.\d+\]")
MARK = "bench: "

Sides = dict[str, list[float]]


def _sides() -> Sides:
    return {side: [] for side in SIDES}


@dataclass
class Measured:
    """All measurements. Rows are in the order of their lines."""

    samples: dict[Key, Sides] = field(default_factory=dict)
    # Instructions, by side and symbol.
    profiles: dict[Key, dict[str, dict[str, float]]] = field(default_factory=dict)
    calls: dict[Key, float] = field(default_factory=dict)
    # Figures of the module, by their name and unit.
    module: dict[tuple[str, str], list[float]] = field(default_factory=dict)


def read(texts: Iterable[tuple[str, str]]) -> Measured:
    """Reads files. `texts` has the name and the contents of each file. Raises BadInput."""
    measured = Measured()
    for name, text in texts:
        _read_file(measured, name, text)
    if not measured.samples:
        raise BadInput(f"there are no samples; there should be lines '{FORMS['sample']}'")
    return measured


def _read_file(measured: Measured, name: str, text: str) -> None:
    lines = text.splitlines()
    is_log = any(STAMP.match(line) for line in lines)
    found = False
    for number, line in enumerate(lines, start=1):
        if is_log:
            _, _, line = line.partition(MARK)
        if words := line.split():
            _add(measured, words, f"{name}, line {number}")
            found = True
    if not found:
        reason = f"no line of this kernel log has '{MARK}' in it" if is_log else "it is empty"
        raise BadInput(f"{name}: {reason}; nothing was measured")


def _add(measured: Measured, words: list[str], where: str) -> None:
    kind = words[0]
    if kind not in ADD:
        raise BadInput(f"{where}: '{_shown(words)}' is none of {', '.join(FORMS)}")
    fewest = len(FORMS[kind].split())
    # Names of functions in Rust may contain blanks.
    if len(words) < fewest or (len(words) > fewest and kind not in ("profile", "module")):
        raise _nonsense(words, where)
    ADD[kind](measured, words, where)


def _add_sample(measured: Measured, words: list[str], where: str) -> None:
    key, side = _key(words, where), _side(words, where)
    measured.samples.setdefault(key, _sides())[side].append(_number(words, -1, where))


def _add_profile(measured: Measured, words: list[str], where: str) -> None:
    key, side, symbol = _key(words, where), _side(words, where), " ".join(words[4:-1])
    counts = measured.profiles.setdefault(key, {side: {} for side in SIDES})[side]
    # Two static functions may have the same name.
    counts[symbol] = counts.get(symbol, 0) + _number(words, -1, where)


def _add_calls(measured: Measured, words: list[str], where: str) -> None:
    key, number = _key(words, where), _number(words, -1, where)
    if number == 0 or measured.calls.setdefault(key, number) != number:
        raise BadInput(
            f"{where}: '{_shown(words)}': a row should make as many hooked calls each time, "
            "and at least one"
        )


def _add_module(measured: Measured, words: list[str], where: str) -> None:
    what, unit = " ".join(words[1:-2]), words[-1]
    measured.module.setdefault((what, unit), []).append(_number(words, -2, where))


ADD: dict[str, Callable[[Measured, list[str], str], None]] = {
    "sample": _add_sample,
    "profile": _add_profile,
    "calls": _add_calls,
    "module": _add_module,
}


def _key(words: list[str], where: str) -> Key:
    group = words[1]
    if group not in GROUPS + TIMES:
        raise BadInput(
            f"{where}: '{_shown(words)}': there is no group '{group}'; "
            f"it should be one of {', '.join(GROUPS)}"
        )
    return Key(group, words[2])


def _side(words: list[str], where: str) -> str:
    side = words[3]
    if side not in SIDES:
        raise BadInput(f"{where}: '{_shown(words)}': the side should be c or rust, not '{side}'")
    return side


def _number(words: list[str], place: int, where: str) -> float:
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", words[place]):
        raise _nonsense(words, where)
    return float(words[place])


def _nonsense(words: list[str], where: str) -> BadInput:
    return BadInput(f"{where}: '{_shown(words)}' should be '{FORMS[words[0]]}'")


def _shown(words: list[str]) -> str:
    """Returns a line shortened and without control characters, because it may be any input."""
    text = " ".join(words)
    text = text if len(text) <= 80 else text[:80] + "..."
    return "".join(letter if letter.isprintable() else "?" for letter in text)
