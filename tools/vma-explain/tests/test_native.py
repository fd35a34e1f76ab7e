# SPDX-License-Identifier: GPL-2.0
"""Tests the answers of build/vma-explain about processes on the running kernel. The tests may have to run as
root."""

import fcntl
import json
import mmap
import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from vm.places import BUILD, TOP

PROGRAM = BUILD / "vma-explain"
# A program that reads lines of Python, runs each, and confirms it.
CHILD = """\
import ctypes, mmap, os, sys
PAGE = mmap.PAGESIZE
ANONYMOUS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
FIXED = 0x10
PLACE = 0x200000000000
libc = ctypes.CDLL(None)
def call(function, *numbers):
    return function(*(ctypes.c_size_t(number) for number in numbers))
def map_at(page, pages, rights, flags, fd=2**64 - 1, offset=0):
    call(libc.mmap, PLACE + page * PAGE, pages * PAGE, rights, flags | FIXED, fd, offset * PAGE)
def protect(page, pages, rights):
    assert call(libc.mprotect, PLACE + page * PAGE, pages * PAGE, rights) == 0
def fork():
    if os.fork():
        os.wait()
        os._exit(0)
def write(page):
    ctypes.memset(PLACE + page * PAGE, 1, 1)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Child:
    """A process that runs the lines that it is given."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.stdin = process.stdin
        self.pid = process.pid

    @property
    def youngest(self) -> int:
        """Returns the process that was forked last, or the process itself."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[-1]) if children else self.pid

    def run(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def ranges(self) -> list[list[str]]:
        """Returns the ranges of its VMAs in /proc, without the vsyscall page, which no process has."""
        maps = Path(f"/proc/{self.pid}/maps").read_text().splitlines()
        places = (line.split()[0].split("-") for line in maps if not line.endswith("[vsyscall]"))
        return [[f"{int(address, 16):x}" for address in place] for place in places]


@contextmanager
def child() -> Iterator[Child]:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


def run(*arguments: str) -> tuple[int, str, str]:
    """Runs vma-explain. Returns its status, stdout and stderr."""
    finished = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return finished.returncode, finished.stdout, finished.stderr


def explain(*arguments: str) -> list[str]:
    status, printed, complaint = run(*arguments)
    assert (status, complaint) == (0, "")
    return printed.splitlines()


def refusal(*arguments: str, status: int = 1) -> str:
    ended, printed, complaint = run(*arguments)
    assert (ended, printed) == (status, "")
    return complaint


def objects(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in explain("--json", *arguments)]


RELEASE = tuple(int(number) for number in platform.release().split("-")[0].split(".")[:2])
# Before Linux 6.4, the kernel does not count how often a process changes its memory.
WALK = "undisturbed" if RELEASE >= (6, 4) else "disturbed"

MAP = "memory = mmap.mmap(-1, 4000 * PAGE, flags=ANONYMOUS)"
EVERY_OTHER = "[memory.madvise(mmap.{}, page * PAGE, PAGE) for page in range(1, 4000, 2)]"


def test_a_cause_is_found_and_what_would_remain_remains() -> None:
    with child() as process:
        process.run(MAP)
        process.run(EVERY_OTHER.format("MADV_DONTFORK"))
        count = len(process.ranges())
        first, advice, *_ = explain(str(process.pid))
        process.run(EVERY_OTHER.format("MADV_DOFORK"))
        remaining = len(process.ranges())
        said = re.fullmatch(
            r"main cause: MADV_DONTFORK, at (\d+) of (\d+) boundaries \((\d+)%\); "
            r"without it, (\d+) VMAs would remain, not (\d+)",
            first,
        )
        assert said is not None, first
        boundaries, all_boundaries, percent, would_remain, vmas = map(int, said.groups())
        assert vmas == count > 4000
        assert all_boundaries == count - 1
        assert percent == boundaries * 100 // all_boundaries
        assert would_remain == remaining
        # There may be one more at the upper end of the memory, if other memory is above it.
        assert boundaries in (3999, 4000)
        assert "MADV_DOFORK" in advice


def test_every_vma_is_told_of() -> None:
    with child() as process:
        process.run(MAP)
        process.run(EVERY_OTHER.format("MADV_DONTDUMP"))
        ranges = process.ranges()
        told = objects("--boundaries", str(process.pid))
    _, first, *boundaries, last = told
    assert [first["vma"], *(each["upper"] for each in boundaries)] == ranges
    assert [each["lower"] for each in boundaries] == ranges[:-1]
    assert (last["walk"], last["vmas"]) == (WALK, len(ranges))
    assert last["command"].startswith("python")


PLACE = 0x200000000000
PRIVATE_OFFSETS = "page offsets do not continue (found: 0, expected: 4)"


@pytest.mark.parametrize(
    ("lines", "apart", "cause"),
    [
        pytest.param(
            ["map_at(0, 2, 3, ANONYMOUS); write(0); write(1)", "protect(1, 1, 1)"],
            "flags differ (only below: wr)",
            "access rights (mprotect)",
            id="access rights",
        ),
        pytest.param(
            [
                "map_at(0, 3, 3, ANONYMOUS)",
                "protect(1, 1, 0)",
                "write(0); write(2)",
                "protect(1, 1, 3)",
            ],
            "anon_vmas differ",
            "anon_vmas (written before they were neighbours)",
            id="anon_vmas",
        ),
        pytest.param(
            [
                "map_at(0, 1, 3, ANONYMOUS); write(0)",
                "fork()",
                "map_at(1, 1, 3, ANONYMOUS); write(1)",
            ],
            "anon_vmas differ",
            "fork (an inherited anon_vma)",
            id="fork",
        ),
        pytest.param(
            ["map_at(0, 1, 1, mmap.MAP_PRIVATE, os.open('/etc/passwd', 0))"]
            + ["map_at(1, 1, 1, mmap.MAP_PRIVATE, os.open('/etc/group', 0))"],
            "files differ (below: /etc/passwd, above: /etc/group)",
            "files",
            id="files",
        ),
        pytest.param(
            ["program = os.open(sys.executable, 0)"]
            + ["map_at(0, 1, 1, mmap.MAP_PRIVATE, program, 3)"]
            + ["map_at(1, 1, 1, mmap.MAP_PRIVATE, program, 0)"],
            PRIVATE_OFFSETS,
            "page offsets",
            id="page offsets of a private file",
        ),
        pytest.param(
            ["memory = os.memfd_create('ring'); os.ftruncate(memory, 2 * PAGE)"]
            + ["map_at(0, 1, 3, mmap.MAP_SHARED, memory, 1)"]
            + ["map_at(1, 1, 3, mmap.MAP_SHARED, memory, 0)"],
            "page offsets do not continue (found: 0, expected: 2)",
            "page offsets",
            id="page offsets",
        ),
        pytest.param(
            ["map_at(0, 1, 3, ANONYMOUS); map_at(4, 1, 3, ANONYMOUS)"],
            "nothing is mapped between them (size: 12 kB)",
            "holes (munmap)",
            id="a hole",
        ),
    ],
)
def test_why_two_vmas_are_apart(lines: list[str], apart: str, cause: str) -> None:
    with child() as process:
        for line in lines:
            process.run(line)
        told = explain("--boundaries", f"{process.youngest}:{PLACE:x}-{PLACE + (1 << 20):x}")
    assert told[0].endswith(f" apart: {apart}")
    assert told[1].startswith(f"main cause: {cause}, at 1 of 1 boundaries (100%)")


def test_each_number_of_vmas() -> None:
    """Tests that the kernel's last record is not lost, however full the piece before it is."""
    with child() as process:
        process.run("map_at(0, 700, 3, ANONYMOUS)")
        for page in range(1, 600, 2):
            process.run(f"protect({page}, 1, 1)")
            told = objects(str(process.pid))
            assert told[-1]["vmas"] == len(process.ranges())


def test_processes_without_memory() -> None:
    with subprocess.Popen(["true"]) as zombie:
        while "Z" not in Path(f"/proc/{zombie.pid}/stat").read_text():
            time.sleep(0.01)
        assert refusal(str(zombie.pid)) == (
            f"vma-explain: process {zombie.pid} has no memory: "
            "it is a thread of the kernel, or has exited\n"
        )


def test_a_reader_that_has_seen_enough() -> None:
    with child() as process:
        process.run(MAP)
        process.run(EVERY_OTHER.format("MADV_DONTFORK"))
        command = f"{PROGRAM} --boundaries {process.pid} | head -n 1; exit ${{PIPESTATUS[0]}}"
        finished = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=False
        )
    assert (finished.returncode, finished.stderr, finished.stdout.count("\n")) == (0, "", 1)


def test_a_range() -> None:
    with child() as process:
        process.run(MAP)
        process.run(EVERY_OTHER.format("MADV_DONTFORK"))
        pages = [
            (start, end)
            for start, end in process.ranges()
            if int(end, 16) - int(start, 16) == mmap.PAGESIZE
        ]
        start, end = pages[100][0], pages[109][1]
        told = explain("--boundaries", f"{process.pid}:{start}-{end}")
    assert sum("apart: flags differ" in line for line in told) == 9
    assert any("10 VMAs in this range" in line for line in told)


def test_by_name() -> None:
    # The kernel keeps 15 bytes of a name.
    name = "vma explained, and more"
    kept = name[:15]
    rename = f"open('/proc/self/comm', 'w').write('{name}')"
    with child() as process:
        process.run(rename)
        assert any(f"process {process.pid} ({kept})" in line for line in explain(name))
        with child() as another:
            another.run(rename)
            numbers = ", ".join(str(pid) for pid in sorted([process.pid, another.pid]))
            assert refusal(name) == (
                f"vma-explain: 2 processes are named {name} ({numbers}): write the number of one\n"
            )


def test_several_subjects() -> None:
    with child() as one, child() as two:
        told = explain(str(one.pid), str(two.pid))
    for process in (one, two):
        assert sum(f"process {process.pid} " in line for line in told) == 1


def test_questions_that_cannot_be_answered() -> None:
    with child() as process:
        gone = process.pid
    assert refusal(str(gone)) == f"vma-explain: there is no process {gone}\n"
    assert refusal("no such name") == "vma-explain: there is no process named no such name\n"
    assert "0 is not a process" in refusal("0", status=2)
    assert "Usage" in refusal(status=2)


def as_nobody(*command: str) -> tuple[int, str]:
    """Runs a command without any privilege. Returns its status and stderr."""
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    finished = subprocess.run(nobody, capture_output=True, text=True, check=False, cwd="/")
    return finished.returncode, finished.stderr


@pytest.fixture
def program_of_all() -> Iterator[str]:
    """Yields a copy of the program that everybody may run."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield shutil.copy(PROGRAM, folder)


def test_another_user(program_of_all: str) -> None:
    with child() as process:
        assert as_nobody(program_of_all, str(process.pid)) == (
            1,
            f"vma-explain: you may not inspect process {process.pid}: be its owner, or root\n",
        )


def test_without_the_right_to_run_programs_in_the_kernel(program_of_all: str) -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c"]
    command = f"{program_of_all} $$; exit $?"
    finished = subprocess.run(
        [*nobody, command], capture_output=True, text=True, check=True, cwd="/"
    )
    last = finished.stdout.splitlines()[-1]
    assert last.startswith("source: smaps, which does not show everything (root sees it); Linux ")
    refused = (
        "vma-explain: the kernel does not let you run a program in it: "
        "be root, or have CAP_BPF and CAP_PERFMON\n"
    )
    command = f"{program_of_all} --source bpf $$; exit $?"
    assert as_nobody("sh", "-c", command) == (1, refused)


def test_the_source_is_told() -> None:
    with child() as process:
        pid = str(process.pid)
        for source in ("bpf", "smaps"):
            assert explain("--source", source, pid)[-1].startswith(f"source: {source}")
            told = objects("--source", source, pid)[-1]["source"]
            assert (told["name"], told["kernel"]) == (source, platform.release())
        assert explain(pid)[-1].startswith("source: bpf; Linux ")
    if not Path("/sys/kernel/debug/rust_vma").exists():
        assert refusal("--source", "module", str(os.getpid())).endswith(
            "load the module rust_vma, and mount debugfs\n"
        )


# Memory of many kinds, side by side.
KINDS = [
    "map_at(0, 40, 3, ANONYMOUS)",
    "[protect(page, 1, 1) for page in range(0, 20, 3)]",
    "[write(page) for page in range(1, 20, 3)]",
    "[call(libc.madvise, PLACE + page * PAGE, PAGE, 10) for page in range(20, 30, 2)]",
    "[call(libc.mlock, PLACE + page * PAGE, PAGE) for page in range(30, 36, 2)]",
    "program = os.open(sys.executable, 0); again = os.open(sys.executable, 0)",
    "[map_at(page, 1, 1, mmap.MAP_PRIVATE, program, page % 5) for page in range(40, 60)]",
    "[map_at(page, 1, 1, mmap.MAP_PRIVATE, program, page) for page in range(60, 70, 2)]",
    "[map_at(page, 1, 1, mmap.MAP_PRIVATE, again, page) for page in range(61, 70, 2)]",
    "memory = os.memfd_create('a b'); os.ftruncate(memory, 40 * PAGE)",
    "[map_at(page, 1, 3, mmap.MAP_SHARED, memory, page - 70) for page in range(70, 80)]",
    "[map_at(page, 1, 3, mmap.MAP_SHARED | 0x20) for page in range(80, 86)]",
    "[protect(page, 1, 1) for page in range(70, 80, 2)]",
    # Memory that was moved, in pieces of 64 kB.
    "map_at(200, 64, 3, ANONYMOUS); [write(page) for page in range(200, 264)]",
    "size = 16 * PAGE",
    "at = lambda n: (PLACE + 200 * PAGE + n * size, size, size, 3, PLACE + 348 * PAGE - n * size)",
    "[call(libc.mremap, *at(n)) for n in range(4)]",
    # Shared memory, beside memory that children inherit.
    "map_at(400, 3, 3, ANONYMOUS); [write(page) for page in range(400, 403)]",
    "map_at(401, 1, 3, mmap.MAP_SHARED | 0x20)",
    # A policy of the process, which is shown for VMAs without a policy.
    "call(libc.syscall, 238, 2, ctypes.addressof(ctypes.c_ulong(1)), 64)",
    "fork()",
    "map_at(90, 10, 3, ANONYMOUS); [write(page) for page in range(90, 100)]",
    "[protect(page, 1, 1) for page in range(0, 20, 4)]",
]
# Rules of a source that sees everything, and the rules that replace them where less is seen.
AS_SEEN = {"range-forked": "anon_vma", "neighbour-forked": "anon_vma"}


def rules(boundary: dict[str, Any]) -> set[str]:
    return {AS_SEEN.get(each["rule"], each["rule"]) for each in boundary["blockers"]}


def test_the_releases_that_are_called_tested() -> None:
    """Tests that these are the releases on which scripts/stock tests."""
    suites = (TOP / "scripts" / "lib" / "versions.sh").read_text()
    declared = re.search(r"STOCK_SUITES=\((.*)\)", suites)
    assert declared is not None
    tested = (TOP / "tools" / "vma-explain" / "src" / "kernel.rs").read_text()
    listed = re.search(r"TESTED: &\[Release\] = &\[(.*)\];", tested)
    assert listed is not None
    releases = re.findall(r"Release\((\d+), (\d+)\)", listed[1])
    assert {f"{major}.{minor}" for major, minor in releases} == set(
        re.findall(r"\[([\d.]+)\]", declared[1])
    )


def test_smaps_never_contradicts_the_kernel() -> None:
    with child() as process:
        for line in KINDS:
            process.run(line)
        pid = str(process.youngest)
        known = objects("--boundaries", "--source", "bpf", pid)
        seen = objects("--boundaries", "--source", "smaps", pid)
        smaps = Path(f"/proc/{pid}/smaps").read_bytes()
    assert len(known) == len(seen) > 90
    doubted = 0
    for one, other in zip(known[2:-1], seen[2:-1], strict=True):
        assert (one["lower"], one["upper"]) == (other["lower"], other["upper"])
        perhaps = {AS_SEEN.get(rule, rule) for rule in other.get("perhaps", [])}
        assert rules(other) <= rules(one) <= rules(other) | perhaps, (one, other)
        assert not rules(other) & perhaps
        # Between different files, offsets and rights are not causes. smaps may not show that files differ.
        if "file" not in perhaps:
            unseen = set(seen[-1]["unseen"]["causes"])
            assert set(other["causes"]) <= set(one["causes"]) <= set(other["causes"]) | unseen
        doubted += bool(perhaps & rules(one))
    # Some VMAs are indeed kept apart by reasons that only the kernel knows.
    assert doubted > 10
    assert seen[-1]["remaining"] <= known[-1]["remaining"]
    assert known[-1]["unseen"] is None
    assert seen[-1]["unseen"]["boundaries"] > 10
    # A saved file gives the same answer, except that policies are not known.
    with tempfile.NamedTemporaryFile() as file:
        file.write(smaps)
        file.flush()
        saved = objects("--boundaries", "--smaps", file.name)
        text = explain("--smaps", file.name)
        ranged = explain("--smaps", f"{file.name}:{PLACE:x}-{PLACE + mmap.PAGESIZE * 40:x}")
    assert [line.get("blockers") for line in saved] == [line.get("blockers") for line in seen]
    assert saved[-1]["pid"] is None
    assert saved[-1]["max_map_count"] is None
    assert any(f"{file.name}, " in line and ": " in line for line in text)
    assert any("in this range" in line for line in ranged)


def test_an_answer_of_any_length_is_whole() -> None:
    """Tests that a piece of an answer that does not fit into a buffer is written exactly once."""
    with child() as process:
        process.run("map_at(0, 700, 3, ANONYMOUS)")
        for page in range(1, 300, 2):
            process.run(f"protect({page}, 1, 1)")
            told = objects("--boundaries", str(process.pid))
            assert len(told) == told[-1]["vmas"] + 2


def test_a_process_that_changes_its_memory() -> None:
    with child() as process:
        process.run("map_at(0, 3000, 3, ANONYMOUS)")
        assert process.stdin is not None
        process.stdin.write(
            "while True: [protect(page, 1, rights) for rights in (1, 3) for page in range(1, 3000, 2)]\n"
        )
        process.stdin.flush()
        for _ in range(20):
            for source in ("bpf", "smaps"):
                told = objects("--boundaries", "--source", source, str(process.pid))
                starts = [int(line["upper"][0], 16) for line in told if "upper" in line]
                assert len(starts) > 20
                assert told[-1]["walk"] in {"disturbed", "undisturbed"}


def test_another_pid_namespace() -> None:
    """Tests /proc of another pid namespace, whose numbers mean other processes to the kernel."""
    command = ["unshare", "--pid", "--fork", str(PROGRAM), "--source", "bpf", str(os.getpid())]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        "vma-explain: /proc belongs to another pid namespace: "
        "mount the /proc of this one to see everything\n"
    )
    command = ["unshare", "--pid", "--fork", str(PROGRAM), str(os.getpid())]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"\nprocess {os.getpid()} (" in finished.stdout
    assert (
        "\nsource: smaps, which does not show everything (/proc belongs to another"
        in finished.stdout
    )


def test_threads_of_the_kernel() -> None:
    for source in ("bpf", "smaps"):
        assert refusal("--source", source, "2").startswith("vma-explain: process 2 has no memory: ")


def test_files_that_are_not_smaps() -> None:
    assert refusal("--smaps", "/no/such/file").startswith(
        "vma-explain: /no/such/file cannot be opened: "
    )
    assert refusal("--smaps", "/dev/null").startswith(
        "vma-explain: /dev/null has no complete line; "
    )
    maps = Path("/proc/self/maps").read_bytes()
    with tempfile.NamedTemporaryFile() as file:
        file.write(maps)
        file.flush()
        assert "line 1: this VMA has no line VmFlags; " in refusal("--smaps", file.name)


def test_all_processes() -> None:
    with child() as many, child() as few:
        for process, pages in ((many, 400), (few, 200)):
            process.run(f"map_at(0, {pages}, 3, ANONYMOUS)")
            process.run(f"[protect(page, 1, 1) for page in range(0, {pages}, 2)]")
        header, *lines = explain("--all")
        assert header.split()[:1] == ["VMAs"]
        counts = [int(line.split()[0]) for line in lines if "%" in line]
        assert counts == sorted(counts, reverse=True)
        pids = [line.split()[4] for line in lines if "%" in line]
        assert pids.index(str(many.pid)) < pids.index(str(few.pid))
        assert "access rights (mprotect)" in lines[pids.index(str(many.pid))]
        assert sum("%" in line for line in explain("--all", "--top", "2")) == 2
        assert len(explain("--all", "--json", "--top", "3")) == 3
        every = {line["pid"]: line for line in map(json.loads, explain("--all", "--json"))}
        assert every[many.pid]["vmas"] == len(many.ranges())


def test_all_processes_of_one_user(program_of_all: str) -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    command = [*nobody, program_of_all, "--all"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert re.search(r"^\d+ process(es are| is) not shown: ", finished.stdout, re.MULTILINE)


def test_figures_for_a_monitoring_system() -> None:
    with child() as process:
        process.run("open('/proc/self/comm', 'w').write('a \"b\" \\\\')")
        process.run("map_at(0, 100, 3, ANONYMOUS)")
        process.run("[protect(page, 1, 1) for page in range(0, 100, 2)]")
        text = explain("--openmetrics", str(process.pid))
        labels = f'pid="{process.pid}",command="a \\"b\\" \\\\"'
        assert f"vma_explain_vmas{{{labels}}} {len(process.ranges())}" in text
        limit = Path("/proc/sys/vm/max_map_count").read_text().strip()
        assert f"vma_explain_vmas_limit{{{labels}}} {limit}" in text
        cause = 'cause="access rights (mprotect)"'
        assert any(line.startswith(f"vma_explain_boundaries{{{labels},{cause}}} ") for line in text)
        assert text[-1] == "# EOF"
        # Each sample is below the words for its family.
        families = [line.split()[2] for line in text if line.startswith("# TYPE")]
        samples = [line.split("{")[0] for line in text if not line.startswith("#")]
        assert list(dict.fromkeys(samples)) == families
        every = explain("--all", "--openmetrics", "--top", "5")
        assert sum(line.startswith("vma_explain_vmas{") for line in every) == 5
        twice = explain("--openmetrics", str(process.pid), str(process.pid))
        assert [line.split("}")[0] for line in twice] == [line.split("}")[0] for line in text]
        for lines in (text, every):
            figures = "\n".join([*lines, ""])
            command = ["promtool", "check", "metrics"]
            checked = subprocess.run(
                command, input=figures, capture_output=True, text=True, check=True
            )
            assert checked.stderr == ""
    assert "leave out the range" in refusal("--openmetrics", "1:1000-2000", status=2)


def test_a_process_is_watched() -> None:
    with child() as process:
        process.run("map_at(0, 2000, 3, ANONYMOUS)")
        command = [str(PROGRAM), "--watch=1", str(process.pid)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            first = watching.stdout.readline()
            before = len(process.ranges())
            assert f"  {before} of " in first
            process.run("[protect(page, 1, 1) for page in range(1, 601, 2)]")
            now = len(process.ranges())
            lines = iter(watching.stdout.readline, "")
            # A look may come in the middle of the change.
            grown = [next(lines)]
            while f"  {now} of " not in grown[-1]:
                grown.append(next(lines))
            growth = re.findall(r" VMAs \(\+(\d+)\), the limit in ", "".join(grown))
            assert sum(map(int, growth)) == now - before
            more = re.findall(r"access rights \(mprotect\) \d+ \(\+(\d+)\)", "".join(grown))
            assert sum(map(int, more)) == 600
            os.kill(process.pid, signal.SIGKILL)
            *_, end = watching.stdout
            assert end == f"process {process.pid} has exited, or called execve()\n"
            assert watching.wait(timeout=20) == 0


def test_a_watched_process_in_objects() -> None:
    with child() as process:
        # Its interpreter has loaded what it loads.
        process.run("pass")
        command = [str(PROGRAM), "--watch=1", "--json", str(process.pid)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            for _ in range(2):
                line = json.loads(watching.stdout.readline())
                assert (line["pid"], line["vmas"]) == (process.pid, len(process.ranges()))
            watching.kill()


def test_differences_of_a_process() -> None:
    with child() as process, tempfile.TemporaryDirectory() as folder:
        pid = str(process.pid)
        process.run("map_at(0, 300, 3, ANONYMOUS)")
        files = [Path(folder) / name for name in ("before", "after")]
        files[0].write_text(run("--boundaries", "--json", pid)[1])
        before = {tuple(each) for each in process.ranges()}
        process.run("[protect(page, 1, 1) for page in range(1, 200, 2)]")
        files[1].write_text(run("--boundaries", "--json", pid)[1])
        after = {tuple(each) for each in process.ranges()}
        told = explain("diff", *map(str, files))
        report = json.loads(explain("diff", "--json", *map(str, files))[0])
    assert told[0].startswith(f"before: {len(before)} VMAs of process {pid} (python")
    assert told[1].startswith(f"after: {len(after)} VMAs of process {pid} (python")
    assert "      +200 " in told[3] and told[3].endswith("  access rights (mprotect)")
    assert (report["before"], report["after"]) == (len(before), len(after))
    for name, vmas in (("came", after - before), ("went", before - after)):
        assert sum(kind[name] for kind in report["vmas"]) == len(vmas)
        size = sum(int(end, 16) - int(start, 16) for start, end in vmas)
        assert sum(kind[f"bytes_{name}"] for kind in report["vmas"]) == size
    assert report["not_alike"] == []
    assert "cannot be opened" in refusal("diff", "/no/such", "/no/such")
    assert "line 1: " in refusal("diff", "/dev/zero", "/dev/zero")


def test_groups() -> None:
    with child() as process:
        process.run("map_at(0, 300, 3, ANONYMOUS)")
        process.run("[protect(page, 1, 1) for page in range(1, 200, 2)]")
        process.run("[write(page) for page in range(0, 200, 2)]")
        told = explain("--groups", str(process.pid))
        report = json.loads(explain("--groups", "--json", str(process.pid))[0])
        ranges = process.ranges()
    assert told[0].startswith(f"process {process.pid} (python")
    assert told[0].endswith(f": {len(ranges)} VMAs")
    assert [line.split(None, 4) for line in told[2:4]] == [
        ["100", "4", "400", "0", "r--p anonymous memory"],
        ["100", "4", "400", "400", "rw-p anonymous memory"],
    ]
    assert sum(group["vmas"] for group in report["groups"]) == len(ranges)
    sizes = [int(end, 16) - int(start, 16) for start, end in ranges]
    assert sum(group["vmas"] * group["size"] for group in report["groups"]) == sum(sizes)


def test_stacks_of_threads() -> None:
    program = (
        "import threading, time\n"
        "for _ in range(3): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "print(flush=True)\ntime.sleep(60)"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.5)
            told = json.loads(explain("--groups", "--json", str(process.pid))[0])
        finally:
            process.kill()
    stacks = [group for group in told["groups"] if group["is"].endswith(", the stack of a thread")]
    assert sum(group["vmas"] for group in stacks) == 3


def on_a_terminal(environment: dict[str, str]) -> str:
    """Returns the output on a terminal of 50 columns."""
    terminal, of_program = os.openpty()
    fcntl.ioctl(of_program, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    command = [str(PROGRAM), str(os.getpid())]
    environment = {**os.environ, "TERM": "xterm", **environment}
    with subprocess.Popen(command, stdout=of_program, env=environment):
        os.close(of_program)
        printed = b""
        try:
            while piece := os.read(terminal, 4096):
                printed += piece
        except OSError:
            # The program has closed its end.
            pass
    os.close(terminal)
    return printed.decode().replace("\r\n", "\n")


def test_a_terminal() -> None:
    coloured = on_a_terminal({})
    plain = on_a_terminal({"NO_COLOR": "1"})
    assert "\x1b[1m" in coloured and "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured).splitlines()[:3] == plain.splitlines()[:3]
    assert max(map(len, plain.splitlines())) <= 50
    # In a pipe, lines are not cut.
    assert max(map(len, explain(str(os.getpid())))) > 100
    assert "\x1b" not in run(str(os.getpid()))[1]


def test_texts_that_are_made_of_the_options() -> None:
    options = set(re.findall(r"(?m)^ +(?:-\w, )?(--[a-z-]+)", run("--help")[1]))
    assert {"--all", "--smaps", "--watch", "--json"} <= options
    page = run("--generate", "man")[1]
    assert all(option.replace("-", "\\-") in page for option in options)
    assert "trace" in page
    assert "seconds" in run("--generate", "man-trace")[1]
    assert "AFTER" in run("--generate", "man-diff")[1]
    for shell in ("bash", "zsh", "fish"):
        status, text, complaint = run("--generate", shell)
        assert (status, complaint) == (0, "")
        assert "openmetrics" in text
    check = f"source <({PROGRAM} --generate bash) && complete -p vma-explain"
    assert subprocess.run(["bash", "-c", check], check=True, capture_output=True).stdout


@pytest.mark.parametrize(
    "words",
    [
        "--all 1",
        "--top 3 1",
        "--all --boundaries",
        "--smaps a 1",
        "--numa-maps a 1",
        "--openmetrics --json 1",
        "--source bpf --smaps a",
        "--source other 1",
        "--watch 1 2",
        "--watch=x 1",
        "--watch --all",
        "--generate man 1",
    ],
)
def test_questions_that_are_not_one(words: str) -> None:
    assert "error: " in refusal(*words.split(), status=2)
