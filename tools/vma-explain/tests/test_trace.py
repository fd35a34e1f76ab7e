# SPDX-License-Identifier: GPL-2.0
"""Tests what `vma-explain trace` says of who makes the VMAs of a program, on the kernel that is running."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from vm.places import BUILD

PROGRAM = BUILD / "vma-explain"
# Makes nine of ten VMAs in one line, and the others in another.
SOURCE = """\
#include <sys/mman.h>
#include <unistd.h>
static char *area;
static long page;
__attribute__((noinline)) void guard(void)
{
	mprotect(area + page * 4096, 4096, PROT_NONE); /* most of them */
	__asm__ volatile("");
}
__attribute__((noinline)) void keep_from_children(void)
{
	madvise(area + page * 4096, 4096, MADV_DONTFORK);
	__asm__ volatile("");
}
__attribute__((noinline)) void fill(void)
{
	for (page = 1; page < 40000; page += 2) {
		if (page % 20 == 1)
			keep_from_children();
		else
			guard();
		if (page % 100 == 1)
			usleep(10000);
	}
}
int main(int argc, char **argv)
{
	area = mmap(0, 50000 * 4096L, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (;;) {
		usleep(100000);
		fill();
		if (argc > 1)
			return 0;
		mprotect(area, 50000 * 4096L, 3);
		madvise(area, 50000 * 4096L, MADV_DOFORK);
	}
}
"""
LINE = next(number for number, line in enumerate(SOURCE.splitlines(), 1) if "most of them" in line)


@pytest.fixture(scope="module", params=["-fno-omit-frame-pointer", "-fomit-frame-pointer"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("makes")
    source, built = folder / "makes.c", folder / "makes"
    source.write_text(SOURCE)
    subprocess.run(["gcc", "-O1", "-g", request.param, source, "-o", built], check=True)
    return built


@contextmanager
def running(program: Path, *arguments: str) -> Iterator[int]:
    with subprocess.Popen([program, *arguments]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def count_of(pid: int) -> int:
    """Returns the number of its VMAs."""
    return len(Path(f"/proc/{pid}/maps").read_text().splitlines())


def trace(*arguments: str) -> str:
    finished = subprocess.run(
        [PROGRAM, "trace", *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert finished.stderr == ""
    return finished.stdout


def traced(*arguments: str) -> dict[str, Any]:
    report = json.loads(trace("--json", *arguments))
    assert isinstance(report, dict)
    return report


def test_the_line_that_makes_most(program: Path) -> None:
    with running(program) as pid:
        report = traced("--seconds", "2", str(pid))
    assert (report["pid"], report["command"], report["ended"]) == (pid, "makes", "time")
    made = sum(group["vmas"] for group in report["groups"])
    first, second, *_ = report["groups"]
    assert first["call"] == "mprotect(PROT_NONE)"
    assert first["vmas"] > made * 0.85
    assert first["callers"][1] == f"guard (makes.c:{LINE})"
    assert second["call"] == "madvise(MADV_DONTFORK)"
    assert any("keep_from_children (" in caller for caller in second["callers"])
    # Each of these makes two: what it is about, and the rest behind that.
    for group in (first, second):
        assert group["vmas"] <= 2 * group["calls"]
    assert report["missed"] == report["uncounted"] == 0
    assert report["looked_at"] >= sum(group["calls"] for group in report["groups"])


def test_words_for_people(program: Path) -> None:
    with running(program) as pid:
        first, header, most, *_, cost = trace("-s", "1", str(pid)).splitlines()
    assert re.fullmatch(
        rf"\d+ calls of process {pid} \(makes\) left \d+ VMAs more than they found, in 1\.\d s",
        first,
    )
    assert header.split() == ["VMAs", "share", "calls"]
    assert re.fullmatch(r" *\d+ +\d+% +\d+  mprotect\(PROT_NONE\)", most)
    assert re.match(r"cost: \d+ ms of processor time, \d+ ns at the beginning and at the end", cost)


def test_a_program_that_ends(program: Path) -> None:
    """Its symbols were read before, and nobody waits for the end of the time."""
    with running(program, "once") as pid:
        started = time.monotonic()
        report = traced("--seconds", "60", str(pid))
    assert time.monotonic() - started < 30
    assert report["ended"] == "process"
    first = report["groups"][0]
    assert any("guard (" in caller for caller in first["callers"])


def test_counts_are_those_of_the_process(program: Path) -> None:
    """No more VMAs than the process has more afterwards: nothing merges meanwhile."""
    with running(program, "once") as pid:
        before = count_of(pid)
        report = traced("--seconds", "1", str(pid))
        after = count_of(pid)
    made = sum(group["vmas"] for group in report["groups"])
    assert before < 1000
    assert (after - before) / 4 < made <= after - before


def test_a_process_that_makes_none() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            report = traced("--seconds", "1", str(process.pid))
        finally:
            process.kill()
    assert report["groups"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["4194304"], 1, "there is no process 4194304"),
        (["0"], 2, "0 is not a process"),
        ([], 2, "Usage"),
        (["1", "--seconds", "x"], 2, "invalid value"),
    ],
)
def test_questions_without_an_answer(arguments: list[str], status: int, words: str) -> None:
    finished = subprocess.run(
        [PROGRAM, "trace", *arguments], capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stdout) == (status, "")
    assert words in finished.stderr
