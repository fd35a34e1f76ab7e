# SPDX-License-Identifier: GPL-2.0
"""The contents of the guest's file /sys/kernel/debug/rust_vma/engine."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ENGINES = ("c", "rust", "shadow")


@dataclass
class EngineFile:
    """The current engine, and the number of calls that each engine has executed since the module was loaded."""

    engine: str = "none"
    calls: dict[str, Counter[str]] = field(default_factory=dict)  # by function and engine
    compared: int = 0
    differences: int = 0
    without_memory: int = 0
    refused: int = 0

    @classmethod
    def parse(cls, text: str) -> "EngineFile":
        said = cls()
        for line in text.splitlines():
            if match := re.fullmatch(r"engine (.*)", line):
                said.engine = match[1]
            elif match := re.fullmatch(r"(\w+) +(\d+) +(\d+) +(\d+)", line):
                function, *counts = match.groups()
                said.calls[function] = Counter(dict(zip(ENGINES, map(int, counts), strict=True)))
            elif match := re.fullmatch(r"shadow (\d+) \w+, (\d+) \w+, (\d+) .*", line):
                said.compared, said.differences, said.without_memory = map(int, match.groups())
            elif match := re.fullmatch(r"refused (\d+)", line):
                said.refused = int(match[1])
        return said

    @classmethod
    def read(cls, path: Path) -> "EngineFile":
        return cls.parse(path.read_text() if path.exists() else "")

    def calls_by(self, engine: str) -> int:
        return sum(counts[engine] for counts in self.calls.values())

    def problems(self, engine: str, before: "EngineFile | None" = None) -> list[str]:
        """Returns problems, unless only this engine has executed calls, and no decision differed."""
        before = before or EngineFile()
        problems = []
        if self.engine != engine:
            problems.append(f"with {engine}, the engine was {self.engine} afterwards")
        for other in ENGINES:
            executed = self.calls_by(other) - before.calls_by(other)
            if other == engine and executed <= 0:
                problems.append(f"with {engine}, {engine} executed no call")
            elif other != engine and executed != 0:
                problems.append(f"with {engine}, {other} executed {executed} calls")
        if self.refused:
            problems.append(f"with {engine}, {self.refused} calls made no sense to Rust")
        if self.differences:
            problems.append(f"with {engine}, Rust and C differ in {self.differences} decisions")
        return problems
