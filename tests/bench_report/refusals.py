# SPDX-License-Identifier: GPL-2.0
"""What scripts/bench-report says of what it cannot use."""

import json
import tempfile
from pathlib import Path
from typing import Any

from bench_report.samples import rows_of, run, steady
from profiling.failure import BadInput
from speed import run_file
from speed.comparison import comparison
from speed.growth import growth
from speed.run_file import Result

GOOD = steady("helpers split/10", 8, 6)

# What is wrong, and words that have to be in the sentence about it.
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
    (steady("helpers split/10", 0, 6), ["helpers split/10", "C takes nothing"]),
    (steady("helpers split/10", 8, 0), ["helpers split/10", "Rust takes nothing"]),
    (steady("hook brk", 8, 9), ["hook brk", "hooked calls", "calls hook brk NUMBER"]),
    (GOOD + "calls hook brk 2\n", ["hook brk", "no sample"]),
    (GOOD + "profile helpers other c mas_store 1\n", ["helpers other", "no sample"]),
    (GOOD + "profile helpers split/10 c mas_store 1\n", ["split/10", "no profile of Rust"]),
    (GOOD + steady("userland-ns all", 3, 2, 29), ["userland-ns all", "29 samples", "at least 30"]),
]

ROW: dict[str, Any] = {"group": "helpers", "name": "a", "c": 1, "rust": 1, "ratio": 1}

BAD_RUNS: list[tuple[bytes, list[str]]] = [
    (b"", ["no JSON", "make bench"]),
    (b"[" * 100000, ["no JSON"]),
    (b"{}", ["a list of rows"]),
    (b"[]", ["a list of rows"]),
    (b"[1]", ["row 1", "no object"]),
    (json.dumps([ROW, ROW | {"name": 1}]).encode(), ["row 2", "'name'", "a string"]),
    (json.dumps([ROW | {"group": "x"}]).encode(), ["row 1", "'group'", "helpers"]),
    (json.dumps([ROW | {"ratio": 0}]).encode(), ["row 1", "'ratio'", "above 0"]),
    (json.dumps([ROW | {"c": True}]).encode(), ["row 1", "'c'", "above 0"]),
    (b'[{"group":"helpers","name":"a","c":1,"rust":NaN,"ratio":1}]', ["row 1", "'rust'"]),
    (json.dumps([ROW | {"own_ratio": "1"}]).encode(), ["row 1", "'own_ratio'", "null"]),
]


def check(bad: BadInput, words: list[str]) -> None:
    said = str(bad)
    assert all(word in said for word in words), f"not {words} in: {said}"
    assert said.isprintable(), repr(said)


def samples_that_cannot_be_used() -> None:
    for text, words in BAD_SAMPLES:
        try:
            rows_of(text)
        except BadInput as bad:
            check(bad, words)
        else:
            raise AssertionError(f"{text[:80]!r} is taken")


def runs_that_cannot_be_used() -> None:
    for contents, words in BAD_RUNS:
        try:
            run_file.read(contents)
        except BadInput as bad:
            check(bad, words)
        else:
            raise AssertionError(f"{contents[:80]!r} is taken")


def runs_that_cannot_be_compared() -> None:
    a = Result("helpers", "a", 1, 1, 1, 0.5)
    b = Result("helpers", "b", 1, 1, 1, None)
    for first, second, words in (
        ([a, b], [a], ["helpers b", "first run only"]),
        ([a], [a, b], ["helpers b", "second run only"]),
        ([a], [Result("helpers", "a", 1, 1, 1, None)], ["own ratio of helpers a", "one of the"]),
    ):
        try:
            comparison(first, second)
        except BadInput as bad:
            check(bad, words)
        else:
            raise AssertionError(f"not refused: {words}")


def one_number_of_vmas_is_no_curve() -> None:
    for names in (["a"], ["a/10"], ["a/10", "b/1000"]):
        try:
            growth([Result("helpers", name, 1, 1, 1, None) for name in names], "arm64")
        except BadInput as bad:
            check(bad, ["several numbers of VMAs", "/1000"])
        else:
            raise AssertionError(f"{names} make a curve")


def bad_input_leaves_what_is_there() -> None:
    with tempfile.TemporaryDirectory() as folder:
        samples, output, picture = (Path(folder) / name for name in ("samples", "json", "svg"))
        output.write_text("as before")
        samples.write_text(steady("helpers split/10", 8, 6, times=29))
        finished = run(str(samples), "--json", str(output), "--svg", str(picture))
        assert finished.returncode == 1
        assert finished.stdout == ""
        assert finished.stderr.startswith("bench-report: helpers split/10: there are 29 samples")
        assert finished.stderr.count("\n") == 1
        assert output.read_text() == "as before"
        assert not picture.exists()
        samples.write_text(steady("userland-ns all", 8, 6))
        finished = run(str(samples), "--json", str(output))
        assert finished.stderr.startswith("bench-report: only times are there"), finished.stderr
        assert output.read_text() == "as before"
        samples.write_text(steady("hook brk", 8, 9) + "calls hook brk 1\n")
        finished = run(str(samples), "--json", str(output), "--svg", str(picture))
        assert finished.returncode == 1
        assert finished.stderr.startswith("bench-report: there is no row of Rust"), finished.stderr
        assert output.read_text() == "as before"


def files_that_cannot_be_read() -> None:
    for arguments in (
        ["/nonexistent/samples"],
        ["--compare", "/nonexistent/a", "/nonexistent/b"],
        ["--growth", "/nonexistent/a", "/nonexistent/b"],
    ):
        finished = run(*arguments)
        assert finished.returncode == 1
        assert finished.stderr.startswith("bench-report: /nonexistent/"), finished.stderr
        assert finished.stderr.endswith(": No such file or directory\n"), finished.stderr


def wrong_usage() -> None:
    for arguments in ([], ["x", "--compare", "a", "b"], ["x", "--arch", "vax"]):
        assert run(*arguments).returncode == 2


TESTS = [
    samples_that_cannot_be_used,
    runs_that_cannot_be_used,
    runs_that_cannot_be_compared,
    one_number_of_vmas_is_no_curve,
    bad_input_leaves_what_is_there,
    files_that_cannot_be_read,
    wrong_usage,
]
