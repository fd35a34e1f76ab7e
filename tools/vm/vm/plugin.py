# SPDX-License-Identifier: GPL-2.0
"""count_by_place.c: the QEMU plugin that counts the guest's instructions by address."""

from pathlib import Path

from vm.compiler import compiled
from vm.places import BUILD, TOP

FOLDER = TOP / "tools" / "vm" / "plugin"
COMPILER = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"]


def count_by_place() -> Path:
    return compiled(
        "tools/vm/plugin/count_by_place.c",
        BUILD / "host" / "count_by_place.so",
        COMPILER,
        [FOLDER / "count_by_place.c"],
        FOLDER.glob("*.h"),
    )
