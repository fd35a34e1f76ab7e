# SPDX-License-Identifier: GPL-2.0
"""The plugin that counts, inside QEMU, where the guest executes instructions: count_by_place.c."""

from pathlib import Path

from machine.compiler import compiled
from machine.places import BUILD, TOP

FOLDER = TOP / "scripts" / "machine"
COMPILER = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"]


def count_by_place() -> Path:
    return compiled(
        "scripts/machine/count_by_place.c",
        BUILD / "host" / "count_by_place.so",
        COMPILER,
        [FOLDER / "count_by_place.c"],
        FOLDER.glob("*.h"),
    )
