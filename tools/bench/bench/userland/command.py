# SPDX-License-Identifier: GPL-2.0
"""Counts the instructions of the engine as a program on this machine, beside those of mm/vma.c, by callgrind.

The differential driver plays the same random history by C and by Rust, as ever, but without sanitizers
and debug checks, and with the helpers in C inlined in the engine, as in the module. For each helper,
hooked or not, the same calls are counted on both sides, with all that they call. "own" is what
remains without what both sides do in the same functions: the maple tree, rmap, allocations. These are
the shim's, and not those of a kernel.

The number of instructions is the same each time. It does not show what caches, branches and barriers
cost; time does, but is noise on a busy machine.

With --check, and in make test: fails if Rust takes more instructions for each of C than the record
says, tests/userland/instructions.txt. --record writes that file."""

import argparse
import fcntl
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from bench.userland import costs
from bench.userland.entries import ENTRIES, SIDES, Row, rows_of
from bench.userland.record import Record, RecordError, complaints
from vm.places import BUILD, TOP

RECORD = TOP / "tests" / "userland" / "instructions.txt"
OUTPUT = BUILD / "userland" / "measure"
PROGRAM = OUTPUT / "measure"
HISTORY = ("--seed", "1", "--steps", "20000")
# The number of runs by the clock, and how many of them may be repeated because they took no time.
TIMES = 51
REPEATED = 5


class ToolError(Exception):
    """A failure of a program that this tool runs, with the program's message."""


def run(*command: str | Path) -> str:
    """Runs a command. Returns its stdout. Raises ToolError."""
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        said = finished.stdout + finished.stderr
        raise ToolError(f"{' '.join(str(word) for word in command[:3])} failed:\n{said}")
    return finished.stdout


def build(source: str) -> None:
    folder = TOP / "tests" / "userland" / "differential"
    sanitizers = ("SANITIZE=", "SANITIZERS=-fno-sanitize=all")
    build_as = (f"KDIR={source}", f"OUT={OUTPUT}", "BITCODE=y", *sanitizers)
    run("make", "--silent", "-C", folder, *build_as, "measure")


def versions(source: str) -> dict[str, str]:
    """Returns the machine and the versions that determine the number of instructions."""
    rustc = dict(
        line.split(": ", maxsplit=1)
        for line in run("rustc", "--version", "--verbose").splitlines()
        if ": " in line
    )
    linux = run("make", "--silent", "--no-print-directory", "-C", source, "kernelversion")
    return {
        "machine": platform.machine(),
        "linux": linux.strip(),
        "rustc": rustc["release"],
        "rustc's LLVM": rustc["LLVM version"],
        "clang": run("clang", "-dumpversion").strip(),
    }


def count() -> list[Row]:
    """Plays the history under callgrind. Returns the rows."""
    output = OUTPUT / "callgrind"
    options = (*costs.OPTIONS, f"--callgrind-out-file={output}")
    run("valgrind", *options, PROGRAM, *HISTORY)
    with output.open() as lines:
        return rows_of(costs.read(lines), ENTRIES)


def show(title: str, rows: list[Row]) -> None:
    print(f"{title:36}{'calls':>7}{'C':>9}{'Rust':>9}{'ratio':>8}{'own':>7}")
    for row in rows:
        each = [profile.total() / profile.calls for profile in (row.c, row.rust)]
        print(
            f"  {row.name:34}{row.c.calls:7}{each[0]:9.1f}{each[1]:9.1f}"
            f"{row.ratio():8.3f}{row.own_ratio():7.3f}"
        )


def sample_lines(rows: list[Row]) -> list[str]:
    """Returns samples for make bench, which puts all samples into one table: the instructions of a call."""
    lines = []
    for row in rows:
        for side, profile in zip(SIDES, (row.c, row.rust), strict=True):
            total = profile.total() / profile.calls
            lines.append(f"sample userland {row.name} {side} {total:.2f}")
            lines += [
                f"profile userland {row.name} {side} {symbol} {instructions / profile.calls:.4f}"
                for symbol, instructions in sorted(profile.instructions.items())
            ]
    return lines


def run_by_clock(number: int) -> list[tuple[float, float]]:
    """Plays the history `number` times. Returns the times of the runs that took any time."""
    times = []
    for line in run(PROGRAM, *HISTORY, "--times", str(number)).splitlines():
        c, rust = line.split()
        times.append((float(c), float(rust)))
    return [both for both in times if min(both) > 0]


def take_time() -> list[tuple[float, float]]:
    """Returns the nanoseconds of a call by C and by Rust, for each run.

    The time of the driver without the engine is subtracted. On a busy machine, the rest may be zero or less;
    such a run is repeated. If that happens often, the other runs are wrong too.
    """
    times = run_by_clock(TIMES)
    missing = TIMES - len(times)
    if missing:
        print(f"{missing} of {TIMES} runs took no time, and are repeated")
        times += run_by_clock(missing)
    if missing > REPEATED or len(times) < TIMES:
        raise ToolError(f"{missing} of {TIMES} runs took no time: the machine is too busy")
    return times


def show_times(times: list[tuple[float, float]]) -> None:
    print(f"\nTime of a call, median of {len(times)} runs (half of them between):")
    for side, of_side in zip(("C", "Rust"), zip(*times, strict=True), strict=True):
        low, middle, high = statistics.quantiles(of_side, n=4)
        print(f"  {side:6}{middle:7.0f} ns  ({low:.0f} to {high:.0f})")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench-userland",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--samples", metavar="FILE", type=Path, help="append what was measured to FILE, in lines")
    add("--check", action="store_true", help="compare with the record; no times are taken")
    add("--record", action="store_true", help="write the record; no times are taken")
    return parser.parse_args()


def check(record: Record) -> int:
    found = complaints(Record.read(RECORD.read_text()), record)
    for line in found.remarks:
        print(f"bench-userland: {line}", file=sys.stderr)
    for line in found.failures:
        print(f"FAILED  {line}")
    if found.failures:
        print(
            f"If that has to be, scripts/bench-userland --record writes {RECORD.relative_to(TOP)}."
        )
    return 1 if found.failures else 0


def measure(arguments: argparse.Namespace) -> int:
    source = run(TOP / "scripts" / "kernel", "--source").strip()
    build(source)
    rows = count()
    show("instructions a call", rows)
    record = Record.of_rows(versions(source), rows)
    if arguments.record:
        RECORD.write_text(record.text())
    if arguments.check:
        return check(record)
    lines = sample_lines(rows)
    if not arguments.record:
        times = take_time()
        show_times(times)
        for c, rust in times:
            lines += [
                f"sample userland-ns all c {c:.2f}",
                f"sample userland-ns all rust {rust:.2f}",
            ]
    if arguments.samples:
        with arguments.samples.open("a") as samples:
            samples.write("".join(f"{line}\n" for line in lines))
    return 0


def main() -> int:
    arguments = parse_arguments()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with OUTPUT.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return measure(arguments)
        except (ToolError, RecordError, costs.UnreadableError, OSError) as error:
            print(f"bench-userland: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
