# SPDX-License-Identifier: GPL-2.0
"""scripts/mutants --guest: turns the conditions of the modules round, and guests judge.

All mutants are in the modules, each at a condition, and one at a time is switched on. A first guest
says which mutants each program of tests/guest reaches, and each KUnit suite; then each mutant is put to
those that reach it: the one that has noticed the last mutant, then the quickest first. When a mutant has brought down the kernel, another guest goes on
with the next."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutants.conditions import with_mutants
from mutants.failure import Unusable
from vm import guest_programs
from vm.guest_programs import SPOILING, spoils

# The sources whose conditions the tests in userland do not judge.
PATTERNS = (
    "rust/debugfs/**/*.rs",
    "rust/hook/**/*.rs",
    "rust/process/**/*.rs",
    "rust/report/**/*.rs",
    "rust/sys/*.rs",
    "rust/helpers/module.c",
    "rust/helpers/process/*.c",
    "kunit/**/*.rs",
    "kunit/**/*.c",
)
# Those of PATTERNS that only run where instructions are counted.
COUNTING = (
    "kunit/speed.rs",
    "kunit/fixture/sys/call.rs",
    "kunit/fixture/sys/calls.c",
    "kunit/fixture/sys/cost.c",
)
# As tests/mutants/mutant.c has it.
MOST = 2048
# Where the module's parts are listed, and what lists the part that has the switch.
LISTS = {
    "rust/rust_vma.rs": ("mod bounded;", "mod bounded;\nmod mutant;"),
    "kunit/rust_vma_kunit.rs": (
        "mod bounded;",
        'mod bounded;\n#[path = "../rust/mutant.rs"]\nmod mutant;',
    ),
    "rust/helpers/rust_vma_helpers.c": (
        '#include "module.c"',
        '#include "mutant.c"\n#include "module.c"',
    ),
    "kunit/fixture/sys/helpers.c": (
        '#include "module.c"',
        '#include "mutant.c"\n#include "module.c"',
    ),
}
SWITCH = {"sys/mutant.rs": "rust/mutant.rs", "mutant.c": "rust/helpers/mutant.c"}
# The suites of rust_vma_kunit.ko, for scripts/guest/mutants; what it says of each begins like this.
SUITES = "kunit/"
# Seconds that a program may take with a mutant: so many times as long as without, and no longer than this.
TIMES_AS_LONG = 6
LEAST_PATIENCE = 30
MOST_PATIENCE = 400
# Seconds without a word from a guest, which is stuck then: it is longer than any program takes.
SILENCE = 500
# Seconds for a guest, which tries mutants until it ends.
PATIENCE = 6 * 3600


@dataclass(frozen=True)
class Program:
    """A program of tests/guest or a KUnit suite, without any mutant."""

    name: str
    seconds: int
    reached: frozenset[int]


    def asked(self) -> str:
        """The program as the guest reads it, with the seconds that it may take."""
        patience = min(LEAST_PATIENCE + TIMES_AS_LONG * self.seconds, MOST_PATIENCE)
        return f"{self.name}:{patience}"


def judges(path: str) -> bool:
    """Whether a source decides what KUnit suites find, and does not only carry that out."""
    return path.startswith("kunit/") and path.endswith(".rs") and "/sys/" not in path


def build_copy(top: Path, copy: Path) -> dict[int, str]:
    """Makes a copy of the project with the mutants in it; returns their names by their numbers."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(top, copy, ignore=shutil.ignore_patterns(".git", "build", "__pycache__"))
    mutants: dict[int, str] = {}
    for path in sorted(path for pattern in PATTERNS for path in copy.glob(pattern)):
        name = str(path.relative_to(copy))
        if name in COUNTING:
            continue
        first, source = len(mutants) + 1, path.read_text()
        source, names = with_mutants(name, source, first, judges=judges(name))
        mutants.update(enumerate(names, first))
        path.write_text(source)
    if len(mutants) >= MOST:
        raise Unusable(f"there are {len(mutants)} mutants, and room for {MOST}: see mutant.c")
    for name, (old, new) in LISTS.items():
        text = (copy / name).read_text()
        if text.count(old) != 1:
            raise Unusable(f"{name} has no single line {old}")
        (copy / name).write_text(text.replace(old, new))
    for name, where in SWITCH.items():
        shutil.copy(top / "tests" / "mutants" / name, copy / where)
    return mutants


def run_guest(copy: Path, *command: str) -> list[str]:
    """Returns what a command prints in a guest, however the guest ends."""
    options = ["--timeout", str(PATIENCE), "--overlay", str(copy / "build")]
    output = []

    def hear(line: str) -> None:
        print(f"  {line}", file=sys.stderr, flush=True)
        output.append(line)

    guest_programs.run(copy / "scripts" / "vm", options, ["mutants", *command], SILENCE, hear)
    return output


def programs_reaching(output: list[str]) -> list[Program]:
    """Reads what `mutants reach` prints, the quickest first."""
    programs = []
    for line in output:
        match line.split():
            case ["reached", name, "0", seconds, *numbers]:
                programs.append(Program(name, int(seconds), frozenset(map(int, numbers))))
            case ["reached", name, status, *_]:
                raise Unusable(f"without any mutant, {name} ends with {status}")
    return sorted(programs, key=lambda program: (spoils(program.name), program.seconds))


def verdicts(copy: Path, plan: dict[int, list[str]]) -> Iterator[tuple[int, str]]:
    """Tries the mutants; yields the number of each and what noticed it, nothing if nothing did."""
    left = dict(plan)
    while left:
        lines = [" ".join([str(number), *programs]) for number, programs in left.items()]
        (copy / "build" / "plan").write_text("\n".join(lines) + "\n")
        trying = 0
        for line in run_guest(copy, "try", "/overlay/plan", *SPOILING):
            match line.split():
                case ["trying", number]:
                    trying = int(number)
                case ["killed", number, killer]:
                    del left[int(number)]
                    trying = 0
                    yield int(number), killer
                case ["survived", number]:
                    del left[int(number)]
                    trying = 0
                    yield int(number), ""
                # The guest was of no use any more, and may have been so before: it is tried again.
                case ["unclear", number]:
                    trying = 0
        if trying:
            del left[trying]
            yield trying, "the guest's end"
        elif len(lines) == len(left):
            raise Unusable("a guest has tried no mutant")


def run(top: Path, copy: Path, only: str) -> Iterator[tuple[str, str]]:
    """Tries the mutants whose names contain `only`; yields the name of each, and what noticed it."""
    mutants = build_copy(top, copy)
    (copy / "build").mkdir(exist_ok=True)
    names = guest_programs.names(top)
    programs = programs_reaching(run_guest(copy, "reach", SUITES, *names))
    found = {program.name for program in programs}
    if not found.issuperset(names) or not any(name.startswith(SUITES) for name in found):
        raise Unusable("the guest has not run every program")
    plan = {
        number: [program.asked() for program in programs if number in program.reached]
        for number, name in mutants.items()
        if only in name
    }
    for number in [number for number, reaching in plan.items() if not reaching]:
        del plan[number]
        print(f"  no program reaches {mutants[number]}", file=sys.stderr, flush=True)
        yield mutants[number], ""
    for number, killer in verdicts(copy, plan):
        yield mutants[number], killer
