# SPDX-License-Identifier: GPL-2.0
"""Runs the kernel's own selftests of memory management in guests, with C and with Rust executing
the kernel's calls that merge and split VMAs, and compares the verdicts, case by case.

Each run of a program has a guest of its own. Where a verdict differs, the program is run three times
by both; if Rust has a verdict then that C never has, it is a difference, and a failure. Only if that
was so in a single run of Rust's, C has up to seven more runs to show that verdict too. A verdict that
C also has, though not always, is listed as flaky. A report in the kernel log and a death by a signal with
Rust are failures at once, unless C has the same. So is, by either, a program that does not end, or a
case: what would have come after it has not been compared. A program passes if there is none of that,
one of its cases at least ran, and only the wanted engine executed the kernel's calls.

With --shadow there is one run of each program, in which C executes the calls, and Rust says of
each call beforehand what C will do; every decision is compared, and a difference is a failure.

The table of every case is build/selftests-ARCH.txt. The last line of stdout is "N passed, N failed".
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from vm.architecture import ARCHITECTURES
from vm.failure import Failure
from vm.outcome import add_counts_option, finish
from vm.places import BUILD
from vm.selftests.programs import PROGRAMS, Program
from vm.selftests.run import LOG, Run, unfinished
from vm.selftests.runner import SLOWNESS, Runner, play
from vm.selftests.verdicts import problems_of, rows_of


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
    add_counts_option(parser)
    return parser.parse_args()


def compare(runner: Runner, program: Program, table: list[str]) -> bool:
    """Runs a program with C and with Rust, and compares the verdicts. Returns whether it passed."""
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
    """Runs a program with C, and with Rust as its shadow."""
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
            say(f"{'':20} {'by C':>21} {'by Rust':>21} {'calls':>7}", table)
            say(f"{'':20} {counts_heading} {counts_heading} {'by Rust':>7} {'s':>6}", table)
            passed = sum(compare(runner, program, table) for program in programs)
    suffix = "-shadow" if arguments.shadow else ""
    (BUILD / f"selftests-{arguments.arch}{suffix}.txt").write_text("\n".join(table) + "\n")
    return finish(passed, len(programs) - passed, arguments.counts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"selftests: {failure}")
