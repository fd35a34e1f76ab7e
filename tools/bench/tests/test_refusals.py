# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/bench-report refuses input that it cannot use."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.failure import BadInput
from bench.report import run_file
from bench.report.comparison import comparison
from bench.report.growth import growth
from bench.report.run_file import Result
from measured import rows_of, run, steady

GOOD = steady("helpers split/10", 8, 6)

# Wrong input, and words that have to be in the message about it.
BAD_SAMPLES: list[tuple[str, list[str]]] = [
    ("", ["samples", "empty"]),
    ("\n \n", ["samples", "empty"]),
    ("[    1.000000] Linux\n[    2.000000] sample\n", ["kernel log", "bench: "]),
    ("[    1.000000] rust_vma_kunit: bench: done\n", ["line 1", "'done'", "sample"]),
    ("module text 1000 bytes\n", ["no sample", "sample GROUP NAME SIDE COUNT"]),
    (GOOD + "hello\n", ["samples, line 61", "'hello'", "sample"]),
    (GOOD + "\x1b[1m\n", ["line 61", "'?[1m'"]),
    (GOOD + "x" * 200 + "\n", ["line 61", "..."]),
    ("sample helpers split/10 c\n", ["line 1", "should be", "COUNT"]),
    ("sample helpers split/10 c 1 2\n", ["line 1", "should be", "COUNT"]),
    ("sample helpers split/10 c many\n", ["line 1", "should be", "COUNT"]),
    ("sample helpers split/10 c -1\n", ["line 1", "should be", "COUNT"]),
    ("sample helpers split/10 c 1e9\n", ["line 1", "should be", "COUNT"]),
    (f"sample helpers split/10 c {'9' * 400}\n", ["line 1", "should be", "COUNT"]),
    ("sample helpers split/10 c nan\n", ["line 1", "should be", "COUNT"]),
    ("sample helpers split/10 c \u0663\n", ["line 1", "should be", "COUNT"]),
    ("sample others split/10 c 1\n", ["line 1", "no group 'others'", "syscalls"]),
    ("sample helpers split/10 C 1\n", ["line 1", "c or rust", "'C'"]),
    ("profile helpers split/10 c 1\n", ["line 1", "should be", "SYMBOL"]),
    ("calls hook brk\n", ["line 1", "should be", "calls GROUP NAME NUMBER"]),
    ("module text many bytes\n", ["line 1", "should be", "module WHAT NUMBER UNIT"]),
    ("calls hook brk 0\n", ["line 1", "at least one"]),
    ("calls hook brk 2\ncalls hook brk 3\n", ["line 2", "each time"]),
    ("sample helpers split/10 c 1\n" * 30, ["helpers split/10", "no samples of Rust"]),
    ("sample helpers split/10 rust 1\n" * 30, ["helpers split/10", "no samples of C"]),
    (GOOD + "sample helpers split/10 c 8\n", ["31 samples of C", "30 of Rust", "alternate"]),
    (GOOD + steady("syscalls brk", 8, 6, 29), ["syscalls brk", "29 samples", "at least 30"]),
    (steady("helpers split/10", 0, 6), ["helpers split/10", "C takes no time or instructions"]),
    (steady("helpers split/10", 8, 0), ["helpers split/10", "Rust takes no time or instructions"]),
    (steady("hook brk", 8, 9), ["hook brk", "hooked calls", "calls hook brk NUMBER"]),
    (GOOD + "calls hook brk 2\n", ["hook brk", "no sample"]),
    (GOOD + "profile helpers other c mas_store 1\n", ["helpers other", "no sample"]),
    (GOOD + "profile helpers split/10 c mas_store 1\n", ["split/10", "no profile of Rust"]),
    (GOOD + steady("userland-ns all", 3, 2, 29), ["userland-ns all", "29 samples", "at least 30"]),
]

ROW: dict[str, Any] = {"group": "helpers", "name": "a", "c": 1, "rust": 1, "ratio": 1}

BAD_RUNS: list[tuple[bytes, list[str]]] = [
    (b"", ["Invalid JSON", "make bench"]),
    (b"[" * 100000, ["Invalid JSON"]),
    (b"{}", ["a list of rows", "valid array"]),
    (b"[]", ["a list of rows", "at least 1"]),
    (b"[1]", ["'0'", "object"]),
    (json.dumps([ROW, ROW | {"name": 1}]).encode(), ["'1.name'", "string"]),
    (json.dumps([ROW | {"group": "x"}]).encode(), ["'0.group'", "helpers"]),
    (json.dumps([ROW | {"ratio": 0}]).encode(), ["'0.ratio'", "greater than 0"]),
    (json.dumps([ROW | {"c": True}]).encode(), ["'0.c'", "number"]),
    (b'[{"group":"helpers","name":"a","c":1,"rust":NaN,"ratio":1}]', ["'0.rust'", "finite"]),
    (json.dumps([ROW | {"own_ratio": -1}]).encode(), ["'0.own_ratio'", "or equal to 0"]),
    (json.dumps([{"group": "helpers"}]).encode(), ["'0.name'", "required"]),
    (json.dumps([ROW | {"own_ratio": "1"}]).encode(), ["'0.own_ratio'", "number"]),
]


def refusal(words: list[str]) -> "pytest.RaisesExc[BadInput]":
    """Expects a BadInput with a printable message that has these words."""

    def has_them(bad: BadInput) -> bool:
        return str(bad).isprintable() and all(word in str(bad) for word in words)

    return pytest.RaisesExc(BadInput, check=has_them)


@pytest.mark.parametrize(("text", "words"), BAD_SAMPLES)
def test_samples_that_cannot_be_used(text: str, words: list[str]) -> None:
    with refusal(words):
        rows_of(text)


@pytest.mark.parametrize(("contents", "words"), BAD_RUNS)
def test_runs_that_cannot_be_used(contents: bytes, words: list[str]) -> None:
    with refusal(words):
        run_file.read(contents)


A = Result("helpers", "a", 1, 1, 1, 0.5)
B = Result("helpers", "b", 1, 1, 1, None)
A_WITHOUT_OWN = Result("helpers", "a", 1, 1, 1, None)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ([A, B], [A], ["helpers b", "first run only"]),
        ([A], [A, B], ["helpers b", "second run only"]),
        ([A], [A_WITHOUT_OWN], ["own ratio of helpers a", "one of the"]),
    ],
)
def test_runs_that_cannot_be_compared(
    first: list[Result], second: list[Result], words: list[str]
) -> None:
    with refusal(words):
        comparison(first, second)


@pytest.mark.parametrize("names", [["a"], ["a/10"], ["a/10", "b/1000"]])
def test_one_number_of_vmas_is_no_curve(names: list[str]) -> None:
    with refusal(["several numbers of VMAs", "/1000"]):
        growth([Result("helpers", name, 1, 1, 1, None) for name in names], "arm64")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (steady("helpers split/10", 8, 6, times=29), "helpers split/10: there are 29 samples"),
        (steady("userland-ns all", 8, 6), "there are only times"),
        (steady("hook brk", 8, 9) + "calls hook brk 1\n", "there is no row of Rust"),
    ],
)
def test_bad_input_leaves_what_is_there(tmp_path: Path, text: str, sentence: str) -> None:
    samples, output, picture = (tmp_path / name for name in ("samples", "json", "svg"))
    output.write_text("as before")
    samples.write_text(text)
    finished = run(str(samples), "--json", str(output), "--svg", str(picture))
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr.startswith(f"bench-report: {sentence}")
    assert finished.stderr.count("\n") == 1
    assert output.read_text() == "as before"
    assert not picture.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["/nonexistent/samples"],
        ["--compare", "/nonexistent/a", "/nonexistent/b"],
        ["--growth", "/nonexistent/a", "/nonexistent/b"],
    ],
)
def test_files_that_cannot_be_read(arguments: list[str]) -> None:
    finished = run(*arguments)
    assert finished.returncode == 1
    assert finished.stderr.startswith("bench-report: /nonexistent/")
    assert finished.stderr.endswith(": No such file or directory\n")


@pytest.mark.parametrize("arguments", [[], ["x", "--compare", "a", "b"], ["x", "--arch", "vax"]])
def test_wrong_usage(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2
