# SPDX-License-Identifier: GPL-2.0
"""Reads callgrind's output: the instructions that each function itself took, by its chain of callers.

This needs valgrind's --separate-callers, with which a function is counted separately for each chain of
callers, under its own name and theirs, separated by apostrophes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# More than any chain has. A truncated chain would lack its outermost callers.
MAXIMUM_CALLERS = 60
OPTIONS = (
    "--tool=callgrind",
    f"--separate-callers={MAXIMUM_CALLERS}",
    "--separate-recs=1",
    "--demangle=no",
    "--dump-line=no",
)

# The names of a function and its callers, from the function to the outermost caller.
Chain = tuple[str, ...]


class UnreadableError(Exception):
    """The input is not an output of callgrind with these options."""


@dataclass
class Costs:
    """The instructions of the first function of each chain itself, and the number of its calls."""

    instructions: dict[Chain, int] = field(default_factory=dict)
    calls: dict[Chain, int] = field(default_factory=dict)


class Names:
    """The numbers of names. callgrind writes a name once, after its number, and then only the number."""

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
            raise UnreadableError(f"function {number} has no name")
        return self.chains[number]


def cost_of(line: str) -> int:
    """Returns the cost in a line that has a position and a cost; a missing cost is zero."""
    words = line.split()
    return int(words[1]) if len(words) > 1 else 0


def read(lines: Iterable[str]) -> Costs:
    """Reads callgrind's output. The costs have to add up to the total that it states."""
    costs = Costs()
    names = Names()
    function: Chain | None = None
    callee: Chain = ()
    # The line after calls= has the cost of the callee, which is counted with the callee itself.
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
            raise UnreadableError(f"the events are not instructions alone: {line.strip()}")
        elif line.startswith("totals:"):
            total = int(line.split()[1])
        elif re.match(r"[0-9+*-]", line):
            if function is None:
                raise UnreadableError(f"a cost without a function: {line.strip()}")
            if not of_callee:
                costs.instructions[function] = costs.instructions.get(function, 0) + cost_of(line)
            of_callee = False
    if total != sum(costs.instructions.values()):
        raise UnreadableError(f"the costs do not add up to callgrind's total, {total} instructions")
    return costs
