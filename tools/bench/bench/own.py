# SPDX-License-Identifier: GPL-2.0
"""The instructions of a row that are a side's own: all except those in functions that both sides call.

If both sides execute a function (of the maple tree, the slab allocator, rmap, or the bench itself), the lower
of the two counts is common to them; the excess belongs to the side that executes more. Functions of mm/vma.c
are never common, even if Rust calls one, because Rust is compared with them.
"""

from collections.abc import Mapping
from typing import NamedTuple

from bench.profile.symbols import VMA_C


class Own(NamedTuple):
    c: float
    rust: float

    @property
    def ratio(self) -> float | None:
        return self.rust / self.c if self.c else None


def own(c: Mapping[str, float], rust: Mapping[str, float]) -> Own:
    """Returns the own instructions of both sides. `c` and `rust` have a side's instructions by function."""
    common = sum(
        min(count, rust.get(symbol, 0)) for symbol, count in c.items() if not symbol.endswith(VMA_C)
    )
    return Own(c=sum(c.values()) - common, rust=sum(rust.values()) - common)
