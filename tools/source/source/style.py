# SPDX-License-Identifier: GPL-2.0
"""Checks how the project's prose is written: proselint's rules for English, and the project's own.

The project's own rules are entries of proselint: sentences without a subject, the words that the project has another
word for, and lines that are too long."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from proselint.checks import __register__ as ENGLISH
from proselint.registry.checks import Check, Padding, types
from proselint.registry.checks.engine import Fancy, RegexOptions

from source.prose import BEGIN, MARKER, WORD, has_prose, is_document, prose_in
from vm.places import TOP

# This file names the words that the rules forbid, and the tests of the rules use them.
OWN_FILES = ("tools/source/source/style.py", "tools/source/tests/test_style.py")
# Columns of a line of prose; a tab has 8.
WIDTH = 120
# proselint's rules that English in sources cannot follow: it is written in ASCII, and with technical terms.
UNSUITED = (
    *("restricted", "typography", "misc.preferred_forms", "spelling.consistency"),
    # Ranges of addresses and repeated commands are what they mistake for errors.
    *("dates_times", "lexical_illusions"),
)

FIRST = rf"(?:\A|{BEGIN}|\n[ \t]*\n|[.!?]\s)[\s#*-]*"
REST = rf"(?:(?!\n[ \t]*\n)[^.!?{BEGIN}]|[.!?](?=\S))*"
END = rf"(?=[.!{BEGIN}]|\n[ \t]*\n|\Z)"
# A question may begin like this, and so may a label: "What helps:".
HEADLESS = (
    rf"{FIRST}(?:What|Who|Whoever|Whatever|Whichever|Those (?:that|who))\b(?! \w+:){REST}{END}"
)

CASELESS = Fancy(RegexOptions(case_insensitive=True))
OWN = (
    Check(
        path="style.headless",
        message="the sentence begins with a clause instead of a noun, '{}': name the thing",
        check_type=types.ExistenceSimple(HEADLESS),
        engine=CASELESS,
    ),
    Check(
        path="style.words",
        message="the word is '{}', not '{}'",
        check_type=types.PreferredForms(
            {
                r"write[- ]mark(?:ed|s)?": "write-lock",
                r"unhook(?:ed|s)?": "prepare or complete",
                r"may be one(?! more)": "mergeable",
                r"nothing has asked for it yet": "no operation has tried",
                r"who serves|whoever is asked": "the engine",
                r"(?:serves?|served|serving)": "executes, or implements",
                r"troubles?|senseless|misfits?": "fallback",
                r"whoever|whichever": "the one that, or any",
                r"or else": "otherwise",
                r"it may be that": "may",
            },
        ),
        engine=CASELESS,
    ),
    Check(
        path="style.not-a",
        message="write 'not a', not 'no', of what something is: '{}'",
        check_type=types.ExistenceSimple(
            Padding.WORDS_IN_TEXT.format(
                r"(?<!there )(?<!that )(?:is|are|was|were) no(?! (?:longer|more|less|other|better|reason))\s+\w+"
            )
        ),
        engine=CASELESS,
    ),
    Check(
        path="style.twice",
        message="a word stands there twice: '{}'",
        check_type=types.ExistenceSimple(
            r"\b(an?|are|as|at|by|for|from|in|is|it|of|on|or|over|the|to|with)\s+\1\b"
        ),
        engine=CASELESS,
    ),
)
RULES = (
    *OWN,
    *(check for check in ENGLISH if not any(map(check.matches_partial, UNSUITED))),
)


@dataclass(frozen=True)
class Finding:
    """A place where the prose breaks a rule."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def may_be_broken(file: str, line: str) -> bool:
    """Returns whether a line is one of a comment or a document, but not a row of a table or a quoted line of C."""
    is_whole = line.startswith("|") or line.endswith("; */")
    return not is_whole and bool(MARKER.match(line) or is_document(file))


def findings_in(file: str, text: str) -> Iterator[Finding]:
    """Yields the places of a file at which the prose breaks a rule."""
    prose = prose_in(file, text)
    for rule in RULES:
        for result in rule.check(prose):
            first, last = result.span
            found = prose[first:last]
            words = found.lstrip(f" \t\n.!?#*-{BEGIN}")
            line = 1 + prose.count("\n", 0, last - len(words))
            yield Finding(file, line, " ".join(result.message.split()))
    for line, (written, seen) in enumerate(
        zip(text.split("\n"), prose.split("\n"), strict=True), 1
    ):
        if (
            WORD.search(seen)
            and may_be_broken(file, written)
            and len(written.expandtabs(8)) > WIDTH
        ):
            yield Finding(file, line, f"the line has more than {WIDTH} columns")


def main() -> int:
    """Prints what breaks a rule in the files that git tracks; exit status: 1 if anything does."""
    tracked = subprocess.run(
        ["git", "-C", TOP, "ls-files"], capture_output=True, text=True, check=True
    ).stdout
    files = [file for file in tracked.splitlines() if has_prose(file) and file not in OWN_FILES]
    findings = [
        finding
        for file in files
        if (TOP / file).is_file()
        for finding in findings_in(file, (TOP / file).read_text(encoding="utf-8", errors="replace"))
    ]
    for finding in findings:
        print(finding)
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
