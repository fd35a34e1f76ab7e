# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/selftests compares the verdicts of C and of Rust."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vm.failure import NO_STATUS, TIMED_OUT
from vm.selftests import runner
from vm.selftests.programs import Program
from vm.selftests.run import END, LOG, Run, verdict_of_end
from vm.selftests.runner import play
from vm.selftests.verdicts import problems_of, rows_of

OK = {"1": "ok", "2": "ok", END: "ok", LOG: "ok"}
FAILS = OK | {"2": "not ok", END: "status 1"}


def run(verdicts: dict[str, str] = OK, report: str = "", problems: tuple[str, ...] = ()) -> Run:
    return Run(
        verdicts, {key: f"case {key}" for key in verdicts}, report=report, problems=[*problems]
    )


def remarks(rounds: list[tuple[Run, Run]], more_by_c: tuple[Run, ...] = ()) -> dict[str, str]:
    return {row.key: row.remark() for row in rows_of(rounds, [*more_by_c])}


@pytest.mark.parametrize(
    ("said", "vm_status", "verdict"),
    [
        ("0 3", 0, "ok"),
        ("4 3", 0, "skip"),
        ("1 3", 0, "status 1"),
        ("139 3", 0, "signal 11"),
        ("137 300", 0, "timed out"),
        ("137 299", 0, "signal 9"),
        (None, TIMED_OUT, "guest hung"),
        (None, NO_STATUS, "guest died"),
    ],
)
def test_how_it_ended(tmp_path: Path, said: str | None, vm_status: int, verdict: str) -> None:
    end = tmp_path / "end"
    if said:
        end.write_text(f"{said}\n")
    assert verdict_of_end(end, 300, vm_status) == verdict


def test_the_same_by_both_passes() -> None:
    assert problems_of([(run(), run())], []) == []
    # A case that fails with C may fail with Rust.
    both = [(run(FAILS), run(FAILS))]
    assert problems_of(both, []) == []
    assert remarks(both) == {"1": "", "2": "fails by both", END: "fails by both", LOG: ""}


def test_a_verdict_that_c_never_has_is_a_difference() -> None:
    rounds = [(run(), run(FAILS))]
    assert problems_of(rounds, []) == [
        "2 case 2: ok by C, not ok by Rust",
        "end case end: ok by C, status 1 by Rust",
    ]
    assert remarks(rounds)["2"] == "DIFFERS"
    # The reverse is a difference, too.
    assert problems_of([(run(FAILS), run())], []) != []


def test_a_verdict_that_c_has_sometimes_is_flaky() -> None:
    rounds = [(run(), run(FAILS)), (run(FAILS), run()), (run(), run())]
    assert problems_of(rounds, []) == []
    assert remarks(rounds)["2"] == "flaky"
    # One additional run of C with the verdict is enough.
    assert problems_of([(run(), run(FAILS))], [run(FAILS)]) == []


def test_a_case_that_is_missing_differs() -> None:
    short = {key: verdict for key, verdict in OK.items() if key != "2"}
    assert problems_of([(run(), run(short))], []) == ["2 case 2: ok by C, missing by Rust"]


def test_cases_are_in_the_order_of_their_numbers() -> None:
    many = {str(number): "ok" for number in (10, 9, 100)} | OK
    keys = [row.key for row in rows_of([(run(many), run(many))], [])]
    assert keys == ["1", "2", "9", "10", "100", END, LOG]


def test_nobody_may_die_of_rust() -> None:
    killed = run(OK | {END: "signal 11"})
    said = problems_of([(run(), killed)] * 3, [])
    assert "with rust, it ended by signal 11" in said
    # C has the same signal, so the signal of Rust is excused.
    assert problems_of([(killed, killed)], []) == []


def test_a_report_of_the_kernel_is_told_but_for_what_is_accidental() -> None:
    reported = run(OK | {LOG: "report"}, "WARNING: CPU: 1 PID: 77 at mm/vma.c:5 a/77")
    again = run(OK | {LOG: "report"}, "WARNING: CPU: 0 PID: 9 at mm/vma.c:5 a/9")
    said = problems_of([(run(), reported), (run(), reported)], [])
    assert any(each.startswith("with rust, the kernel log has a report") for each in said)
    assert problems_of([(again, reported)], []) == []


@pytest.mark.parametrize("end", ["timed out", "guest hung", "guest died"])
def test_a_run_that_does_not_end_has_not_been_compared(end: str) -> None:
    stuck = run(OK | {END: end})
    assert problems_of([(stuck, stuck)], []) == [
        f"with c, it did not end: {end}",
        f"with rust, it did not end: {end}",
    ]
    case = run(OK | {"2": "did not end"})
    assert "with c, it did not end: 2 case 2" in problems_of([(case, case)], [])


def test_one_case_has_to_run() -> None:
    skipped = run({"1": "skip", END: "ok", LOG: "ok"})
    assert problems_of([(skipped, skipped)], []) == ["no case ran"]
    # A program without cases counts as a case itself.
    assert problems_of([(run({END: "ok", LOG: "ok"}),) * 2], []) == []


def test_problems_of_a_run_are_listed() -> None:
    assert problems_of([(run(problems=("a",)), run(problems=("b",)))], [run(problems=("c",))]) == [
        "a",
        "c",
        "b",
    ]


class Played:
    """A replacement for a runner, whose runs are known beforehand."""

    def __init__(self, by_c: Iterator[Run], by_rust: Iterator[Run]) -> None:
        self.runs = {"c": by_c, "rust": by_rust}
        self.count = {"c": 0, "rust": 0}

    def run(self, program: Program, engine: str) -> Run:
        self.count[engine] += 1
        return next(self.runs[engine])


@pytest.mark.parametrize(
    ("by_c", "by_rust", "runs"),
    [
        # There is no doubt.
        ([OK], [OK], (1, 1)),
        # Every round has a difference: C is not run again.
        ([OK] * 3, [FAILS] * 3, (3, 3)),
        # One round has a difference: C runs until it has the same verdict, or all its further runs are over.
        ([OK] * 10, [FAILS, OK, OK], (10, 3)),
        ([OK, OK, OK, OK, FAILS], [FAILS, OK, OK], (5, 3)),
        # C had the same verdict in one of the rounds.
        ([OK, FAILS, OK], [FAILS, OK, OK], (3, 3)),
    ],
)
def test_runs_go_on_while_there_is_doubt(
    by_c: list[dict[str, str]], by_rust: list[dict[str, str]], runs: tuple[int, int]
) -> None:
    played = Played(map(run, by_c), map(run, by_rust))
    play(played, Program("merge"))  # type: ignore[arg-type]
    assert (played.count["c"], played.count["rust"]) == runs


def test_there_are_as_many_rounds_as_the_help_says() -> None:
    assert (runner.ROUNDS, runner.MORE_RUNS) == (3, 7)
