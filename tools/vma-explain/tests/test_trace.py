# SPDX-License-Identifier: GPL-2.0
"""Tests the reports of `vma-explain trace` about the calls that make the VMAs of a program, on the running
kernel."""

import json
import os
import platform
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from vm.places import BUILD

PROGRAM = BUILD / "vma-explain"
# A program that makes nine of ten VMAs in one line, and the others in another.
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
	/* The loader has mapped what it maps. */
	write(1, "!", 1);
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


# A program that waits for a byte, makes a known number of VMAs, and waits again. Its arguments are the
# numbers of threads, of different stacks, and of calls of each thread.
COUNTED = """\
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
static char *area;
static long each;
static void guard(long number)
{
	mprotect(area + (2 * number + 1) * 4096, 4096, PROT_NONE);
}
static void *work(void *thread)
{
	for (long i = 0; i < each; i++)
		guard((long)thread * each + i);
	return NULL;
}
__attribute__((noinline)) static void deeper(long depth, long number)
{
	if (depth)
		deeper(depth - 1, number);
	else
		guard(number);
	__asm__ volatile("");
}
__attribute__((noinline)) static void one(long number) { deeper(number % 24, number); __asm__ volatile(""); }
__attribute__((noinline)) static void other(long number) { deeper(number % 24, number); __asm__ volatile(""); }
static void branch(long bits, long depth, long number)
{
	if (!depth)
		(number % 2 ? one : other)(number);
	else if (bits & 1)
		branch(bits >> 1, depth - 1, number);
	else
		branch(bits >> 1, depth - 1, number);
	__asm__ volatile("");
}
int main(int argc, char **argv)
{
	long threads = atol(argv[1]), stacks = atol(argv[2]);
	pthread_t ids[64];
	char byte;

	each = atol(argv[3]);
	area = mmap(NULL, 60000 * 4096L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	write(1, "", 1);
	read(0, &byte, 1);
	for (long i = 0; i < threads; i++)
		pthread_create(ids + i, NULL, work, (void *)i);
	for (long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	for (long i = 0; i < stacks; i++)
		branch(i, 12, i);
	write(1, "", 1);
	read(0, &byte, 1);
	return 0;
}
"""


# An interpreter without frame pointers, with a piece of compiled code for each function of the
# program that it executes, as Python has. The pieces begin at the addresses in the perf map.
INTERPRETER = """\
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
/* sub $8, %rsp; call *%rdi; add $8, %rsp; ret */
static const char code[] = "\\x48\\x83\\xec\\x08\\xff\\xd7\\x48\\x83\\xc4\\x08\\xc3";
static char *area, *pieces[2];
static long page;
static void run(int piece, void (*function)(void))
{
	/* A pointer to a piece, which is not a return address. */
	void (*volatile kept)(void (*)(void)) = (void *)pieces[piece];

	kept(function);
}
static void guard(void)
{
	/* What frame pointers would be has another use. */
	__asm__ volatile("xor %%ebp, %%ebp" ::: "rbp");
	mprotect(area + page * 4096, 4096, PROT_NONE);
	__asm__ volatile("");
}
static void fill(void)
{
	for (page = 1; page < 20000; page += 2) {
		run(1, guard);
		if (page % 100 == 1)
			usleep(10000);
	}
}
int main(void)
{
	char name[64];
	FILE *map;

	snprintf(name, sizeof(name), "/tmp/perf-%d.map", getpid());
	map = fopen(name, "w");
	for (int i = 0; i < 2; i++) {
		pieces[i] = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memcpy(pieces[i], code, sizeof(code));
		fprintf(map, "%lx %zx %s\\n", (long)pieces[i], sizeof(code), i ? "guard" : "main");
	}
	fclose(map);
	area = mmap(0, 20000 * 4096L, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	write(1, "!", 1);
	for (;;) {
		usleep(100000);
		run(0, fill);
		mprotect(area, 20000 * 4096L, 3);
	}
}
"""


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("counted")
    source, built = folder / "counted.c", folder / "counted"
    source.write_text(COUNTED)
    options = ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-pthread"]
    subprocess.run(["gcc", *options, source, "-o", built], check=True)
    return built


def traced_while(program: Path, *arguments: str) -> tuple[dict[str, Any], int]:
    """Returns the report about a program of COUNTED, and the number of VMAs that it has gained."""
    with subprocess.Popen(
        [program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            # The program has loaded its libraries.
            assert process.stdout.read(1) == b"\0"
            before = count_of(process.pid)
            command = [str(PROGRAM), "trace", "--json", "--seconds", "60", str(process.pid)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tracing:
                assert tracing.stdout is not None
                # Wait until the tracing programs are in the kernel.
                time.sleep(1)
                process.stdin.write(b"x")
                assert process.stdout.read(1) == b"\0"
                after = count_of(process.pid)
                tracing.send_signal(signal.SIGINT)
                report = json.loads(tracing.stdout.read())
        finally:
            process.kill()
    assert isinstance(report, dict)
    return report, after - before


def made_by(report: dict[str, Any], call: str) -> int:
    return sum(group["vmas"] for group in report["groups"] if group["call"] == call)


def test_threads_are_not_blamed_for_one_another(counted: Path) -> None:
    """Tests that each guard makes two VMAs, whatever other threads do meanwhile."""
    report, _ = traced_while(counted, "8", "0", "1000")
    assert made_by(report, "mprotect(PROT_NONE)") == 16000
    assert report["ended"] == "time"
    assert report["missed"] == report["uncounted"] == 0


def test_as_many_as_the_process_has_more(counted: Path) -> None:
    report, more = traced_while(counted, "1", "0", "5000")
    everything = sum(group["vmas"] for group in report["groups"]) + report["elsewhere"]
    assert made_by(report, "mprotect(PROT_NONE)") == 10000
    # A thread's stack may merge with existing memory.
    assert 0 <= everything - more < 20


def test_more_stacks_than_there_is_room_for(counted: Path) -> None:
    """Tests that calls without room for their stacks are still counted, and that the line is found."""
    report, _ = traced_while(counted, "0", "20000", "0")
    assert made_by(report, "mprotect(PROT_NONE)") == 40000
    assert report["uncounted"] == 0
    first = report["groups"][0]
    assert first["vmas"] > 10000
    assert first["callers"][1].startswith("guard")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the interpreter is for x86_64")
def test_an_interpreter_without_frame_pointers(tmp_path: Path) -> None:
    """Tests that compiled code is found on the stack, in order, and pointers to such code are not."""
    source, built = tmp_path / "interpreter.c", tmp_path / "interpreter"
    source.write_text(INTERPRETER)
    subprocess.run(["gcc", "-O1", "-fomit-frame-pointer", source, "-o", built], check=True)
    with running(built) as pid:
        try:
            report = traced("--seconds", "2", str(pid))
        finally:
            Path(f"/tmp/perf-{pid}.map").unlink()
    first = report["groups"][0]
    assert first["vmas"] * 10 > sum(group["vmas"] for group in report["groups"]) * 9
    names = [name for name in first["callers"] if name in {"main", "guard"}]
    assert names == ["guard", "main"]
    assert not any(name.startswith("0x") for name in first["callers"])


@pytest.mark.parametrize("kind", ["fifo", "link", "junk"])
def test_a_file_that_is_not_a_map(program: Path, kind: str) -> None:
    """Tests perf maps that are not files of a compiler: another user may have put anything there."""
    with running(program) as pid:
        made_up = Path(f"/tmp/perf-{pid}.map")
        if kind == "fifo":
            os.mkfifo(made_up)
        elif kind == "link":
            made_up.symlink_to("/dev/zero")
        else:
            made_up.write_bytes(b"\xff" * (1 << 20))
        try:
            report = traced("--seconds", "1", str(pid))
        finally:
            made_up.unlink()
    assert report["groups"][0]["call"] == "mprotect(PROT_NONE)"


@pytest.fixture(scope="module", params=["-fno-omit-frame-pointer", "-fomit-frame-pointer"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("makes")
    source, built = folder / "makes.c", folder / "makes"
    source.write_text(SOURCE)
    subprocess.run(["gcc", "-O1", "-g", request.param, source, "-o", built], check=True)
    return built


@contextmanager
def running(program: Path, *arguments: str) -> Iterator[int]:
    with subprocess.Popen([program, *arguments], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.read(1) == b"!"
            yield process.pid
        finally:
            process.kill()


def count_of(pid: int) -> int:
    """Returns the number of VMAs of a process."""
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
    # Each of these calls makes two VMAs: the range itself, and the rest above it.
    for group in (first, second):
        assert group["vmas"] <= 2 * group["calls"]
    assert report["missed"] == report["uncounted"] == 0
    assert report["looked_at"] >= sum(group["calls"] for group in report["groups"])


def test_words_for_people(program: Path) -> None:
    with running(program) as pid:
        first, header, most, *_, cost = trace("-s", "1", str(pid)).splitlines()
    assert re.fullmatch(
        rf"\d+ calls of process {pid} \(makes\) left \d+ more VMAs than they found, in 1\.\d s",
        first,
    )
    assert header.split() == ["VMAs", "share", "calls"]
    assert re.fullmatch(r" *\d+ +\d+% +\d+  mprotect\(PROT_NONE\)", most)
    assert re.match(r"cost: \d+ ns each time any process takes or releases an mmap lock ", cost)


def test_a_program_that_ends(program: Path) -> None:
    """Tests that symbols are read before a program ends, and that the trace then ends at once."""
    with running(program, "once") as pid:
        started = time.monotonic()
        report = traced("--seconds", "60", str(pid))
    assert time.monotonic() - started < 30
    assert report["ended"] == "process"
    first = report["groups"][0]
    assert any("guard (" in caller for caller in first["callers"])


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
