# SPDX-License-Identifier: GPL-2.0
"""Adds up the counts of regions by function."""

from collections import Counter
from collections.abc import Iterable

from bench.failure import BadInput
from bench.profile.regions import Region
from bench.profile.rows import Key
from bench.profile.symbols import Symbols

# The entry points of interrupts. Instructions of an interrupt do not belong to the region.
INTERRUPTS = ("asm_sysvec_", "asm_common_interrupt", "el1h_64_irq", "el0t_64_irq")


def by_symbol(regions: Iterable[Region], symbols: Symbols) -> dict[tuple[Key, str], Counter[str]]:
    """Returns the counts of the shortest region of each row and side. In longer regions, the allocator had to
    fill its stocks, sometimes for one side and sometimes for the other."""
    shortest: dict[tuple[Key, str], Counter[str] | None] = {}
    for region in regions:
        best = shortest.setdefault((region.key, region.side), None)
        counts = _undisturbed(region, symbols)
        if counts is not None and (best is None or counts.total() < best.total()):
            shortest[region.key, region.side] = counts
    undisturbed = {}
    for (key, side), counts in shortest.items():
        if counts is None:
            raise BadInput(f"an interrupt came each time in {key.group} {key.name} {side}")
        undisturbed[key, side] = counts
    return undisturbed


def _undisturbed(region: Region, symbols: Symbols) -> Counter[str] | None:
    """Returns the counts of a region by function, or nothing if an interrupt came."""
    counts: Counter[str] = Counter()
    for address, count in region.counts.items():
        counts[symbols.at(address)] += count
    return None if any(symbol.startswith(INTERRUPTS) for symbol in counts) else counts
