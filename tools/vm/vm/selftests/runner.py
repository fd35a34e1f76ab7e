# SPDX-License-Identifier: GPL-2.0
"""Runs programs in guests of one kind, by C and by Rust as often as there is doubt."""

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
# Beyond these, by C alone.
MORE_RUNS = 7
# mremap_test maps 2 GB twice; what a program does not touch costs nothing.
MEMORY = "6G"
# By how much a kernel is slower than the base kernel.
SLOWNESS = {"base": 1, "hardened": 2, "debug": 4}
# Beyond that, for the guest to report.
GRACE = 60
VERDICTS = {"PASS": "ok", "FAIL": "not ok", "SKIP": "skip", "ERROR": DID_NOT_END}


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
        """Keeps the output of the last such run, so that a person can look for the reason."""
        for kind, source in (("stdout", overlay / "stdout"), ("log", log)):
            if source.exists():
                shutil.copyfile(source, self._logs / f"{name}.{kind}")
        shutil.rmtree(overlay)
        log.unlink(missing_ok=True)


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
