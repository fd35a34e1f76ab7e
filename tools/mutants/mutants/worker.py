# SPDX-License-Identifier: GPL-2.0
"""Builds a mutant in a copy of the sources, and runs the tests on it."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from mutants.failure import Unusable
from mutants.listed import Mutant

# The tests, each in its own folder. Upstream's come first, because their kills are counted.
PROGRAMS = ("upstream", "pure", "differential")
# The folders that are copied for each worker: the sources, and the files that their Makefiles read.
SOURCES = ("rust", "tests/userland", "tests/host")
# Seconds after which a running mutant counts as stuck, and so as noticed.
TIMEOUT = 120


def verdict(*, is_killed: bool, is_listed: bool) -> str:
    """Returns the verdict, in capitals if it is not as it should be. A listed mutant should change nothing
    that a test can see."""
    if is_listed:
        return "NOT EQUIVALENT" if is_killed else "equivalent"
    return "killed" if is_killed else "SURVIVED"


@dataclass
class Trial:
    """The result of a mutant."""

    mutant: Mutant
    killers: list[str] = field(default_factory=list)
    # The output of the compiler, if the mutant does not build.
    trouble: str = ""

    @property
    def verdict(self) -> str:
        """Returns the verdict, in capitals if it is not as it should be."""
        if self.trouble:
            return "NOT BUILT"
        return verdict(is_killed=bool(self.killers), is_listed=bool(self.mutant.equivalent))


class Worker:
    """A copy of the sources to break, and the folder where it is built."""

    def __init__(self, top: Path, copy: Path, kernel: str, steps: int) -> None:
        self.copy = copy
        self.kernel = kernel
        self.steps = steps
        for folder in SOURCES:
            shutil.copytree(top / folder, copy / folder)

    def try_out(self, mutant: Mutant) -> Trial:
        path = self.copy / mutant.path
        original = path.read_text()
        path.write_text(mutant.applied_to(original))
        try:
            return self._put_to_tests(Trial(mutant))
        finally:
            path.write_text(original)

    def check_unbroken(self) -> None:
        """Raises Unusable if the tests fail without a mutant, because then each mutant would count as
        killed."""
        trial = self._put_to_tests(Trial(Mutant("", "", [], [], None, "")))
        if trial.trouble or trial.killers:
            failing = trial.trouble or f"{', '.join(trial.killers)} fails"
            raise Unusable(f"without any mutant, the tests fail: {failing}")

    def _put_to_tests(self, trial: Trial) -> Trial:
        for program in PROGRAMS:
            build, test = self._commands(program)
            status, output = _run(build, timeout=600)
            if status != 0:
                trial.trouble = output or f"{program} does not build"
                break
            if _run(test, TIMEOUT)[0] != 0:
                trial.killers.append(program)
                if program != "upstream":
                    break
        return trial

    def _commands(self, program: str) -> tuple[list[str], list[str]]:
        """Returns the command that builds the tests, and the command that runs them."""
        output = self.copy / "build" / program
        if program == "pure":
            cargo = ["cargo", "test", "--quiet", "--offline", "--lib", f"--target-dir={output}"]
            cargo.append(f"--manifest-path={self.copy / 'tests' / 'host' / 'Cargo.toml'}")
            return [*cargo, "--no-run"], cargo
        folder = self.copy / "tests" / "userland" / program
        make = ["make", "--silent", "-C", str(folder), f"KDIR={self.kernel}", f"OUT={output}"]
        steps = ["--steps", str(self.steps), "--jobs", "1"] if program == "differential" else []
        # A mutant may leave items unused, which must not fail the build.
        return [*make, "RUST_LINTS=-Awarnings"], [str(output / "program"), *steps]


def _run(command: list[str], timeout: int) -> tuple[int, str]:
    """Returns the exit status and the output of a command."""
    try:
        finished = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, "timed out"
    return finished.returncode, finished.stdout
