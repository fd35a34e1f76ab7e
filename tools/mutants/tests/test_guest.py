# SPDX-License-Identifier: GPL-2.0
"""Tests how the output of the guests is read, and that another guest goes on where one has ended."""

from pathlib import Path

import pytest

from mutants import guest
from mutants.failure import Unusable
from mutants.guest import Program, programs_reaching, verdicts
from mutants.pure import read_equivalent
from mutants.worker import verdict


def test_the_quickest_program_comes_first() -> None:
    assert programs_reaching(
        [
            "reached slow_test 0 61 1 2 3 7",
            "noise",
            "reached quick_test 0 2 2",
            "reached idle_test 0 3",
        ]
    ) == [
        Program("quick_test", 2, frozenset({2})),
        Program("idle_test", 3, frozenset()),
        Program("slow_test", 61, frozenset({1, 2, 3, 7})),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kunit/twin.rs", True),
        ("kunit/fixture/act.rs", True),
        ("kunit/fixture/sys/mm.rs", False),
        ("kunit/fixture/look.c", False),
        ("rust/hook/table.rs", False),
    ],
)
def test_which_sources_judge(path: str, expected: bool) -> None:
    assert guest.judges(path) == expected


def test_a_program_that_fails_without_a_mutant_is_refused() -> None:
    with pytest.raises(Unusable, match="without any mutant, ctl_test ends with 1"):
        programs_reaching(["reached ctl_test 1 2 1"])


def try_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, guests: list[list[str]]
) -> tuple[dict[int, str], list[str]]:
    """Tries three mutants in guests that print these lines. Returns the verdicts, and the plan of each
    guest."""
    plans = []

    def run_guest(copy: Path, *_: str) -> list[str]:
        plans.append((copy / "build" / "plan").read_text())
        return guests.pop(0)

    (tmp_path / "build").mkdir()
    monkeypatch.setattr(guest, "run_guest", run_guest)
    plan = {1: ["a_test"], 2: ["a_test", "b_test"], 3: ["b_test"]}
    return dict(verdicts(tmp_path, plan)), plans


@pytest.mark.parametrize(("seconds", "patience"), [(0, 30), (5, 60), (120, 400)])
def test_a_program_may_take_longer_with_a_mutant(seconds: int, patience: int) -> None:
    assert Program("a_test", seconds, frozenset()).asked() == f"a_test:{patience}"


def test_one_guest_tries_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    output = [
        "trying 1",
        "killed 1 a_test",
        "trying 2",
        "survived 2",
        "trying 3",
        "killed 3 b_test",
    ]
    found, plans = try_out(monkeypatch, tmp_path, [output])
    assert found == {1: "a_test", 2: "", 3: "b_test"}
    assert plans == ["1 a_test\n2 a_test b_test\n3 b_test\n"]


@pytest.mark.parametrize(
    ("guests", "expected", "second_plan"),
    [
        pytest.param(
            [["trying 1", "killed 1 a_test", "trying 2"], ["trying 3", "survived 3"]],
            {1: "a_test", 2: "the guest's end", 3: ""},
            "3 b_test\n",
            id="a mutant ends the guest",
        ),
        pytest.param(
            [["trying 1", "killed 1 kernel"], ["trying 2", "survived 2", "trying 3", "survived 3"]],
            {1: "kernel", 2: "", 3: ""},
            "2 a_test b_test\n3 b_test\n",
            id="the kernel reports",
        ),
        pytest.param(
            [
                ["trying 1", "survived 1", "trying 2", "unclear 2"],
                ["trying 2", "killed 2 b_test"],
                ["trying 3", "survived 3"],
            ],
            {1: "", 2: "b_test", 3: ""},
            "2 a_test b_test\n3 b_test\n",
            id="another mutant may have spoilt the guest",
        ),
    ],
)
def test_another_guest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    guests: list[list[str]],
    expected: dict[int, str],
    second_plan: str,
) -> None:
    found, plans = try_out(monkeypatch, tmp_path, guests)
    assert found == expected
    assert plans[1] == second_plan


def test_a_guest_that_does_not_boot_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match="has tried no mutant"):
        try_out(monkeypatch, tmp_path, [[]])


@pytest.mark.parametrize(
    ("is_killed", "is_listed", "expected"),
    [
        (True, False, "killed"),
        (False, False, "SURVIVED"),
        (False, True, "equivalent"),
        (True, True, "NOT EQUIVALENT"),
    ],
)
def test_a_verdict_is_in_capitals_if_it_is_not_as_it_should_be(
    is_killed: bool, is_listed: bool, expected: str
) -> None:
    assert verdict(is_killed=is_killed, is_listed=is_listed) == expected


def test_the_list_of_equivalents_has_names_and_reasons() -> None:
    text = "# A comment.\na.rs: f(): a\n  It is so.\n\nb.c: g(): b (2)\n  And so.\n"
    assert set(read_equivalent(text)) == {"a.rs: f(): a", "b.c: g(): b (2)"}
