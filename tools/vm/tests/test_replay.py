# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/replay and scripts/kunit read the output of guests."""

from argparse import Namespace
from pathlib import Path

import pytest

from vm import kunit, replay
from vm.outcome import finish

WHOLE = ["1 100 aaaa", "1 200 bbbb"]


def test_the_last_common_step_is_that_of_the_first_line_that_differs() -> None:
    assert replay.last_common_step(WHOLE, WHOLE) == 0
    assert replay.last_common_step(WHOLE, ["1 100 aaaa", "1 200 cccc"]) == 200
    assert replay.last_common_step(WHOLE, ["1 100 aaaa"]) == 200
    assert replay.last_common_step(["it ended with 1"], ["1 100 aaaa"]) == 100


def test_a_seed_is_whole_if_its_last_line_is_its_last_step() -> None:
    assert replay.is_whole(WHOLE, 1, 200)
    assert not replay.is_whole(WHOLE, 1, 300)
    assert not replay.is_whole([*WHOLE, "it ended with 139"], 1, 200)
    assert not replay.is_whole([], 1, 200)


def test_missing_features_are_counted() -> None:
    first = replay.Run("c", {1: ["1 0 without swap", *WHOLE], 2: ["2 0 without swap"]})
    second = replay.Run("rust", {1: ["1 0 without protection keys", *WHOLE], 2: []})
    assert replay.skipped([first, second]) == [
        "skipped: swap, in 2 of 4 histories",
        "skipped: protection keys, in 1 of 4 histories",
    ]
    assert replay.skipped([replay.Run("c", {1: WHOLE})]) == []


@pytest.mark.parametrize(
    ("second", "failed"),
    [
        ({1: WHOLE, 2: WHOLE}, 0),
        ({1: WHOLE}, 1),
        ({1: WHOLE[:1], 2: WHOLE[:1]}, 2),
        ({1: WHOLE, 2: [WHOLE[0], "2 200 cccc"]}, 1),
    ],
)
def test_seeds_pass_that_are_whole_and_the_same(
    monkeypatch: pytest.MonkeyPatch, second: dict[int, list[str]], failed: int
) -> None:
    def seeds(said: dict[int, list[str]]) -> dict[int, list[str]]:
        return {seed: [f"{seed}{line[1:]}" for line in lines] for seed, lines in said.items()}

    monkeypatch.setattr(replay, "explain", lambda *_: None)
    runs = [
        replay.Run("c", seeds({1: WHOLE, 2: WHOLE})),
        replay.Run("rust", seeds(second)),
    ]
    arguments = Namespace(first_seed=1, seeds=2, steps=200)
    assert replay.compare(arguments, runs) == failed
    # Two histories that stop half way do not count as equal.
    assert replay.compare(Namespace(first_seed=1, seeds=2, steps=300), runs) == 2


def test_the_results_are_the_last_in_the_log() -> None:
    log = [
        "[    1.000000] KTAP version 1",
        "[    1.000000] ok 1 of_the_kernel",
        "[    9.000000] KTAP version 1",
        "[    9.000000] 1..1",
        "[    9.100000]     ok 1 case",
    ]
    assert kunit.results_in(log) == ["KTAP version 1", "1..1", "    ok 1 case"]
    assert kunit.results_in(["[    1.000000] Linux"]) == []


def test_suites_are_found_in_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kunit" / "inner").mkdir(parents=True)
    (tmp_path / "kunit" / "a.rs").write_text("#[kunit_tests(one)]\nmod tests {}\n")
    (tmp_path / "kunit" / "inner" / "b.rs").write_text("cases! {\n    suite: two,\n}\n")
    (tmp_path / "kunit" / "c.txt").write_text("suite: three")
    monkeypatch.setattr(kunit, "TOP", tmp_path)
    assert kunit.suites_in_sources() == {"one", "two"}


@pytest.mark.parametrize(
    ("passed", "failed", "status"), [(2, 0, 0), (2, 1, 1), (0, 1, 1), (0, 0, 1)]
)
def test_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], passed: int, failed: int, status: int
) -> None:
    counts = tmp_path / "counts"
    counts.write_text("1 1\n")
    assert finish(passed, failed, counts) == status
    assert counts.read_text() == f"1 1\n{passed} {failed}\n"
    assert capsys.readouterr().out == f"{passed} passed, {failed} failed\n"
