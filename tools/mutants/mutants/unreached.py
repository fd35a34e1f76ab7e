# SPDX-License-Identifier: GPL-2.0
"""scripts/coverage: the parts of the engine that the tests in userland reach, and the branches that they do not.

Reads what llvm-cov exports about several programs, which are built from the same files."""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mutants.pure import read_equivalent
from vm.places import TOP

# Where the engine is.
ENGINE = "rust/"


@dataclass
class Branch:
    """How often a condition was true, and how often it was false."""

    true: int = 0
    false: int = 0

    def missed(self) -> str:
        """Returns in words what did not happen, or nothing."""
        match bool(self.true), bool(self.false):
            case False, False:
                return "never reached"
            case False, True:
                return "never true"
            case True, False:
                return "never false"
            case _:
                return ""

    def taken(self) -> int:
        return bool(self.true) + bool(self.false)


# The line and column at which a condition begins and ends.
Place = tuple[int, int, int, int]


@dataclass
class Covered:
    """How often each line and each condition of a file was reached, by all programs together."""

    lines: Counter[int] = field(default_factory=Counter)
    branches: defaultdict[Place, Branch] = field(default_factory=lambda: defaultdict(Branch))

    def reached_lines(self) -> int:
        return sum(times > 0 for times in self.lines.values())

    def taken_sides(self) -> int:
        return sum(branch.taken() for branch in self.branches.values())


def add_branches(files: dict[str, Covered], export: str) -> None:
    """Adds the conditions in an export of llvm-cov as JSON."""
    for file in json.loads(export)["data"][0]["files"]:
        covered = files[os.path.realpath(file["filename"])]
        for line, column, last_line, last_column, true, false, *_ in file["branches"]:
            branch = covered.branches[line, column, last_line, last_column]
            branch.true += true
            branch.false += false


def add_lines(files: dict[str, Covered], export: str) -> None:
    """Adds the lines in an export of llvm-cov in the format of lcov."""
    covered = Covered()
    for row in export.splitlines():
        kind, _, rest = row.partition(":")
        if kind == "SF":
            covered = files[os.path.realpath(rest)]
        elif kind == "DA":
            line, times = rest.split(",")[:2]
            covered.lines[int(line)] += int(times)


def condition(source: str, place: Place) -> str:
    """Returns the text of a condition, on one line."""
    line, column, last_line, last_column = place
    lines = source.splitlines()[line - 1 : last_line]
    lines[-1] = lines[-1][: last_column - 1]
    lines[0] = lines[0][column - 1 :]
    return " ".join(" ".join(lines).split())


def unreached(name: str, covered: Covered, source: str) -> Iterator[str]:
    """Yields a line for each condition of a file of which a side was not taken."""
    for place, branch in sorted(covered.branches.items()):
        if branch.missed():
            yield f"{name}: {condition(source, place)}: {branch.missed()}"


def of_engine(files: dict[str, Covered], top: Path) -> dict[str, Covered]:
    """Returns the files of the engine, by their names in the project."""
    prefix = f"{os.path.realpath(top)}/"
    names = {path.removeprefix(prefix): covered for path, covered in files.items()}
    return {name: names[name] for name in sorted(names) if name.startswith(ENGINE)}


def print_table(files: dict[str, Covered]) -> None:
    """Prints the lines and the sides of conditions that were reached, file by file and in sum."""
    rows = [
        (
            name,
            covered.reached_lines(),
            len(covered.lines),
            covered.taken_sides(),
            2 * len(covered.branches),
        )
        for name, covered in files.items()
    ]
    figures = zip(*(row[1:] for row in rows), strict=True)
    for name, lines, all_lines, sides, all_sides in [*rows, ("all", *map(sum, figures))]:
        print(f"{name:36} {lines:5} of {all_lines:5} lines {sides:5} of {all_sides:5} branches")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/coverage", description=__doc__)
    parser.add_argument("folder", type=Path, help="has NAME.json and NAME.lcov for each program")
    folder = parser.parse_args().folder
    files: dict[str, Covered] = defaultdict(Covered)
    for export in sorted(folder.glob("*.json")):
        add_branches(files, export.read_text())
        add_lines(files, export.with_suffix(".lcov").read_text())
    engine = of_engine(files, TOP)
    if not engine:
        parser.error(f"{folder} has nothing about {ENGINE}")
    print_table(engine)
    found = Counter(
        line
        for name, covered in engine.items()
        for line in unreached(name, covered, (TOP / name).read_text())
    )
    listed = read_equivalent((TOP / "tests" / "userland" / "unreached.txt").read_text())
    for line in (found - listed).elements():
        print(f"not listed: {line}")
    for line in (listed - found).elements():
        print(f"listed, but reached: {line}")
    wrong = ((found - listed) + (listed - found)).total()
    print(f"{found.total() - (found - listed).total()} passed, {wrong} failed")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
