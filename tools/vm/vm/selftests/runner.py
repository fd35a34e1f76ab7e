# SPDX-License-Identifier: GPL-2.0
"""Runs programs in guests of one kind, with C and with Rust, again and again while the result is in doubt."""

import re
import shutil
import subprocess
from pathlib import Path

from vm import kernel_log, ktap
from vm.built import folder_from
from vm.engine_file import EngineFile
from vm.places import BUILD, TOP
from vm.selftests.programs import Program
from vm.selftests.run import DID_NOT_END, END, LOG, Run, verdict_of_end
from vm.selftests.verdicts import rows_of

ROUNDS = 3
# The number of additional runs with C only.
MORE_RUNS = 7
# mremap_test maps 2 GB twice. Memory that a program does not touch costs nothing.
MEMORY = "6G"
# The slowdown of a kernel relative to the base kernel.
SLOWNESS = {"base": 1, "hardened": 2, "debug": 4}
# Additional seconds for the guest to report.
GRACE = 60
VERDICTS = {"PASS": "ok", "FAIL": "not ok", "SKIP": "skip", "ERROR": DID_NOT_END}


class Runner:
    """A runner of programs in guests of one kind."""

    def __init__(self, arch: str, kernel: str, programs: list[Program], scratch: Path) -> None:
        self._options = ["--arch", arch, "--kernel", kernel, "--memory", MEMORY]
        self._slowness = SLOWNESS[kernel]
        self._scratch = scratch
        self._logs = BUILD / "selftests" / f"{arch}-logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._parser = ktap.parser()
        # The module is built here; otherwise a build failure would fail each guest.
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
        """Keeps the output of the last run of this name, so that a person can look for the reason."""
        for kind, source in (("stdout", overlay / "stdout"), ("log", log)):
            if source.exists():
                shutil.copyfile(source, self._logs / f"{name}.{kind}")
        shutil.rmtree(overlay)
        log.unlink(missing_ok=True)


def play(runner: Runner, program: Program) -> tuple[list[tuple[Run, Run]], list[Run]]:
    """Runs a program with C and with Rust: once, or several times while the result is in doubt, then with C
    only where this may resolve the doubt. Returns the rounds and the additional runs with C."""
    rounds: list[tuple[Run, Run]] = []
    more_by_c: list[Run] = []
    while len(rounds) < ROUNDS:
        rounds.append((runner.run(program, "c"), runner.run(program, "rust")))
        if all(c == rust for row in rows_of(rounds, []) for c, rust in row.pairs):
            break
    while len(more_by_c) < MORE_RUNS:
        counts = {row.only_by_rust() for row in rows_of(rounds, more_by_c)}
        # No difference is left, or one in several rounds, which further runs of C cannot excuse.
        if len(rounds) < ROUNDS or max(counts) != 1:
            break
        more_by_c.append(runner.run(program, "c"))
    return rounds, more_by_c
