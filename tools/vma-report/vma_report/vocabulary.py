# SPDX-License-Identifier: GPL-2.0
"""What rules, flags and causes are called for people. The page has no words of its own for these: they are
in the header of explain.jsonl, its first line, which the module writes of its own tables. A file without one
is told in the names that its lines have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# What a rule says beside its name, as in the file.
Blocker = Mapping[str, str | None]

NONE = "none"
FLAGS = "flags"
NAME = "name"


@dataclass(frozen=True)
class Detail:
    """One of the things that a blocker says, and how it is told."""

    member: str
    words: str
    kind: str = ""


@dataclass(frozen=True)
class Rule:
    words: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    # None: the file has no header, and any rule may be there.
    rules: Mapping[str, Rule] | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    # What to do about a cause.
    advice: Mapping[str, str] = field(default_factory=dict)
    mergeable: str = "mergeable"

    def sentence(self, blocker: Blocker) -> str:
        """Of two VMAs, why they are not one."""
        rule = self._rule(blocker)
        told = [
            f"{detail.words}: {self._value(blocker[detail.member], detail.kind)}"
            for detail in rule.details
            if blocker[detail.member] != ""
        ]
        return f"{rule.words} ({', '.join(told)})" if told else rule.words

    def _rule(self, blocker: Blocker) -> Rule:
        name = blocker["rule"] or ""
        if self.rules is not None:
            return self.rules[name]
        return Rule(name, tuple(Detail(each, each) for each in blocker if each != "rule"))

    def _value(self, value: str | None, kind: str) -> str:
        if value is None:
            return NONE
        if kind == NAME:
            return f'"{value}"'
        if kind == FLAGS:
            words = ((flag, self.flags.get(flag)) for flag in value.split(" "))
            return " ".join(flag if each is None else f"{flag} ({each})" for flag, each in words)
        return value
