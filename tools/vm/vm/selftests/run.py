# SPDX-License-Identifier: GPL-2.0
"""A run of a program with one engine, and its results."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from vm.failure import TIMED_OUT

# The two verdicts of a run besides those of its cases: on the program's end, and on the kernel log.
END = "end"
LOG = "kernel log"
KSFT_SKIP = 4
DID_NOT_END = "did not end"
# Verdicts on a program's end after which some cases may not have run.
UNFINISHED = ("timed out", "guest hung", "guest died")
# The parts in which two reports of the same defect may differ.
ACCIDENTAL = re.compile(r"\b(?:CPU|PID|pid): ?\d+|\b(?:0x)?[0-9a-f]{8,}\b|/\d+\b")


@dataclass
class Run:
    """A run of a program with one engine."""

    verdicts: dict[str, str] = field(default_factory=dict)  # by number of the case, or END or LOG
    names: dict[str, str] = field(default_factory=dict)
    calls: int = 0  # the number of calls that the wanted engine has executed
    report: str = ""  # the first report in the kernel log
    compared: int = 0
    differences: int = 0
    without_memory: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, *verdicts: str) -> int:
        """Counts the cases with one of these verdicts. A program without cases counts as a case itself."""
        cases = [v for key, v in self.verdicts.items() if key not in (END, LOG)]
        return sum(verdict in verdicts for verdict in cases or [self.verdicts[END]])

    def counts(self) -> str:
        passed, skipped = self.count("ok"), self.count("skip")
        failed = (len(self.verdicts) - 2 or 1) - passed - skipped
        return f"{passed:6} {failed:6} {skipped:7}"


def verdict_of_end(path: Path, seconds: int, vm_status: int) -> str:
    """Returns the verdict on the program's end, or on the guest's end if the file is missing."""
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
    """Returns the problems that never count as flaky: a report of the kernel, a signal."""
    found = set()
    if run.report:
        found.add(f"the kernel log has a report: {ACCIDENTAL.sub('...', run.report)}")
    if run.verdicts[END].startswith("signal"):
        found.add(f"it ended by {run.verdicts[END]}")
    return found


def unfinished(run: Run) -> list[str]:
    """Returns the problems that prevent the comparison of the rest of the program."""
    ends = [run.verdicts[END]] if run.verdicts[END] in UNFINISHED else []
    cases = [f"{key} {run.names[key]}" for key, v in run.verdicts.items() if v == DID_NOT_END]
    return [f"it did not end: {each}" for each in ends + cases]
