# SPDX-License-Identifier: GPL-2.0
"""The words for rules, flags and causes. The page has none of its own: they are in the header of
explain.jsonl, its first line, which the module writes from its own tables. If a file has no header, blockers
are shown by the names in its lines."""

from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from vma_report.line import Line, Text


class Blocker(Line, extra="allow"):
    """A reason why two VMAs do not merge: the name of a rule, and its details."""

    __pydantic_extra__: dict[str, Text | None] = Field(init=False)

    rule: Text


class Why(Line):
    """The reasons that keep two VMAs apart. Without blockers, the VMAs are mergeable."""

    blockers: list[Blocker]
    causes: list[Text]

    @model_validator(mode="after")
    def _fits_together(self) -> "Why":
        if bool(self.blockers) != bool(self.causes):
            raise ValueError("'causes' should be empty if 'blockers' is, and only then")
        return self


class Is(NamedTuple):
    """The description of a VMA."""

    rights: str | None
    kind: str | None
    # A path, or another name for the item of its kind.
    which: str | None
    name: str | None


class Nature(Line):
    """The description of a VMA, or the members in which it differs from the description of the VMA below."""

    rights: Annotated[str, Field(pattern="^[r-][w-][x-][sp]$")] | None = None
    kind: Text | None = None
    which: Text | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Nature":
        if ("kind" in self.told) != ("which" in self.told):
            raise ValueError("'kind' and 'which' should be there together, or neither of them")
        if any(self.told.get(name, "") is None for name in ("rights", "kind")):
            raise ValueError("'rights' and 'kind' should not be null")
        return self

    @cached_property
    def told(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in Is._fields if name in self.model_fields_set}


class Detail(Line):
    """A detail of a blocker, and its words."""

    member: str
    words: Text
    kind: Literal["", "flags", "name"] = ""


class Rule(Line):
    rule: Text
    words: Text
    details: list[Detail] = Field(default_factory=list)

    @cached_property
    def members(self) -> list[str]:
        return [each.member for each in self.details]


class Cause(Line):
    helps: Text
    set_by: Text
    undone_by: Text | None

    def advice(self) -> str:
        """Returns advice, with the calls that set and undo the cause."""
        undone = f"undone by {self.undone_by}" if self.undone_by else "no call undoes it"
        return f"{self.helps} (set by {self.set_by}; {undone})"


class Vocabulary(Line):
    """The header of a file."""

    rules: list[Rule]
    flags: dict[str, Text] = Field(default_factory=dict)
    causes: dict[Text, Cause] = Field(default_factory=dict)
    mergeable: Text = "mergeable"
    # The page size, in bytes.
    page_size: Literal[4096, 16384, 65536] = 4096
    # The words for the letters of rights.
    rights: dict[str, Text] = Field(default_factory=dict)
    kinds: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_rule_once(self) -> "Vocabulary":
        if len(self._by_name) < len(self.rules):
            raise ValueError("each rule should be in 'rules' only once")
        return self

    @cached_property
    def _by_name(self) -> dict[str, Rule]:
        return {rule.rule: rule for rule in self.rules}

    def advice(self, cause: str) -> str:
        """Returns the advice on a cause, or nothing if the header has none."""
        known = self.causes.get(cause)
        return known.advice() if known else ""

    def problem_of(self, nature: Nature) -> str | None:
        """Returns a sentence if the header has no words for the kind."""
        if nature.kind is None or nature.kind in self.kinds:
            return None
        return f"the header has no kind '{nature.kind}', only {', '.join(self.kinds)}"

    def what(self, vma: Is) -> str:
        """Describes a VMA in which problem_of() finds nothing, without its rights."""
        kind = self.kinds.get(vma.kind or "", vma.kind)
        name = None if vma.name is None else quoted(vma.name)
        return " ".join(each for each in (kind, vma.which, name) if each)

    def problem(self, blocker: Blocker) -> str | None:
        """Returns a sentence if the header has no words for the blocker."""
        rule = self._by_name.get(blocker.rule)
        if rule is None:
            return f"the header has no rule '{blocker.rule}', only {', '.join(self._by_name)}"
        members = blocker.__pydantic_extra__
        missing = [name for name in rule.members if name not in members]
        return f"the blocker '{rule.rule}' has no '{missing[0]}'" if missing else None

    def sentence(self, blocker: Blocker) -> str:
        """Describes a blocker in which problem() finds nothing."""
        rule = self._by_name[blocker.rule]
        values = ((each, blocker.__pydantic_extra__[each.member]) for each in rule.details)
        told = [
            (each.words, self._value(value, each.kind)) for each, value in values if value != ""
        ]
        return sentence(rule.words, told)

    def _value(self, value: str | None, kind: str) -> str | None:
        if value is None:
            return None
        if kind == "name":
            return quoted(value)
        if kind == "flags":
            # A number follows the colon.
            words = ((flag, self.flags.get(flag.split(":")[0])) for flag in value.split(" "))
            return " ".join(f"{flag} ({each})" if each else flag for flag, each in words)
        return value


class Unnamed(Vocabulary):
    """A replacement for a missing header, which accepts any rule."""

    rules: list[Rule] = Field(default_factory=list)

    def problem(self, blocker: Blocker) -> None:
        return None

    def problem_of(self, nature: Nature) -> None:
        return None

    def sentence(self, blocker: Blocker) -> str:
        return sentence(
            blocker.rule, [each for each in blocker.__pydantic_extra__.items() if each[1] != ""]
        )


def quoted(name: str) -> str:
    """Quotes a name. Escapes quotation marks in the name."""
    escaped = name.replace('"', '\\"')
    return f'"{escaped}"'


def sentence(words: str, told: list[tuple[str, str | None]]) -> str:
    details = ", ".join(f"{what}: {'none' if value is None else value}" for what, value in told)
    return f"{words} ({details})" if details else words
