# SPDX-License-Identifier: GPL-2.0
"""The functions through which the differential driver enters the C code and the engine for the same call."""

from collections import Counter
from dataclasses import dataclass, field

from bench.own import own
from bench.userland.costs import Chain, Costs, UnreadableError

SIDES = ("c", "rust")


@dataclass(frozen=True)
class Entry:
    """A function, in C and in Rust."""

    name: str
    c: str
    rust: str


# The hooked helpers, entered through the hook, and the helpers that are not hooked, called directly.
ENTRIES = (
    Entry("vma_modify_flags", "c_vma_modify_flags", "rust_vma_modify_flags"),
    Entry("vma_modify_name", "c_vma_modify_name", "rust_vma_modify_name"),
    Entry("vma_modify_policy", "c_vma_modify_policy", "rust_vma_modify_policy"),
    Entry("vma_modify_flags_uffd", "c_vma_modify_flags_uffd", "rust_vma_modify_flags_uffd"),
    Entry("vma_merge_new_range", "c_vma_merge_new_range", "rust_vma_merge_new_range"),
    Entry("vma_merge_copied_range", "c_vma_merge_copied_range", "rust_vma_merge_copied_range"),
    Entry("vma_merge_extend", "c_vma_merge_extend", "rust_vma_merge_extend"),
    Entry("split_vma", "c_split_vma", "rust_vma_split_vma"),
    Entry("__split_vma", "c___split_vma", "rust_vma_split_vma_past_limit"),
    Entry("vma_expand", "c_vma_expand", "rust_vma_expand"),
    Entry("vma_shrink", "c_vma_shrink", "rust_vma_shrink"),
    Entry("vma_modify_flags_name", "modify_flags_name", "rust_vma_modify_flags_name"),
    Entry("vma_modify", "kernel_modify", "rust_vma_modify"),
    Entry(
        "vma_merge_existing_range",
        "kernel_merge_existing_range",
        "rust_vma_merge_existing_range",
    ),
)


@dataclass
class Profile:
    """One side of an entry: the number of its calls, and the instructions of all functions that it executed,
    including itself."""

    calls: int = 0
    instructions: Counter[str] = field(default_factory=Counter)

    def total(self) -> int:
        return self.instructions.total()


@dataclass
class Row:
    """Both sides of an entry."""

    name: str
    c: Profile = field(default_factory=Profile)
    rust: Profile = field(default_factory=Profile)

    def ratio(self) -> float:
        return self.rust.total() / self.c.total()

    def own_ratio(self) -> float:
        """Returns the ratio without the instructions that both sides execute."""
        return own(self.c.instructions, self.rust.instructions).ratio or 0.0


def outermost(chain: Chain, entries: dict[str, Profile]) -> Profile | None:
    """Returns the profile of the outermost entry in a chain. An entry may call another entry, whose
    instructions then belong to the outer one."""
    for symbol in reversed(chain):
        if symbol in entries:
            return entries[symbol]
    return None


def rows_of(costs: Costs, entries: tuple[Entry, ...]) -> list[Row]:
    """Returns the rows of all entries. Fails unless both sides of each entry were called equally often;
    otherwise they would not be the same calls."""
    rows = [Row(entry.name) for entry in entries]
    profiles: dict[str, Profile] = {}
    for entry, row in zip(entries, rows, strict=True):
        profiles[entry.c] = row.c
        profiles[entry.rust] = row.rust
    for chain, instructions in costs.instructions.items():
        profile = outermost(chain, profiles)
        if profile is not None:
            profile.instructions[chain[0]] += instructions
    for chain, calls in costs.calls.items():
        if chain[0] in profiles and outermost(chain[1:], profiles) is None:
            profiles[chain[0]].calls += calls
    for row in rows:
        if row.c.calls != row.rust.calls or not row.c.calls:
            raise UnreadableError(
                f"{row.name}: {row.c.calls} calls of C, and {row.rust.calls} of Rust"
            )
    return rows
