# SPDX-License-Identifier: GPL-2.0
"""Finds the function of the guest's kernel that an instruction belongs to.

Rust is compared with the functions of mm/vma.c. The kernel's list of symbols does not say which functions
these are, and some of them (inline functions that were not inlined) share their names with others. mm/vma.o
identifies them: it was linked as a whole, so the distances between its functions are the same in the kernel.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bench.failure import BadInput

# Follows the name of a function, in the place where the kernel's list has the name of a module.
VMA_C = "[mm/vma.c]"

# The name for addresses outside the kernel, in place of a function.
PROGRAM = "program"
KERNEL_BEGINS = 1 << 63

LINE = re.compile(r"([0-9a-f]+) (\S) (\S+)(?:\s+(\[\S+\]))?")

# Labels that the assembler and the compiler set within functions.
LABELS = (".L", "$")

# The order of several names for one address: global names come first.
RANKS = {"T": 0, "W": 1, "w": 1, "t": 2}


@dataclass(frozen=True)
class Function:
    address: int
    rank: int
    name: str
    module: str  # in brackets, or empty


class Symbols:
    """All functions of a kernel, and of the modules in it."""

    def __init__(self, kallsyms: str, vma_object: Mapping[str, int]) -> None:
        """Reads /proc/kallsyms of the guest. `vma_object` has the offsets of the functions of mm/vma.o."""
        functions = _functions(kallsyms)
        in_vma_c = _in_vma_c(functions, vma_object)
        self._addresses: list[int] = []
        self._names: list[str] = []
        for function in sorted(functions, key=lambda each: (each.address, each.rank, each.name)):
            if self._addresses and self._addresses[-1] == function.address:
                continue
            mark = VMA_C if function in in_vma_c else function.module
            self._addresses.append(function.address)
            self._names.append(function.name + mark)

    def at(self, address: int) -> str:
        """Returns the function at an address, as NAME, NAME[MODULE], or NAME[mm/vma.c]."""
        if address < KERNEL_BEGINS:
            return PROGRAM
        before = bisect_right(self._addresses, address)
        if before == 0:
            raise BadInput(f"/proc/kallsyms has no function at {address:x}, nor any before it")
        return self._names[before - 1]


def _functions(kallsyms: str) -> list[Function]:
    functions = []
    for number, line in enumerate(kallsyms.splitlines(), 1):
        match = LINE.fullmatch(line)
        if match is None:
            raise BadInput(f"line {number} of /proc/kallsyms is not a symbol: {line}")
        address, kind, name, module = match.groups(default="")
        if kind in RANKS and not name.startswith(LABELS):
            functions.append(Function(int(address, 16), RANKS[kind], name, module))
    if not any(function.address for function in functions):
        raise BadInput("/proc/kallsyms has no addresses: only root can see them")
    return functions


def _in_vma_c(functions: list[Function], offsets: Mapping[str, int]) -> set[Function]:
    """Returns the functions of mm/vma.o: their names are in it, and their distances match."""
    candidates = defaultdict(list)
    for function in functions:
        if function.name in offsets and not function.module:
            candidates[function.name].append(function)
    begins = {
        alone.address - offsets[alone.name] for alone, *others in candidates.values() if not others
    }
    return {
        function
        for same_name in candidates.values()
        for function in same_name
        if function.address - offsets[function.name] in begins
    }
