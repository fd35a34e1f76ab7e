# SPDX-License-Identifier: GPL-2.0
"""Searches the guest's kernel log for reports of defects."""

import re
from pathlib import Path

# The beginning of every line of the kernel (printk.time=1), but not of lines that programs write to the
# console.
TIMESTAMP = r"^\[\s*\d+\.\d+\]\ "

# Anchored where possible: "Spectre V2 : WARNING: ..." is about the processor, and not a report.
REPORT = re.compile(
    TIMESTAMP
    + r"""(
      WARNING:
    | WARN\ at\ \S+:\d+\ \(               # the maple tree's, by pr_info(); VMA iterators' too
    | issue\ in\                           # validate_mm(): a VMA is not where the tree has it
    | map_count\ \d+\ vma\ iterator\ -?\d+  # validate_mm(): the tree has more or fewer of them
    | .*\bBUG:
    | BUG\ \S+                              # slab: "BUG kmalloc-64 (Not tainted): ...", maple tree
    | kernel\ BUG\ at
    | .*\bOops\b
    | .*\[\#\d+\]                           # any way to die: "invalid opcode: 0000 [#1] SMP"
    | Internal\ error:                      # arm64's way to die
    | Unable\ to\ handle\ kernel
    | general\ protection\ fault
    | Kernel\ panic
    | KASAN | KCSAN | KFENCE | KMSAN | UBSAN:
    | kmemleak:.*suspected\ memory\ leak
    | INFO:\ task\ .*\ blocked
    | (rcu:\ )?INFO:\ .*\ (stall|stalls)\b
    | INFO:\ trying\ to\ register\ non-static\ key
    | DEBUG_LOCKS_WARN_ON
    | .*possible\ (circular\ locking|recursive\ locking|irq\ lock\ inversion)
    | .*suspicious\ RCU\ usage
    | .*inconsistent\ lock\ state
    | .*bad\ unlock\ balance
    | .*lock\ held\ when\ returning\ to\ user\ space
    | .*held\ lock\ freed
    | .*turning\ off\ the\ locking\ correctness\ validator
    | .*\ corruption\.\                     # list_add, list_del
    | .*nobody\ cared
    | rust_vma:\ .*Rust\ and\ C\ differ    # rust_vma_kunit's do, to see that it is noticed
    | rust_vma:\ .*cannot\ be\ meant
    | rust_vma:\ .*planned\ with\ a\ VMA\ that\ is\ not\ there
    )""",
    re.VERBOSE,
)


def read(path: Path) -> list[str]:
    if not path.exists():
        return []
    return path.read_text(errors="backslashreplace").splitlines()


def first_report(log: list[str]) -> int | None:
    """Returns the index of the first line that reports a defect."""
    return next((index for index, line in enumerate(log) if REPORT.match(line)), None)
