# SPDX-License-Identifier: GPL-2.0
"""The instructions of a row that are a side's own: all but those in functions that both call.

Of a function that both execute (in the maple tree, the slab allocator, rmap, or the bench itself), the
lower of the two counts is common to them; what one executes there beyond that, it has caused. The
functions of mm/vma.c are what Rust is compared with, and so are never common, even if Rust calls one.
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
    """From what each side executes in each function."""
    common = sum(
        min(count, rust.get(symbol, 0)) for symbol, count in c.items() if not symbol.endswith(VMA_C)
    )
    return Own(c=sum(c.values()) - common, rust=sum(rust.values()) - common)
