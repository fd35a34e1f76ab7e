# SPDX-License-Identifier: GPL-2.0
"""How tests that are functions end: a line each, and at the end how many passed."""

import sys
import unittest
from collections.abc import Callable
from pathlib import Path


def succeeds(name: str, test: Callable[[], None]) -> bool:
    """Says how it ended."""
    result = unittest.TestResult()
    unittest.FunctionTestCase(test).run(result)
    print(f"ok {name}" if result.wasSuccessful() else f"not ok {name}")
    for _, what_happened in result.failures + result.errors:
        print(what_happened)
    sys.stdout.flush()
    return result.wasSuccessful()


def finish(results: list[bool], counts: Path | None) -> int:
    """counts: where scripts/test finds the two numbers. Returns the exit status."""
    passed, failed = results.count(True), results.count(False)
    if counts:
        with counts.open("a") as file:
            file.write(f"{passed} {failed}\n")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1
