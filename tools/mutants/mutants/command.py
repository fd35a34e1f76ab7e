# SPDX-License-Identifier: GPL-2.0
"""Breaks the engine in one place after the other, and sees whether the tests in userland notice.

tests/userland/mutants.txt lists the places. Each mutant is built and put to three tests: upstream's
own, those of the pure files, and the differential one. A mutant that none of them kills is a
failure, unless the list says why it changes nothing that can be seen; and so is one that the list
says that of and a test kills, and one that does not compile.

How many upstream's own tests would have killed is said beside it.

With --pure, cargo-mutants breaks the pure files instead, wherever it knows how, and only their own
tests are asked. tests/host/equivalent.txt has the mutants that change nothing that can be seen, and
why.

With --guest, the conditions of the module around the engine, and of kunit, are turned round, all in one
build and one at a time, and the programs of tests/guest and the KUnit suites are asked. Those by which
kunit judges never hold instead, and then always. tests/mutants/equivalent.txt has those that change
nothing that can be seen, and why."""

import argparse
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

from mutants import guest, pure
from mutants.failure import Unusable
from mutants.listed import Mutant, read
from mutants.worker import Trial, Worker, verdict
from vm.built import folder_from
from vm.failure import Failure
from vm.outcome import add_counts_option, record
from vm.places import TOP


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", metavar="TEXT", default="", help="those whose names contain TEXT")
    add("--steps", type=int, default=1_000_000, help="steps of the differential test")
    add("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    of_what = parser.add_mutually_exclusive_group()
    of_what.add_argument("--pure", action="store_true", help="the pure files, by cargo-mutants")
    of_what.add_argument("--guest", action="store_true", help="the modules, in guests")
    add_counts_option(parser)
    return parser.parse_args()


def break_engine(arguments: argparse.Namespace) -> int:
    text = (TOP / "tests" / "userland" / "mutants.txt").read_text()
    mutants = [mutant for mutant in read(text) if arguments.only in mutant.name]
    for mutant in mutants:
        # Fails before anything is built if a mutant has no place.
        mutant.applied_to((TOP / mutant.path).read_text())
    kernel = folder_from("kernel", "--source")
    folder = TOP / "build" / "mutants"
    shutil.rmtree(folder, ignore_errors=True)
    workers: Queue[Worker] = Queue()
    for number in range(arguments.jobs):
        worker = Worker(TOP, folder / str(number), str(kernel), arguments.steps)
        if number == 0:
            worker.check_unbroken()
        workers.put(worker)

    def try_out(mutant: Mutant) -> Trial:
        worker = workers.get()
        try:
            return worker.try_out(mutant)
        finally:
            workers.put(worker)

    trials = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for trial in pool.map(try_out, mutants):
            killers = ", ".join(trial.killers)
            what = f"{trial.mutant.path}: {trial.mutant.name}"
            print(f"{trial.verdict:14} {what}  [{killers}]", flush=True)
            if trial.trouble:
                print(trial.trouble)
            trials.append(trial)

    by_upstream = sum("upstream" in trial.killers for trial in trials)
    bad, tally = tallied([trial.verdict for trial in trials])
    print(f"{len(trials)} mutants: {tally}; upstream's own tests kill {by_upstream}")
    return record(len(trials) - bad, bad, arguments.counts)


def tallied(verdicts: list[str]) -> tuple[int, str]:
    """Returns the number of mutants that are not as they should be, and all numbers in words."""
    bad = sum(each.isupper() for each in verdicts)
    return bad, (
        f"{verdicts.count('killed')} killed, {verdicts.count('equivalent')} equivalent, "
        f"{bad} not as they should be"
    )


def break_pure_files(arguments: argparse.Namespace) -> int:
    folder = TOP / "build" / "mutants" / "pure"
    outcomes = pure.run_cargo_mutants(TOP, folder, arguments.only, arguments.jobs)
    listed = pure.read_equivalent((TOP / "tests" / "host" / "equivalent.txt").read_text())
    tally = pure.judge(outcomes, listed, only_some=bool(arguments.only))
    for name in tally.survived:
        print(f"SURVIVED       {name}")
    for name in tally.not_equivalent:
        print(f"NOT EQUIVALENT {name}")
    good = tally.killed + tally.equivalent
    bad = len(tally.survived) + len(tally.not_equivalent)
    print(
        f"{good + len(tally.survived)} mutants of the pure files: {tally.killed} killed, "
        f"{tally.equivalent} equivalent, {bad} not as they should be"
    )
    return record(good, bad, arguments.counts)


def break_modules(arguments: argparse.Namespace) -> int:
    listed = pure.read_equivalent((TOP / "tests" / "mutants" / "equivalent.txt").read_text())
    trials = guest.run(TOP, TOP / "build" / "mutants" / "guest", arguments.only)
    verdicts = []
    for name, killer in trials:
        verdicts.append(verdict(is_killed=bool(killer), is_listed=name in listed))
        print(f"{verdicts[-1]:14} {name}  [{killer}]", flush=True)
        del listed[name]
    if not arguments.only:
        for name in listed:
            verdicts.append("NOT FOUND")
            print(f"{verdicts[-1]:14} {name}")
    bad, tally = tallied(verdicts)
    print(f"{len(verdicts)} mutants of the modules: {tally}")
    return record(len(verdicts) - bad, bad, arguments.counts)


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.pure:
            return break_pure_files(arguments)
        if arguments.guest:
            return break_modules(arguments)
        return break_engine(arguments)
    except (Unusable, Failure, OSError, subprocess.CalledProcessError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
