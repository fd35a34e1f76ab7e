# SPDX-License-Identifier: GPL-2.0
"""Counts unsafe code by place. Its homes are folders named sys, and files named sys.rs; unsafe code in
another place is a failure. clippy checks that each block says why it is right."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from vm.places import TOP

# The folders with Rust code. The engine is counted apart from the rest of the module.
FOLDERS = ("rust", "kunit", "samples", "tests", "tools")
ENGINE = "rust/vma"

# `unsafe fn` and `unsafe trait` make demands on others; blocks and implementations promise to meet them.
BLOCK = re.compile(r"\bunsafe\s*(\{|impl\b)")
UNSAFE = re.compile(r"\bunsafe\b(?!_)")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass
class Place:
    """The figures of a home, or of a group of other files."""

    is_home: bool
    blocks: int = 0
    lines: int = 0
    comments: int = 0

    def count(self, source: str) -> list[int]:
        """Counts the lines of a source. Returns the numbers of lines with forbidden unsafe code."""
        wrong = []
        for number, line in enumerate(source.splitlines(), start=1):
            text = line.strip()
            if text.startswith("//"):
                self.comments += 1
                continue
            self.lines += bool(text)
            code = STRING.sub('""', text.split(" //", maxsplit=1)[0])
            self.blocks += len(BLOCK.findall(code))
            if not self.is_home and UNSAFE.search(code):
                wrong.append(number)
        return wrong


def place_of(path: Path) -> tuple[str, bool]:
    """Returns the place under which a file of the project is counted, and whether the place is a home."""
    for part in (path, *path.parents):
        if part.stem == "sys":
            return part.as_posix(), True
    return ENGINE if path.is_relative_to(ENGINE) else path.parts[0], False


def survey(top: Path) -> tuple[dict[str, Place], list[str]]:
    """Returns the places by their names, and complaints about forbidden unsafe code."""
    places: dict[str, Place] = {}
    complaints = []
    for path in sorted(file for folder in FOLDERS for file in (top / folder).glob("**/*.rs")):
        file = path.relative_to(top)
        name, is_home = place_of(file)
        wrong = places.setdefault(name, Place(is_home)).count(path.read_text())
        complaints += [f"{file}:{number}: unsafe outside its homes" for number in wrong]
    return places, complaints


def main() -> int:
    places, complaints = survey(TOP)
    print("unsafe blocks     code  comments")
    for name, place in sorted(places.items(), key=lambda item: (not item[1].is_home, item[0])):
        kind = "home" if place.is_home else "none allowed"
        print(f"{place.blocks:13} {place.lines:8} {place.comments:9}  {name} ({kind})")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
