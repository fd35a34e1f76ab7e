# SPDX-License-Identifier: GPL-2.0
"""Compares the verdicts of C and of Rust, and decides which of Rust's verdicts are failures."""

from dataclasses import dataclass

from vm.selftests.run import Run, deadly, unfinished

MISSING = "missing"


@dataclass
class Row:
    """The verdicts on a case, or another verdict of a run, in all rounds."""

    key: str
    name: str
    pairs: list[tuple[str, str]]  # with C, with Rust
    more_by_c: list[str]

    def by_c(self) -> set[str]:
        return {c for c, _ in self.pairs} | {*self.more_by_c}

    def only_by_rust(self) -> int:
        """Returns the number of rounds in which Rust has a verdict that C never has."""
        by_c = self.by_c()
        return sum(rust not in by_c for _, rust in self.pairs)

    def remark(self) -> str:
        by_c = self.by_c()
        if self.only_by_rust():
            return "DIFFERS"
        if len(by_c) > 1:
            # If C has had two verdicts, Rust may have either of them.
            return "flaky"
        return "" if by_c <= {"ok", "skip"} else "fails by both"

    def columns(self) -> tuple[str, str]:
        by_c = [c for c, _ in self.pairs] + self.more_by_c
        by_rust = [rust for _, rust in self.pairs]
        c, rust = (v[0] if len({*v}) == 1 else "/".join(v) for v in (by_c, by_rust))
        return c, rust

    def line(self, program: str) -> str:
        c, rust = self.columns()
        return (
            f"{program:20} {self.key:>10} {c:12} {rust:12} {self.remark():13} {self.name}".rstrip()
        )


def rows_of(rounds: list[tuple[Run, Run]], more_by_c: list[Run]) -> list[Row]:
    keys = dict.fromkeys(key for pair in rounds for run in pair for key in run.verdicts)
    ordered = sorted(keys, key=lambda key: (not key.isdigit(), int(key) if key.isdigit() else 0))
    rows = []
    for key in ordered:
        name = next((n for pair in rounds for run in pair if (n := run.names.get(key))), "")
        pairs = [
            (c.verdicts.get(key, MISSING), rust.verdicts.get(key, MISSING)) for c, rust in rounds
        ]
        rows.append(Row(key, name, pairs, [c.verdicts.get(key, MISSING) for c in more_by_c]))
    return rows


def problems_of(rounds: list[tuple[Run, Run]], more_by_c: list[Run]) -> list[str]:
    by_c = [*(c for c, _ in rounds), *more_by_c]
    by_rust = [rust for _, rust in rounds]
    problems = [problem for run in by_c + by_rust for problem in run.problems]
    for engine, runs in (("c", by_c), ("rust", by_rust)):
        problems += [f"with {engine}, {each}" for run in runs for each in unfinished(run)]
    excused = set().union(*map(deadly, by_c))
    problems += [f"with rust, {each}" for run in by_rust for each in sorted(deadly(run) - excused)]
    if rounds[0][0].count("ok", "not ok") == 0:
        problems.append("no case ran")
    for row in rows_of(rounds, more_by_c):
        if row.remark() == "DIFFERS":
            c, rust = row.columns()
            problems.append(f"{row.key} {row.name}: {c} by C, {rust} by Rust")
    return problems
