# SPDX-License-Identifier: GPL-2.0
"""What QEMU counts in a guest, of code of which it is known (tests/guest/marked.c)."""

import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from unittest import TestCase

from machine.places import TOP
from profiling import regions
from profiling.symbols import KERNEL_BEGINS

expect = TestCase()


def counted(arch: str) -> dict[str, dict[int, int]]:
    """For each region, by its name: how many addresses have each count. What the kernel executed, if it
    came between, is left out."""
    with tempfile.TemporaryDirectory(prefix="rust-vma-") as scratch:
        counts = Path(scratch) / "counts"
        command: list[str | Path] = [TOP / "scripts" / "vm", "--arch", arch, "--cpus", "1"]
        command += ["--count-by-place", counts, "--", "marked"]
        finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return {
            region.key.name: dict(
                Counter(
                    count for address, count in region.counts.items() if address < KERNEL_BEGINS
                )
            )
            for region in regions.read(counts.read_text(), finished.stdout)
        }


def every_instruction_counts(arch: str) -> None:
    expect.assertEqual(counted(arch), {"none": {}, "thousand": {1: 1000}, "loop": {1: 1, 7: 3}})
