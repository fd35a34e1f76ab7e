# SPDX-License-Identifier: GPL-2.0
"""Tests tools/conftest.py: the numbers that a run of tests passes to scripts/test."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
PASSES = "def test_passes(): pass\n"
OPTIONS = ("--counts", "counts")


def run(folder: Path, tests: str, *options: str) -> tuple[int, str]:
    """Runs tests. Returns the exit status and the last line of the output."""
    shutil.copy(CONFTEST, folder)
    (folder / "test_it.py").write_text(f"import pytest\n{tests}")
    command = [sys.executable, "-m", "pytest", "--rootdir", str(folder), *OPTIONS, *options]
    finished = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("tests", "status", "passed", "failed"),
    [
        (PASSES, 0, 1, 0),
        (PASSES + "def test_fails(): assert False\n", 1, 1, 1),
        (PASSES + "def test_is_skipped(): pytest.skip()\n", 1, 1, 1),
        (PASSES + "def test_lacks_something(what): pass\n", 1, 1, 1),
        (PASSES + "raise OSError\n", 2, 0, 1),
        ("", 5, 0, 0),
    ],
)
def test_each_end_is_counted(
    tmp_path: Path, tests: str, status: int, passed: int, failed: int
) -> None:
    assert run(tmp_path, tests) == (status, f"{passed} passed, {failed} failed")
    assert (tmp_path / "counts").read_text() == f"{passed} {failed}\n"


def test_deselected_tests_do_not_fail(tmp_path: Path) -> None:
    tests = PASSES + "@pytest.mark.guest\ndef test_boots(): assert False\n"
    assert run(tmp_path, tests) == (1, "1 passed, 1 failed")
    assert run(tmp_path, tests, "--without-guests") == (0, "1 passed, 0 failed")
