# SPDX-License-Identifier: GPL-2.0
"""One run of a program, with one engine, and what it came to."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from vm.failure import TIMED_OUT

# The two verdicts of a run that no case has: how the program ended, and what the kernel said.
END = "end"
LOG = "kernel log"
KSFT_SKIP = 4
DID_NOT_END = "did not end"
# Of a program; and those of them by which it cannot have run all its cases.
UNFINISHED = ("timed out", "guest hung", "guest died")
# The parts that differ between two reports of one thing.
ACCIDENTAL = re.compile(r"\b(?:CPU|PID|pid): ?\d+|\b(?:0x)?[0-9a-f]{8,}\b|/\d+\b")


@dataclass
class Run:
    """One run of a program, with one engine."""

    verdicts: dict[str, str] = field(default_factory=dict)  # by number, or END or LOG
    names: dict[str, str] = field(default_factory=dict)
    calls: int = 0  # that the wanted engine has served
    report: str = ""  # of the kernel
    compared: int = 0
    differences: int = 0
    without_memory: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, *verdicts: str) -> int:
        """Counts the cases that have one of these; a program without cases is one itself."""
        cases = [v for key, v in self.verdicts.items() if key not in (END, LOG)]
        return sum(verdict in verdicts for verdict in cases or [self.verdicts[END]])

    def counts(self) -> str:
        passed, skipped = self.count("ok"), self.count("skip")
        failed = (len(self.verdicts) - 2 or 1) - passed - skipped
        return f"{passed:6} {failed:6} {skipped:7}"


def verdict_of_end(path: Path, seconds: int, vm_status: int) -> str:
    """Returns how the program ended; if the file is missing, how the guest did."""
    if not path.exists():
        return "guest hung" if vm_status == TIMED_OUT else "guest died"
    status, took = map(int, path.read_text().split())
    if status == 0:
        return "ok"
    if status == KSFT_SKIP:
        return "skip"
    if status > 128:
        return "timed out" if took >= seconds else f"signal {status - 128}"
    return f"status {status}"


def deadly(run: Run) -> set[str]:
    """Returns the problems that are never called flaky: a report of the kernel, a signal."""
    found = set()
    if run.report:
        found.add(f"the kernel log has a report: {ACCIDENTAL.sub('...', run.report)}")
    if run.verdicts[END].startswith("signal"):
        found.add(f"it ended by {run.verdicts[END]}")
    return found


def unfinished(run: Run) -> list[str]:
    """Returns the problems that keep the rest of the program from being compared."""
    ends = [run.verdicts[END]] if run.verdicts[END] in UNFINISHED else []
    cases = [f"{key} {run.names[key]}" for key, v in run.verdicts.items() if v == DID_NOT_END]
    return [f"it did not end: {each}" for each in ends + cases]
