# SPDX-License-Identifier: GPL-2.0
"""The two profiles of a row side by side, for people."""

import subprocess
from collections.abc import Iterable

from bench.own import own
from bench.profile.rows import Key, Row
from bench.profile.symbols import VMA_C
from bench.words import ratio
from vm.places import CACHE

DEMANGLER = CACHE / "toolchain" / "llvm" / "bin" / "llvm-cxxfilt"
MODULES = ("[rust_vma]", "[rust_vma_kunit]")


def overview(rows: dict[Key, Row]) -> list[str]:
    """Returns a line for each row, with all instructions of both sides, and their own ones."""
    lines = [f"{'C':>9} {'Rust':>9} {'own C':>9} {'own Rust':>9} {'own ratio':>9}  row"]
    for key, row in rows.items():
        mine = own(row.c, row.rust)
        lines.append(
            f"{sum(row.c.values()):9} {sum(row.rust.values()):9} {mine.c:9} {mine.rust:9} "
            f"{ratio(mine.ratio):>9}  {key.group} {key.name}"
        )
    return lines


def beside(key: Key, row: Row) -> list[str]:
    """Returns the sums, then the functions that are compared, then the functions that these call; in each
    part, functions with the larger count come first."""
    mine = own(row.c, row.rust)
    theirs = sorted(row.symbols(), key=lambda symbol: (-_larger(row, symbol), symbol))
    compared = [symbol for symbol in theirs if symbol.endswith((VMA_C, *MODULES))]
    called = [symbol for symbol in theirs if symbol not in compared]
    names = _for_people(theirs)
    return [
        f"{key.group} {key.name}: instructions of one call",
        "",
        f"{'C':>9} {'Rust':>9} {'difference':>10}",
        _line(sum(row.c.values()), sum(row.rust.values()), "all"),
        _line(mine.c, mine.rust, "own: without what both call"),
        "",
        *(_line(row.c.get(each, 0), row.rust.get(each, 0), names[each]) for each in compared),
        "",
        *(_line(row.c.get(each, 0), row.rust.get(each, 0), names[each]) for each in called),
    ]


def _larger(row: Row, symbol: str) -> int:
    return max(row.c.get(symbol, 0), row.rust.get(symbol, 0))


def _line(c: float, rust: float, what: str) -> str:
    return f"{c:9} {rust:9} {rust - c:+10}  {what}"


def _for_people(symbols: Iterable[str]) -> dict[str, str]:
    """Returns the names in the sources by the names of the linker."""
    symbols = list(symbols)
    bare = [symbol.partition("[")[0] for symbol in symbols]
    try:
        finished = subprocess.run(
            [DEMANGLER], input="\n".join(bare), capture_output=True, text=True, check=True
        )
        demangled = finished.stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        demangled = bare
    return {
        symbol: name + symbol[len(mangled) :]
        for symbol, mangled, name in zip(symbols, bare, demangled, strict=True)
    }
