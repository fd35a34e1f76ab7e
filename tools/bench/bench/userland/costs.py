# SPDX-License-Identifier: GPL-2.0
"""Reads callgrind's output: how many instructions each function took itself, by its chain of callers.

That takes valgrind's --separate-callers: a function is then counted once for each chain of callers, and
goes by its name and theirs, with apostrophes between them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# Longer than any chain. A chain that was cut off would have lost its outermost callers.
MAXIMUM_CALLERS = 60
OPTIONS = (
    "--tool=callgrind",
    f"--separate-callers={MAXIMUM_CALLERS}",
    "--separate-recs=1",
    "--demangle=no",
    "--dump-line=no",
)

# From the one that was called to the outermost of its callers.
Chain = tuple[str, ...]


class UnreadableError(Exception):
    """This is not what callgrind writes, or not with these options."""


@dataclass
class Costs:
    """For each chain, the instructions of its first function itself, and how often that was called."""

    instructions: dict[Chain, int] = field(default_factory=dict)
    calls: dict[Chain, int] = field(default_factory=dict)


class Names:
    """A name is written once, behind its number, and then is its number."""

    def __init__(self) -> None:
        self.chains: dict[str, Chain] = {}

    def chain(self, text: str) -> Chain:
        found = re.fullmatch(r"(\(\d+\))(?: (.+))?", text)
        if not found:
            raise UnreadableError(f"a function has no number: {text}")
        number, name = found[1], found[2]
        if name:
            chain = tuple(name.split("'"))
            if len(chain) > MAXIMUM_CALLERS:
                raise UnreadableError(f"a chain of callers is too long: {name}")
            self.chains[number] = chain
        if number not in self.chains:
            raise UnreadableError(f"nothing has said what function {number} is")
        return self.chains[number]


def cost_of(line: str) -> int:
    """A position, and what was counted there; nothing is zero."""
    words = line.split()
    return int(words[1]) if len(words) > 1 else 0


def read(lines: Iterable[str]) -> Costs:
    """Reads callgrind's output. The costs have to add up to the total that it states."""
    costs = Costs()
    names = Names()
    function: Chain | None = None
    callee: Chain = ()
    # The line behind calls= has the cost of the callee, which is counted where that function is.
    of_callee = False
    total = None
    for line in lines:
        key, separator, value = line.strip().partition("=")
        if separator and key == "fn":
            function = names.chain(value)
        elif separator and key == "cfn":
            callee = names.chain(value)
        elif separator and key == "calls":
            costs.calls[callee] = costs.calls.get(callee, 0) + int(value.split()[0])
            of_callee = True
        elif line.startswith("events:") and line.split() != ["events:", "Ir"]:
            raise UnreadableError(f"more was counted than instructions: {line.strip()}")
        elif line.startswith("totals:"):
            total = int(line.split()[1])
        elif re.match(r"[0-9+*-]", line):
            if function is None:
                raise UnreadableError(f"a cost of no function: {line.strip()}")
            if not of_callee:
                costs.instructions[function] = costs.instructions.get(function, 0) + cost_of(line)
            of_callee = False
    if total != sum(costs.instructions.values()):
        raise UnreadableError(f"callgrind has counted {total} instructions in all, and this is not")
    return costs
