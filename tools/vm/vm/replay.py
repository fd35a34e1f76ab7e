# SPDX-License-Identifier: GPL-2.0
"""Plays the same random histories of system calls on the running kernel, with C and with Rust.

Each seed is a history (tests/guest/replay). All are played in a guest with C behind the hook, in
another such guest, and in one with Rust; a seed passes if it printed the same everywhere. If two
runs differ, the first such seed is played again step by step, and what was done in the first step
that differs is printed; the rest is in build/ARCH-KERNEL/replay. The last line of stdout is
"N passed, N failed". The lines before it count what was skipped, because the machine lacks it.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest

from vm.architecture import ARCHITECTURES
from vm.engine_file import ENGINES, EngineFile
from vm.kernels import WITH_HOOK
from vm.outcome import add_counts_option, finish
from vm.places import BUILD, TOP

# Plays two histories at a time, one for each processor of the guest.
ALL_SEEDS = """
first=$1 last=$2 steps=$3
play() {
    for seed in $(seq "$1" 2 "$last"); do
        replay "$seed" "$steps" >"/tmp/$seed" 2>&1 || echo "it ended with $?" >>"/tmp/$seed"
    done
}
play "$first" &
play $((first + 1)) &
wait
for seed in $(seq "$first" "$last"); do
    echo "seed $seed"
    cat "/tmp/$seed"
done
cat /sys/kernel/debug/rust_vma/engine
"""


@dataclass
class Run:
    """The output of one guest."""

    engine: str
    seeds: dict[int, list[str]] = field(default_factory=dict)
    # Problems of the whole run.
    complaints: list[str] = field(default_factory=list)
    # The number of decisions that Rust and C have made on the same input.
    compared: int = 0
    differences: int = 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="default: x86_64")
    add("--kernel", choices=WITH_HOOK, default="base", help="default: base")
    add("--seeds", metavar="N", type=positive, default=10, help="how many (default: 10)")
    add("--steps", metavar="N", type=positive, default=5000, help="of each (default: 5000)")
    add("--first-seed", metavar="N", type=positive, default=1, help="default: 1")
    add(
        "--engines",
        metavar="ENGINE",
        nargs="+",
        choices=ENGINES,
        # C runs twice: if its two runs differ, Rust is not the cause.
        default=["c", "c", "rust"],
        help="behind the hook, one after the other: c, rust, or shadow (default: c c rust)",
    )
    add("--timeout", metavar="SECONDS", default="3600", help="for each guest (default: 3600)")
    add_counts_option(parser)
    return parser.parse_args()


def positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return int(text)


def say(sentence: str) -> None:
    print(f"replay: {sentence}", flush=True)


def in_guest(
    arguments: argparse.Namespace, engine: str, command: list[str], quiet: bool = False
) -> tuple[int, str]:
    """Runs a command in a guest. Returns its exit status and its output."""
    vm = [str(TOP / "scripts" / "vm"), "--arch", arguments.arch, "--kernel", arguments.kernel]
    vm += ["--engine", engine, "--timeout", arguments.timeout, "--", *command]
    errors = subprocess.DEVNULL if quiet else None
    finished = subprocess.run(vm, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)
    return finished.returncode, finished.stdout


def run_all(arguments: argparse.Namespace, engine: str) -> Run:
    first = arguments.first_seed
    last = first + arguments.seeds - 1
    numbers = [str(number) for number in (first, last, arguments.steps)]
    status, output = in_guest(arguments, engine, ["sh", "-c", ALL_SEEDS, "sh", *numbers])
    seeds, mark, rest = output.partition("engine ")
    run = Run(engine)
    for line in seeds.splitlines():
        if match := re.fullmatch(r"seed (\d+)", line):
            run.seeds[int(match[1])] = []
        elif run.seeds:
            run.seeds[max(run.seeds)].append(line)
    if status != 0:
        run.complaints.append(
            f"with {engine}, the guest ended with {status} (see scripts/vm --help)"
        )
    said = EngineFile.parse(f"{mark}{rest}")
    run.complaints += said.problems(engine)
    run.complaints += [
        f"with {engine}, {function} was never called"
        for function, calls in said.calls.items()
        if not calls[engine]
    ]
    run.compared, run.differences = said.compared, said.differences
    return run


def skipped(runs: list[Run]) -> list[str]:
    """Returns sentences about features that the machine lacks, which histories have skipped."""
    histories = [lines for run in runs for lines in run.seeds.values()]
    lacking = Counter(
        match[1]
        for lines in histories
        for line in lines
        if (match := re.fullmatch(r"\d+ 0 without (.*)", line))
    )
    return [
        f"skipped: {what}, in {count} of {len(histories)} histories"
        for what, count in lacking.items()
    ]


def is_whole(lines: list[str], seed: int, steps: int) -> bool:
    return bool(lines) and lines[-1].startswith(f"{seed} {steps} ")


def last_common_step(left: list[str], right: list[str]) -> int:
    """Returns the number of the step in the first line that differs, or that only one of the outputs has."""
    for ours, theirs in zip_longest(left, right, fillvalue=""):
        if ours != theirs:
            numbers = [line.split()[1] for line in (ours, theirs) if re.match(r"\d+ \d+ ", line)]
            return int(numbers[0]) if numbers else 0
    return 0


def explain(arguments: argparse.Namespace, seed: int, engines: list[str], steps: int) -> None:
    """Plays the seed again with both engines, and prints the first step that differs."""
    folder = BUILD / f"{arguments.arch}-{arguments.kernel}" / "replay"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["replay", str(seed), str(steps or arguments.steps)]
    traces = []
    for number, engine in enumerate(engines):
        _, trace = in_guest(arguments, engine, [*command, "--trace"], quiet=True)
        (folder / f"{seed}-{number}-{engine}.trace").write_text(trace)
        traces.append(trace.splitlines())
    for number, (left, right) in enumerate(zip_longest(*traces, fillvalue="(nothing)")):
        if left != right:
            break
    else:
        say(f"seed {seed}: played step by step, there is no difference")
        return
    say(f"seed {seed}: the first step that differs")
    print(f"  before: {traces[0][number - 1] if number else '(nothing)'}")
    print(f"  {engines[0]}: {left}\n  {engines[1]}: {right}", flush=True)
    step = next((line.split()[1] for line in (left, right) if line.startswith(f"{seed} ")), "0")
    for number, engine in enumerate(engines):
        _, shown = in_guest(arguments, engine, [*command, "--show", step], quiet=True)
        (folder / f"{seed}-{number}-{engine}.vmas").write_text(shown)
    say(f"seed {seed}: traces and VMAs are in {folder}")


def compare(arguments: argparse.Namespace, runs: list[Run]) -> int:
    """Returns the number of seeds that failed. Explains the first one."""
    failed = 0
    first = arguments.first_seed
    for seed in range(first, first + arguments.seeds):
        printed = [run.seeds.get(seed, []) for run in runs]
        whole = [is_whole(lines, seed, arguments.steps) for lines in printed]
        other = next((n for n, lines in enumerate(printed) if lines != printed[0]), None)
        if all(whole) and other is None:
            continue
        failed += 1
        if other is None:
            say(f"seed {seed}: the history did not end")
            print("\n".join(printed[0][-3:]), flush=True)
            continue
        engines = [runs[0].engine, runs[other].engine]
        steps = last_common_step(printed[0], printed[other])
        say(f"seed {seed}: {engines[0]} and {engines[1]} differ by step {steps}")
        if failed == 1:
            explain(arguments, seed, engines, steps)
    return failed


def main() -> int:
    arguments = parse_arguments()
    runs = []
    for engine in arguments.engines:
        run = run_all(arguments, engine)
        for complaint in run.complaints:
            say(complaint)
        runs.append(run)
    failed = compare(arguments, runs)
    passed = arguments.seeds - failed
    failed += sum(len(run.complaints) for run in runs)
    for sentence in skipped(runs):
        say(sentence)
    if compared := sum(run.compared for run in runs):
        differences = sum(run.differences for run in runs)
        print(f"{compared} decisions compared, {differences} differences")
    return finish(passed, failed, arguments.counts)


if __name__ == "__main__":
    sys.exit(main())
