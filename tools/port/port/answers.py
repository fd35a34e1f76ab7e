# SPDX-License-Identifier: GPL-2.0
"""Reads the Rust sources for the C names that each item answers to.

A doc comment says "Answers to `vma_expand()` and `vma_shrink()`." Parentheses mark a function or a macro with
arguments; `struct x` is a structure, and any other name is a member, a type or a constant. A name of another
release is followed by "of Linux", and need not exist in any tree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CLAIM = re.compile(r"Answers\s+to\s+(?P<names>.+?)(?:\.(?=\s|$)|$)", re.DOTALL)
NAME = re.compile(r"`([^`]+)`(?!\s+of\s+Linux)")
COMMENT = re.compile(r"\s*//(?P<kind>[/!])(?!/)\s?(?P<text>.*)")
ATTRIBUTE = re.compile(r"\s*#!?\[")
ITEM = re.compile(
    r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+(?=fn|unsafe))?(?:unsafe\s+)?(?:extern\s+\"C\"\s+)?"
    r"(?:(?:fn|struct|enum|union|trait|type|const|static|mod|macro_rules!)\s+)?(?P<name>\w+)"
)
# The text between the backticks when a call is quoted with its arguments, such as `capable(CAP_SYS_ADMIN)`.
CALL = re.compile(r"(?P<function>\w+)\(.*\)")


@dataclass(frozen=True, order=True)
class Answer:
    """A C name that a Rust item answers to."""

    c_name: str
    file: Path
    line: int
    item: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.item}"


def canonical(quoted: str) -> str:
    """Returns the name as the record has it: a function ends in "()"."""
    call = CALL.fullmatch(quoted)
    return f"{call['function']}()" if call else quoted


def claimed_in(comment: str) -> Iterator[str]:
    """Yields the C names that a doc comment claims to answer to."""
    for claim in CLAIM.finditer(comment):
        yield from map(canonical, NAME.findall(claim["names"]))


def documented_item(lines: list[str], start: int, default: str) -> tuple[int, str]:
    """Returns the line number, counted from 1, and the name of the item that begins at or below `start`."""
    for number, line in enumerate(lines[start:], start + 1):
        item = ITEM.match(line)
        if item and not ATTRIBUTE.match(line):
            return number, item["name"]
    return start, default


def answers_in(text: str, file: Path) -> Iterator[Answer]:
    """Yields the answers of one Rust file."""
    lines = text.splitlines()
    comment: list[str] = []
    is_of_file = False
    for number, line in enumerate([*lines, ""]):
        part = COMMENT.match(line)
        # A blank line within a comment ends a claim, as the end of a sentence does.
        if part:
            comment.append(part["text"] or ".")
            is_of_file = part["kind"] == "!"
            continue
        if comment:
            names = list(claimed_in("\n".join(comment)))
            where = (1, file.stem) if is_of_file else documented_item(lines, number, file.stem)
            yield from (Answer(name, file, *where) for name in names)
        comment = []


def answers_of(top: Path, folders: tuple[str, ...] = ("rust",)) -> list[Answer]:
    """Returns the answers of all Rust files below these folders of the project, in order."""
    files = sorted(file for folder in folders for file in (top / folder).rglob("*.rs"))
    return [
        answer
        for file in files
        for answer in answers_in(file.read_text(encoding="utf-8"), file.relative_to(top))
    ]
