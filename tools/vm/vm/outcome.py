# SPDX-License-Identifier: GPL-2.0
"""The end of a command that runs tests: its last line, its counts for scripts/test, and its exit status."""

from argparse import ArgumentParser
from pathlib import Path


def add_counts_option(parser: ArgumentParser) -> None:
    what = "append a line with the two numbers to FILE"
    parser.add_argument("--counts", metavar="FILE", type=Path, help=what)


def record(passed: int, failed: int, counts: Path | None) -> int:
    """Writes the counts, if a file is given. Returns the exit status. A run without tests is a failure."""
    if counts:
        with counts.open("a") as file:
            file.write(f"{passed} {failed}\n")
    return 0 if passed and not failed else 1


def finish(passed: int, failed: int, counts: Path | None) -> int:
    print(f"{passed} passed, {failed} failed")
    return record(passed, failed, counts)
