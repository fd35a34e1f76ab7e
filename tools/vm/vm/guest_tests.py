# SPDX-License-Identifier: GPL-2.0
"""Runs the programs of tests in tests/guest, which need a real process, one after the other in one guest.

Each prints how many tests it has, and a line "ok NAME" or "not ok NAME" for each. If one ends the guest,
another guest goes on with the next. The guest's log, with a line where each program begins, is in
build/ARCH-KERNEL/guest-tests. The last line of stdout is "N passed, N failed".
"""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from vm import guest_programs
from vm.architecture import ARCHITECTURES
from vm.guest_programs import spoils
from vm.kernels import KERNELS, kernel_for
from vm.outcome import add_counts_option, finish
from vm.places import BUILD, TOP

# The time limits of a program. KASAN slows it down.
SECONDS, DEBUG_SECONDS = 600, 3000
# The additional seconds until a silent guest counts as stuck.
GRACE = 60


@dataclass
class Program:
    """A program that was started."""

    name: str
    passed: int = 0
    failed: int = 0
    announced: int | None = None
    status: int | None = None

    def complaint(self) -> str | None:
        """Returns what was wrong with the program's end, unless its tests already show it."""
        if self.status is None:
            return f"the guest ended while {self.name} ran"
        if self.status and not self.failed:
            return f"{self.name} ended with {self.status}"
        if self.passed + self.failed != self.announced:
            return f"{self.name} did not run all its tests"
        return None


@dataclass
class Programs:
    """The programs that were started in a guest, according to its output."""

    started: list[Program] = field(default_factory=list)

    def hear(self, line: str) -> None:
        print(line, flush=True)
        match line.split():
            case ["program", name]:
                self.started.append(Program(name))
            case _ if not self.started:
                pass
            case ["ended", name, status] if name == self.started[-1].name and status.isdecimal():
                self.started[-1].status = int(status)
            case ["tests:", number] if number.isdecimal():
                self.started[-1].announced = int(number)
            case ["ok", *_]:
                self.started[-1].passed += 1
            case ["not", "ok", *_]:
                self.started[-1].failed += 1


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/guest-tests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    names = guest_programs.names()
    add("programs", metavar="PROGRAM", nargs="*", help=f"default: all, {', '.join(names)}")
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="default: x86_64")
    add("--kernel", choices=KERNELS, default="base", help="default: base")
    add("--twice", action="store_true", help="each, since no program may rely on a fresh boot")
    add_counts_option(parser)
    arguments = parser.parse_args()
    for program in arguments.programs:
        if program not in (*names, *guest_programs.ELSEWHERE):
            parser.error(f"there is no tests/guest/{program}.c")
    arguments.programs = arguments.programs or names
    return arguments


def in_order(programs: list[str], times: int) -> list[str]:
    """Returns the programs in an order in which one guest may run them."""
    return sorted(programs * times, key=spoils)


def say(sentence: str) -> None:
    print(f"guest-tests: {sentence}", flush=True)


def run_in_guest(
    options: list[str], log: Path, seconds: int, programs: list[str]
) -> tuple[list[Program], list[str]]:
    """Runs as many programs as one guest can. Returns these, and complaints about their ends and the guest's
    end."""
    found = Programs()
    status = guest_programs.run(
        TOP / "scripts" / "vm",
        [*options, "--timeout", str(seconds * len(programs)), "--log", str(log)],
        ["programs", str(seconds), *programs],
        seconds + GRACE,
        found.hear,
    )
    complaints = [sentence for program in found.started if (sentence := program.complaint())]
    end = f"a guest ended with {status} (see scripts/vm --help, and {log})"
    if not found.started:
        complaints.append(f"{end}, and no program had begun")
    # There is already a complaint about a program that has ended the guest.
    elif status and found.started[-1].status is not None:
        complaints.append(end)
    return found.started, complaints


def main() -> int:
    arguments = parse_arguments()
    options = ["--arch", arguments.arch, "--kernel", arguments.kernel]
    logs = BUILD / f"{arguments.arch}-{arguments.kernel}" / "guest-tests"
    logs.mkdir(parents=True, exist_ok=True)
    # The kernel is built here, because otherwise a guest would count as silent during the build.
    kernel_for(ARCHITECTURES[arguments.arch], arguments.kernel)
    left = in_order(arguments.programs, 2 if arguments.twice else 1)
    seconds = DEBUG_SECONDS if arguments.kernel == "debug" else SECONDS
    passed = failed = guests = 0
    while left:
        guests += 1
        started, complaints = run_in_guest(options, logs / f"{guests}.log", seconds, left)
        passed += sum(program.passed for program in started)
        failed += sum(program.failed for program in started) + len(complaints)
        for sentence in complaints:
            say(sentence)
        if not started:
            break
        left = left[len(started) :]
    return finish(passed, failed, arguments.counts)


if __name__ == "__main__":
    sys.exit(main())
