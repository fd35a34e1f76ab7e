# SPDX-License-Identifier: GPL-2.0
"""Tests that QEMU counts each instruction of a guest, on code whose counts are known
(tests/guest/marked.c)."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from bench.profile import regions
from bench.profile.symbols import KERNEL_BEGINS
from vm.architecture import ARCHITECTURES
from vm.places import TOP


def counted(arch: str, counts: Path) -> dict[str, dict[int, int]]:
    """Returns, for each region by its name, how many addresses have each count. Leaves out instructions of
    the kernel, which may interrupt the program."""
    command: list[str | Path] = [TOP / "scripts" / "vm", "--arch", arch, "--cpus", "1"]
    command += ["--count-by-place", counts, "--", "marked"]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {
        region.key.name: dict(
            Counter(count for address, count in region.counts.items() if address < KERNEL_BEGINS)
        )
        for region in regions.read(counts.read_text(), finished.stdout)
    }


@pytest.mark.guest
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_instruction_counts(arch: str, tmp_path: Path) -> None:
    expected = {"none": {}, "thousand": {1: 1000}, "loop": {1: 1, 7: 3}}
    assert counted(arch, tmp_path / "counts") == expected
