# SPDX-License-Identifier: GPL-2.0
"""Adds the counts of a region up by function."""

from collections import Counter

from profiling.failure import BadInput
from profiling.regions import Region
from profiling.symbols import Symbols

# Where the processor goes when an interrupt comes; what follows is not the region's.
INTERRUPTS = ("asm_sysvec_", "asm_common_interrupt", "el1h_64_irq", "el0t_64_irq")


def by_symbol(region: Region, symbols: Symbols) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for address, count in region.counts.items():
        counts[symbols.at(address)] += count
    for symbol in counts:
        if symbol.startswith(INTERRUPTS):
            group, name = region.key
            raise BadInput(f"an interrupt came in {group} {name} {region.side}: {symbol}")
    return dict(counts)
