# SPDX-License-Identifier: GPL-2.0
"""Finds the output that a document shows, and the command that prints it.

A comment before a block names the command: ".. shown by: COMMAND" in reStructuredText, "<!-- shown by:
COMMAND -->" in Markdown. In the block, lines with a prompt ("$ ", "# ") are the command as a reader types it,
and "..." stands for omitted lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"^(?:\.\. shown by: (?P<rst>.+)|<!-- shown by: (?P<md>.+) -->)$")
FENCE = "```"
PROMPT = re.compile(r"^\s*[$#] \S")
# Numbers, addresses, and combinations of them, such as times and ranges.
NUMBER = re.compile(r"\b(?:0x)?[0-9a-f]*\d[0-9a-f]*(?:[.,:-]?[0-9a-f]*\d[0-9a-f]*)*\b")
# The state of the processor, in a trace.
STATE = re.compile(r"(?<=\] )[.\w#]{5}(?= )")
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Block:
    """A block of a document. `command` is the command in its comment, or empty."""

    line: int
    command: str
    lines: tuple[str, ...]

    @property
    def has_prompt(self) -> bool:
        return any(PROMPT.match(line) for line in self.lines)

    @property
    def output(self) -> list[str]:
        """Returns the lines that the command has to print."""
        return [
            line
            for line in self.lines
            if line.strip() not in {"", "..."} and not PROMPT.match(line)
        ]


def shape(line: str) -> str:
    """Returns the shape of a line: lines that differ only in numbers, blanks and the processor's state have
    the same shape."""
    return BLANKS.sub(" ", NUMBER.sub("N", STATE.sub("", line))).strip()


def missing(shown: list[str], printed: list[str]) -> str | None:
    """Returns the first line of a block that was not printed in the order of the block, or nothing."""
    shapes = iter([shape(line) for line in printed])
    for line in shown:
        if shape(line) not in shapes:
            return line
    return None


def blocks_in(text: str) -> Iterator[Block]:
    """Yields the literal blocks of a document."""
    lines = text.splitlines()
    command, number = "", 0
    while number < len(lines):
        line = lines[number]
        number += 1
        comment = COMMENT.match(line)
        if comment:
            command = comment["rst"] or comment["md"]
        elif line.startswith(".. code-block::"):
            raise ValueError(f"line {number}: commands and output are literal blocks, after '::'")
        elif line.startswith(FENCE):
            end = next(i for i in range(number, len(lines)) if lines[i].startswith(FENCE))
            yield Block(number + 1, command, tuple(lines[number:end]))
            command, number = "", end + 1
        elif line.rstrip().endswith("::") and not line.startswith(".. "):
            end = end_of_indented(lines, number, indentation(line))
            yield Block(number + 1, command, tuple(lines[number:end]))
            command, number = "", end


def indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def end_of_indented(lines: list[str], start: int, outside: int) -> int:
    """Returns the number of the first line from `start` on that is not indented deeper."""
    for number in range(start, len(lines)):
        if lines[number].strip() and indentation(lines[number]) <= outside:
            return number
    return len(lines)
