# SPDX-License-Identifier: GPL-2.0
"""What of a row is a side's own: all but what the other side calls as well.

Of a function that both execute (in the maple tree, the slab allocator, rmap, or the bench itself), the
lower of the two counts is common to them; what one executes there beyond that, it has caused. The
functions of mm/vma.c are what Rust is compared with, and so are never common.
"""

from typing import NamedTuple

from profiling.rows import Row
from profiling.symbols import VMA_C


class Own(NamedTuple):
    c: int
    rust: int


def common(row: Row, symbol: str) -> int:
    if symbol.endswith(VMA_C):
        return 0
    return min(row.c.get(symbol, 0), row.rust.get(symbol, 0))


def own(row: Row) -> Own:
    shared = sum(common(row, symbol) for symbol in row.symbols())
    return Own(c=sum(row.c.values()) - shared, rust=sum(row.rust.values()) - shared)
