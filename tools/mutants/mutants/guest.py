# SPDX-License-Identifier: GPL-2.0
"""scripts/mutants --guest: inverts the conditions of the modules, and lets programs in guests judge.

The modules have all mutants built in, each at a condition; one at a time is switched on. A first guest finds
out which mutants each program of tests/guest and each KUnit suite reaches. Then each mutant is tried with the
programs that reach it, first with the program that has noticed the last mutant, then with the quickest. When
a mutant has brought down the kernel, another guest goes on with the next mutant."""

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
# The files among PATTERNS that only run where instructions are counted.
COUNTING = (
    "kunit/speed.rs",
    "kunit/fixture/sys/call.rs",
    "kunit/fixture/sys/calls.c",
    "kunit/fixture/sys/cost.c",
)
# The most mutants, as in tests/mutants/mutant.c.
MOST = 2048
# The files that list the parts of a module, and the change that adds the part with the switch.
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
# All suites of rust_vma_kunit.ko, for scripts/guest/mutants, which prefixes each suite with this.
SUITES = "kunit/"
# The time limit of a program with a mutant: TIMES_AS_LONG times its duration without a mutant, plus
# LEAST_PATIENCE, but at most MOST_PATIENCE (in seconds).
TIMES_AS_LONG = 6
LEAST_PATIENCE = 30
MOST_PATIENCE = 400
# Seconds of silence after which a guest is stuck: longer than any program takes.
SILENCE = 500
# The time limit of a guest, which tries many mutants, in seconds.
PATIENCE = 6 * 3600


@dataclass(frozen=True)
class Program:
    """A program of tests/guest or a KUnit suite, as it runs without any mutant."""

    name: str
    seconds: int
    reached: frozenset[int]

    def asked(self) -> str:
        """Returns the program as the guest reads it, with its time limit in seconds."""
        patience = min(LEAST_PATIENCE + TIMES_AS_LONG * self.seconds, MOST_PATIENCE)
        return f"{self.name}:{patience}"


def judges(path: str) -> bool:
    """Returns whether a source judges for KUnit suites, and does not only carry out their steps."""
    return path.startswith("kunit/") and path.endswith(".rs") and "/sys/" not in path


def build_copy(top: Path, copy: Path) -> dict[int, str]:
    """Makes a copy of the project with the mutants in it. Returns their names by their numbers."""
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
    """Returns the output of a command in a guest, even if the guest ends early."""
    options = ["--timeout", str(PATIENCE), "--overlay", str(copy / "build")]
    output = []

    def hear(line: str) -> None:
        print(f"  {line}", file=sys.stderr, flush=True)
        output.append(line)

    guest_programs.run(copy / "scripts" / "vm", options, ["mutants", *command], SILENCE, hear)
    return output


def programs_reaching(output: list[str]) -> list[Program]:
    """Reads the output of `mutants reach`. Returns the programs, the quickest first."""
    programs = []
    for line in output:
        match line.split():
            case ["reached", name, "0", seconds, *numbers]:
                programs.append(Program(name, int(seconds), frozenset(map(int, numbers))))
            case ["reached", name, status, *_]:
                raise Unusable(f"without any mutant, {name} ends with {status}")
    return sorted(programs, key=lambda program: (spoils(program.name), program.seconds))


def verdicts(copy: Path, plan: dict[int, list[str]]) -> Iterator[tuple[int, str]]:
    """Tries the mutants. Yields the number of each and the program that noticed it, or nothing if none
    did."""
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
                # An earlier mutant may have spoilt the guest: this mutant is tried again.
                case ["unclear", number]:
                    trying = 0
        if trying:
            del left[trying]
            yield trying, "the guest's end"
        elif len(lines) == len(left):
            raise Unusable("a guest has tried no mutant")


def run(top: Path, copy: Path, only: str) -> Iterator[tuple[str, str]]:
    """Tries the mutants whose names contain `only`. Yields the name of each, and the program that noticed
    it."""
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
