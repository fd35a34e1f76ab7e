# SPDX-License-Identifier: GPL-2.0
"""Tests the report of scripts/coverage on a source with three conditions, which two programs reach in part."""

import json
from collections import defaultdict
from pathlib import Path

from mutants.unreached import Covered, add_branches, add_lines, of_engine, unreached

NAME = "rust/a.rs"
SOURCE = """\
fn f(a: u8, b: u8) {
    if a > 1 && b
        > 2 {}
    if a == 0 {}
}
"""
# The place of each condition: its first line and column, and its last.
FIRST, SECOND, THIRD = [2, 8, 2, 13], [2, 17, 3, 12], [4, 8, 4, 14]


def covered(top: Path, *programs: list[tuple[list[int], int, int]]) -> dict[str, Covered]:
    """Returns what programs have reached: for each condition, how often it was true and false."""
    files: dict[str, Covered] = defaultdict(Covered)
    for program in programs:
        branches = [[*place, true, false, 0, 0, 4] for place, true, false in program]
        name = f"{top}/tests/../{NAME}"
        add_branches(
            files, json.dumps({"data": [{"files": [{"filename": name, "branches": branches}]}]})
        )
    return of_engine(files, top)


def found(top: Path, *programs: list[tuple[list[int], int, int]]) -> list[str]:
    return list(unreached(NAME, covered(top, *programs)[NAME], SOURCE))


def test_sides_that_no_program_takes_are_found(tmp_path: Path) -> None:
    one = [(FIRST, 3, 0), (SECOND, 0, 0), (THIRD, 0, 2)]
    assert found(tmp_path, one) == [
        "rust/a.rs: a > 1: never false",
        "rust/a.rs: b > 2: never reached",
        "rust/a.rs: a == 0: never true",
    ]


def test_programs_add_up(tmp_path: Path) -> None:
    one = [(FIRST, 3, 0), (SECOND, 1, 0), (THIRD, 0, 2)]
    other = [(FIRST, 0, 1), (SECOND, 1, 0), (THIRD, 7, 0)]
    assert found(tmp_path, one, other) == ["rust/a.rs: b > 2: never false"]
    assert covered(tmp_path, one, other)[NAME].taken_sides() == 5


def test_lines_add_up(tmp_path: Path) -> None:
    files: dict[str, Covered] = defaultdict(Covered)
    for lines in ("DA:1,4\nDA:2,0\nDA:3,0\n", "DA:1,1\nDA:2,9\nDA:3,0\nBRDA:2,0,0,1\n"):
        add_lines(files, f"SF:{tmp_path}/{NAME}\n{lines}end_of_record\nSF:/other\nDA:1,0\n")
    engine = of_engine(files, tmp_path)
    assert list(engine) == [NAME]
    assert (engine[NAME].reached_lines(), len(engine[NAME].lines)) == (2, 3)
