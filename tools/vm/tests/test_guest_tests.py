# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/guest-tests reads the output of guests, and that another guest goes on where one has
ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vm import guest_programs, guest_tests
from vm.guest_tests import in_order

GOOD = ["program a_test", "tests: 2", "ok one", "ended a child", "ok two", "ended a_test 0"]
OTHER = ["program b_test", "tests: 1", "ok three", "ended b_test 0"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs a_test and b_test in guests, each given by its status and its lines. Returns the status and the
    counts."""

    def run(*guests: tuple[int, list[str]]) -> tuple[int, str]:
        waiting = list(guests)

        def in_guest(
            vm: Path,
            options: list[str],
            command: list[str],
            silence: int,
            hear: Callable[[str], None],
        ) -> int:
            status, lines = waiting.pop(0)
            begun = [line.split()[1] for line in lines if line.startswith("program ")]
            assert command[2 : 2 + len(begun)] == begun
            for line in lines:
                hear(line)
            return status

        counts = tmp_path / "counts"
        counts.unlink(missing_ok=True)
        monkeypatch.setattr(guest_tests, "BUILD", tmp_path)
        monkeypatch.setattr(guest_programs, "run", in_guest)
        monkeypatch.setattr(guest_tests, "kernel_for", lambda *_: None)
        monkeypatch.setattr(guest_programs, "names", lambda *_: ["a_test", "b_test"])
        monkeypatch.setattr("sys.argv", ["guest-tests", "--counts", str(counts)])
        status = guest_tests.main()
        assert not waiting
        return status, counts.read_text()

    return run


def test_one_guest_runs_all(run: Callable[..., tuple[int, str]]) -> None:
    assert run((0, GOOD + OTHER)) == (0, "3 0\n")


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        pytest.param(
            ["program a_test", "tests: 2", "ok one", "not ok two", "ended a_test 1"],
            "2 1\n",
            id="a test failed",
        ),
        pytest.param(
            ["program a_test", "tests: 2", "ok one", "ended a_test 0"],
            "2 1\n",
            id="one was not run",
        ),
        pytest.param(
            ["program a_test", "ok one", "ended a_test 0"], "2 1\n", id="nobody knows how many"
        ),
        pytest.param(
            ["program a_test", "tests: 2", "ok one", "ended a_test 139"],
            "2 1\n",
            id="it was killed",
        ),
        pytest.param(
            ["program a_test", "tests: 2", "ok one", "ok two", "ended a_test 1"],
            "3 1\n",
            id="its status is not a success",
        ),
    ],
)
def test_a_program_fails(
    run: Callable[..., tuple[int, str]], lines: list[str], counts: str
) -> None:
    assert run((0, lines + OTHER)) == (1, counts)


def test_a_report_in_the_log_is_a_failure(run: Callable[..., tuple[int, str]]) -> None:
    assert run((123, GOOD + OTHER)) == (1, "3 1\n")


def test_another_guest_goes_on(run: Callable[..., tuple[int, str]]) -> None:
    assert run((125, GOOD[:3]), (0, OTHER)) == (1, "2 1\n")


def test_guests_that_do_not_boot_are_a_failure(run: Callable[..., tuple[int, str]]) -> None:
    assert run((125, [])) == (1, "0 1\n")
    assert run((0, [])) == (1, "0 1\n")


def test_those_that_spoil_the_guest_come_last() -> None:
    assert in_order(["a_test", "shadow_test", "z_test"], 2) == [
        "a_test",
        "z_test",
        "a_test",
        "z_test",
        "shadow_test",
        "shadow_test",
    ]


@pytest.mark.parametrize(
    ("script", "silence", "status", "lines"),
    [
        ("echo one; echo two; exit 3", 30, 3, ["one", "two"]),
        ("echo one; exec sleep 30", 1, -15, ["one"]),
    ],
)
def test_a_guest_that_is_silent_is_ended(
    tmp_path: Path, script: str, silence: int, status: int, lines: list[str]
) -> None:
    vm = tmp_path / "vm"
    vm.write_text(f"#!/bin/sh\n{script}\n")
    vm.chmod(0o755)
    heard: list[str] = []
    assert guest_programs.run(vm, [], [], silence, heard.append) == status
    assert heard == lines
