# SPDX-License-Identifier: GPL-2.0
"""Runs the kernel's own selftests of memory management in guests, with C and with Rust serving the
kernel's merging and splitting of VMAs, and compares the verdicts, case by case.

Each run of a program has a guest of its own. Where a verdict differs, the program is run three times
by both; if Rust has a verdict then that C never has, it is a difference, and a failure. Only if that
was so in a single run of Rust's, C has up to seven more runs to show that verdict too. What C has as
well, though not always, is listed as flaky. A report in the kernel log and a death by a signal with
Rust are failures at once, unless C has the same. So is, by either, a program that does not end, or a
case: what would have come after it has not been compared. A program passes if there is none of that,
one of its cases at least ran, and it was the wanted engine that served the kernel's calls, and no
other.

With --shadow there is one run of each program, in which C serves, and Rust says of each call
beforehand what C will do; every decision is compared, and a difference is a failure.

The table of every case is build/selftests-ARCH.txt. The last line of stdout is "N passed, N failed".
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from vm import kernel_log, ktap
from vm.architecture import ARCHITECTURES
from vm.engine_file import EngineFile
from vm.failure import TIMED_OUT
from vm.places import BUILD, TOP

ROUNDS = 3
# Beyond these, by C alone.
MORE_RUNS = 7
# mremap_test maps 2 GB twice; what a program does not touch costs nothing.
MEMORY = "6G"
# What a program may take on the base kernel, and how much slower the debug kernel is.
SECONDS = 300
SLOWNESS = {"base": 1, "debug": 4}
# Beyond that, for the guest to report.
GRACE = 60

# The two verdicts of a run that no case has: how the program ended, and what the kernel said.
END = "end"
LOG = "kernel log"
KSFT_SKIP = 4
DID_NOT_END = "did not end"
VERDICTS = {"PASS": "ok", "FAIL": "not ok", "SKIP": "skip", "ERROR": DID_NOT_END}
MISSING = "missing"
# Of a program; and those of them by which it cannot have run all its cases.
UNFINISHED = ("timed out", "guest hung", "guest died")
# What is never the same in two reports of one thing.
ACCIDENTAL = re.compile(r"\b(?:CPU|PID|pid): ?\d+|\b(?:0x)?[0-9a-f]{8,}\b|/\d+\b")


@dataclass(frozen=True)
class Program:
    name: str
    architectures: tuple[str, ...] = tuple(ARCHITECTURES)
    seconds: int = SECONDS


# Those of tools/testing/selftests/mm that are about VMAs, or change them a lot. Not among them: what
# needs hardware or a file system that the guest lacks, and what runs for minutes by design.
PROGRAMS = (
    Program("merge"),
    Program("mremap_test"),
    Program("mremap_dontunmap"),
    Program("mlock2-tests"),
    Program("mlock-random-test"),
    Program("mseal_test"),
    Program("madv_populate"),
    Program("guard-regions"),
    Program("process_madv"),
    Program("map_fixed_noreplace"),
    Program("map_populate"),
    Program("mrelease_test"),
    Program("mdwe_test"),
    Program("mkdirty"),
    Program("droppable"),
    Program("memfd_secret"),
    Program("pagemap_ioctl"),
    Program("prctl_thp_disable"),
    # Only x86_64 has MEM_SOFT_DIRTY.
    Program("soft-dirty", ("x86_64",)),
    Program("protection_keys_64", ("x86_64",)),
    Program("protection_keys", ("arm64",)),
    Program("hugetlb-madvise"),
    Program("hugetlb-mmap"),
    Program("hugetlb-mremap"),
    Program("hugetlb-shm"),
    Program("hugetlb_madv_vs_map"),
    Program("thuge-gen"),
    Program("rmap"),
    Program("ksm_functional_tests"),
    Program("cow", seconds=600),
    Program("uffd-unit-tests", seconds=1800),
    Program("uffd-wp-mremap"),
)


@dataclass
class Run:
    """One run of a program, with one engine."""

    verdicts: dict[str, str] = field(default_factory=dict)  # by number, or END or LOG
    names: dict[str, str] = field(default_factory=dict)
    calls: int = 0  # that the wanted engine has served
    report: str = ""  # of the kernel
    compared: int = 0
    differences: int = 0
    without_memory: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, *verdicts: str) -> int:
        """How many of the cases have one of these; a program without cases is one itself."""
        cases = [v for key, v in self.verdicts.items() if key not in (END, LOG)]
        return sum(verdict in verdicts for verdict in cases or [self.verdicts[END]])

    def counts(self) -> str:
        passed, skipped = self.count("ok"), self.count("skip")
        failed = (len(self.verdicts) - 2 or 1) - passed - skipped
        return f"{passed:6} {failed:6} {skipped:7}"


@dataclass
class Row:
    """One case, or another verdict, in all rounds."""

    key: str
    name: str
    pairs: list[tuple[str, str]]  # by C, by Rust
    more_by_c: list[str]

    def by_c(self) -> set[str]:
        return {c for c, _ in self.pairs} | {*self.more_by_c}

    def only_by_rust(self) -> int:
        """In how many rounds Rust has a verdict that C never has."""
        by_c = self.by_c()
        return sum(rust not in by_c for _, rust in self.pairs)

    def remark(self) -> str:
        by_c = self.by_c()
        if self.only_by_rust():
            return "DIFFERS"
        if len(by_c) > 1:
            # Of two verdicts that C has had, Rust may have either.
            return "flaky"
        return "" if by_c <= {"ok", "skip"} else "fails by both"

    def columns(self) -> tuple[str, str]:
        by_c = [c for c, _ in self.pairs] + self.more_by_c
        by_rust = [rust for _, rust in self.pairs]
        c, rust = (v[0] if len({*v}) == 1 else "/".join(v) for v in (by_c, by_rust))
        return c, rust

    def line(self, program: str) -> str:
        c, rust = self.columns()
        return (
            f"{program:20} {self.key:>10} {c:12} {rust:12} {self.remark():13} {self.name}".rstrip()
        )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/selftests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    names = sorted(program.name for program in PROGRAMS)
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="default: x86_64")
    add("--kernel", choices=tuple(SLOWNESS), default="base", help="default: base")
    add("--only", metavar="NAME", nargs="+", choices=names, help=f"of {', '.join(names)}")
    add("--shadow", action="store_true", help="compare decisions, not verdicts")
    add("--counts", metavar="FILE", type=Path, help="append a line with the two numbers to FILE")
    return parser.parse_args()


def folder_from(script: str, *arguments: str) -> Path:
    """Our scripts that build what is not there, and print the folder it is in."""
    command = [str(TOP / "scripts" / script), *arguments]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode != 0:
        sys.exit(f"selftests: scripts/{script} failed")
    return Path(built.stdout.strip())


class Runner:
    """Runs programs in guests of one kind."""

    def __init__(self, arch: str, kernel: str, programs: list[Program], scratch: Path) -> None:
        self._options = ["--arch", arch, "--kernel", kernel, "--memory", MEMORY]
        self._slowness = SLOWNESS[kernel]
        self._scratch = scratch
        self._logs = BUILD / "selftests" / f"{arch}-logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._parser = ktap.parser()
        # Here, or else each guest would fail for want of it.
        folder_from("module", "--arch", arch, "--kernel", kernel)
        names = [program.name for program in programs]
        self._programs = folder_from("selftest-programs", "--arch", arch, *names)

    def run(self, program: Program, engine: str) -> Run:
        overlay = self._scratch / "overlay"
        overlay.mkdir()
        shutil.copy2(self._programs / program.name, overlay)
        seconds = program.seconds * self._slowness
        log = self._scratch / "log"
        with (self._logs / f"{program.name}-{engine}.vm").open("w") as said:
            finished = subprocess.run(
                [str(TOP / "scripts" / "vm"), *self._options, "--engine", engine]
                + ["--overlay", str(overlay), "--timeout", str(seconds + GRACE), "--log", str(log)]
                + ["--", "selftest", str(seconds), program.name],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
            )
        run = self._read(overlay, engine, seconds, finished.returncode, kernel_log.read(log))
        self._keep(overlay, log, f"{program.name}-{engine}")
        return run

    def _read(
        self, overlay: Path, engine: str, seconds: int, vm_status: int, log: list[str]
    ) -> Run:
        run = Run()
        output = overlay / "stdout"
        text = output.read_text(errors="backslashreplace") if output.exists() else ""
        cases = ktap.cases(self._parser, text, self._scratch)
        if cases is None:
            run.problems.append(f"with {engine}, kunit.py could not read the results")
        for number, (name, verdict) in enumerate(cases or [], 1):
            run.verdicts[str(number)] = VERDICTS[verdict]
            run.names[str(number)] = name
        run.verdicts[END] = verdict_of_end(overlay / "end", seconds, vm_status)
        report = kernel_log.first_report(log)
        run.verdicts[LOG] = "ok" if report is None else "report"
        if report is not None:
            run.report = re.sub(kernel_log.TIMESTAMP, "", log[report])
            run.names[LOG] = run.report

        before = EngineFile.read(overlay / "engine-before")
        after = EngineFile.read(overlay / "engine-after")
        run.calls = after.calls_by(engine) - before.calls_by(engine)
        run.compared = after.compared - before.compared
        run.differences = after.differences
        run.without_memory = after.without_memory
        if before.engine != engine:
            run.problems.append(f"with {engine}, the engine was {before.engine} before")
        run.problems += after.problems(engine, before)
        return run

    def _keep(self, overlay: Path, log: Path, name: str) -> None:
        """What was printed by the last such run, for whoever looks for the reason."""
        for kind, source in (("stdout", overlay / "stdout"), ("log", log)):
            if source.exists():
                shutil.copyfile(source, self._logs / f"{name}.{kind}")
        shutil.rmtree(overlay)
        log.unlink(missing_ok=True)


def verdict_of_end(path: Path, seconds: int, vm_status: int) -> str:
    """How the program ended, or else how the guest did."""
    if not path.exists():
        return "guest hung" if vm_status == TIMED_OUT else "guest died"
    status, took = map(int, path.read_text().split())
    if status == 0:
        return "ok"
    if status == KSFT_SKIP:
        return "skip"
    if status > 128:
        return "timed out" if took >= seconds else f"signal {status - 128}"
    return f"status {status}"


def rows_of(rounds: list[tuple[Run, Run]], more_by_c: list[Run]) -> list[Row]:
    keys = dict.fromkeys(key for pair in rounds for run in pair for key in run.verdicts)
    ordered = sorted(keys, key=lambda key: (not key.isdigit(), int(key) if key.isdigit() else 0))
    rows = []
    for key in ordered:
        name = next((n for pair in rounds for run in pair if (n := run.names.get(key))), "")
        pairs = [
            (c.verdicts.get(key, MISSING), rust.verdicts.get(key, MISSING)) for c, rust in rounds
        ]
        rows.append(Row(key, name, pairs, [c.verdicts.get(key, MISSING) for c in more_by_c]))
    return rows


def deadly(run: Run) -> set[str]:
    """What nobody may call flaky: what the kernel has reported, and by which signal it ended."""
    found = set()
    if run.report:
        found.add(f"the kernel log has a report: {ACCIDENTAL.sub('...', run.report)}")
    if run.verdicts[END].startswith("signal"):
        found.add(f"it ended by {run.verdicts[END]}")
    return found


def unfinished(run: Run) -> list[str]:
    """What keeps the rest of the program from being compared."""
    ends = [run.verdicts[END]] if run.verdicts[END] in UNFINISHED else []
    cases = [f"{key} {run.names[key]}" for key, v in run.verdicts.items() if v == DID_NOT_END]
    return [f"it did not end: {each}" for each in ends + cases]


def problems_of(rounds: list[tuple[Run, Run]], more_by_c: list[Run]) -> list[str]:
    by_c = [*(c for c, _ in rounds), *more_by_c]
    by_rust = [rust for _, rust in rounds]
    problems = [problem for run in by_c + by_rust for problem in run.problems]
    for engine, runs in (("c", by_c), ("rust", by_rust)):
        problems += [f"with {engine}, {each}" for run in runs for each in unfinished(run)]
    excused = set().union(*map(deadly, by_c))
    problems += [f"with rust, {each}" for run in by_rust for each in sorted(deadly(run) - excused)]
    if rounds[0][0].count("ok", "not ok") == 0:
        problems.append("no case ran")
    for row in rows_of(rounds, more_by_c):
        if row.remark() == "DIFFERS":
            c, rust = row.columns()
            problems.append(f"{row.key} {row.name}: {c} by C, {rust} by Rust")
    return problems


def play(runner: Runner, program: Program) -> tuple[list[tuple[Run, Run]], list[Run]]:
    """By C and by Rust, once or as often as there is doubt; and by C alone, where that may end it."""
    rounds: list[tuple[Run, Run]] = []
    more_by_c: list[Run] = []
    while len(rounds) < ROUNDS:
        rounds.append((runner.run(program, "c"), runner.run(program, "rust")))
        if all(c == rust for row in rows_of(rounds, []) for c, rust in row.pairs):
            break
    while len(more_by_c) < MORE_RUNS:
        counts = {row.only_by_rust() for row in rows_of(rounds, more_by_c)}
        # None is left; or one is, and cannot be excused.
        if len(rounds) < ROUNDS or max(counts) != 1:
            break
        more_by_c.append(runner.run(program, "c"))
    return rounds, more_by_c


def compare(runner: Runner, program: Program, table: list[str]) -> bool:
    """By C and by Rust; returns whether the program passed."""
    start = time.monotonic()
    rounds, more_by_c = play(runner, program)
    c, rust = rounds[0]
    problems = problems_of(rounds, more_by_c)
    took = time.monotonic() - start
    say(f"{program.name:20} {c.counts()} {rust.counts()} {rust.calls:7} {took:6.0f}", table)
    for row in rows_of(rounds, more_by_c):
        if row.remark():
            print(f"  {row.line(program.name)}", flush=True)
        table.append(f"  {row.line(program.name)}")
    complain(program, problems, table)
    return not problems


def shadow(runner: Runner, program: Program, table: list[str]) -> Run:
    """By C, with Rust as its shadow."""
    start = time.monotonic()
    run = runner.run(program, "shadow")
    if run.verdicts[LOG] != "ok":
        run.problems.append(f"the kernel log has a report: {run.names[LOG]}")
    run.problems += unfinished(run)
    if run.compared == 0:
        run.problems.append("no decision was compared")
    took = time.monotonic() - start
    say(
        f"{program.name:20} {run.counts()} {run.compared:9} {run.differences:9} "
        f"{run.without_memory:9} {took:6.0f}",
        table,
    )
    complain(program, run.problems, table)
    return run


def say(line: str, table: list[str]) -> None:
    print(line, flush=True)
    table.append(line)


def complain(program: Program, problems: list[str], table: list[str]) -> None:
    for problem in dict.fromkeys(problems):
        say(f"  {program.name}: {problem}", table)


def main() -> int:
    arguments = parse_arguments()
    programs = [
        program
        for program in PROGRAMS
        if arguments.arch in program.architectures
        and (not arguments.only or program.name in arguments.only)
    ]
    passed = 0
    table: list[str] = []
    counts_heading = f"{'ok':>6} {'not ok':>6} {'skipped':>7}"
    with tempfile.TemporaryDirectory(prefix="rust-vma-selftests-") as scratch:
        runner = Runner(arguments.arch, arguments.kernel, programs, Path(scratch))
        if arguments.shadow:
            headings = f"{'compared':>9} {'different':>9} {'no memory':>9} {'s':>6}"
            say(f"{'':20} {counts_heading} {headings}", table)
            runs = [shadow(runner, program, table) for program in programs]
            passed = sum(not run.problems for run in runs)
            compared = sum(run.compared for run in runs)
            differences = sum(run.differences for run in runs)
            say(f"{compared} decisions compared, {differences} differences", table)
        else:
            say(f"{'':20} {'by C':>21} {'by Rust':>21} {'served':>7}", table)
            say(f"{'':20} {counts_heading} {counts_heading} {'by Rust':>7} {'s':>6}", table)
            passed = sum(compare(runner, program, table) for program in programs)
    suffix = "-shadow" if arguments.shadow else ""
    (BUILD / f"selftests-{arguments.arch}{suffix}.txt").write_text("\n".join(table) + "\n")
    failed = len(programs) - passed
    if arguments.counts:
        with arguments.counts.open("a") as counts:
            counts.write(f"{passed} {failed}\n")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
