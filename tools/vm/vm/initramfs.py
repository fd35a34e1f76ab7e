# SPDX-License-Identifier: GPL-2.0
"""Packs the initramfs of a guest: busybox, the modules, our programs, and the command."""

import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vm.architecture import Architecture
from vm.compiler import compiled
from vm.cpio import Archive
from vm.kernels import Kernel
from vm.places import BUILD, CACHE, TOP

GUEST_SCRIPTS = TOP / "scripts" / "guest"
GUEST_PROGRAMS = TOP / "tests" / "guest"


@dataclass(frozen=True)
class Order:
    """The task of a guest."""

    command: bytes  # a shell script
    settings: bytes  # shell variables, read by /init
    stdin: bytes


def pack(path: Path, architecture: Architecture, kernel: Kernel, order: Order) -> None:
    """Packs an initramfs. Every run packs its own, which takes milliseconds for some megabytes, so that
    nothing is shared and nothing is out of date."""
    archive = Archive(path)
    for folder in ("bin", "dev", "etc", "lib", "proc", "root", "run", "sys", "tmp"):
        archive.folder(folder)
    archive.link("sbin", "bin")
    # The kernel opens this device for /init before anything is mounted.
    archive.device("dev/console", 5, 1)
    archive.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    archive.file("etc/group", b"root:x:0:\n")

    archive.file("init", (GUEST_SCRIPTS / "init").read_bytes(), 0o755)
    busybox = CACHE / "guest" / architecture.name / "busybox"
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    archive.link("bin/sh", "busybox")
    for script in _files_in(GUEST_SCRIPTS):
        if script.name != "init":
            archive.file(f"bin/{script.name}", script.read_bytes(), 0o755)
    for folder in ("debian", "debian/programs"):
        archive.folder(f"lib/{folder}")
        for script in _files_in(GUEST_SCRIPTS / folder):
            archive.file(f"lib/{folder}/{script.name}", script.read_bytes(), 0o755)
    for name, sources in _programs():
        program = _compiled(name, sources, architecture)
        archive.file(f"bin/{name}", program.read_bytes(), 0o755)
    for folder, modules in (("modules", kernel.modules), ("first", kernel.first_modules)):
        archive.folder(f"lib/{folder}")
        for module in modules:
            archive.file(f"lib/{folder}/{module.name}", module.read_bytes())
    _add_vma_explain(archive, architecture)

    archive.file("run/command", order.command, 0o755)
    archive.file("run/settings", order.settings)
    archive.file("run/stdin", order.stdin)
    archive.close()


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _add_vma_explain(archive: Archive, architecture: Architecture) -> None:
    """Adds vma-explain, if it was built for this architecture. For an architecture other than the host's, it
    is linked statically."""
    of_this_machine = BUILD / "vma-explain"
    of_another = BUILD / f"vma-explain-{architecture.name}"
    if architecture.host_machine != platform.machine():
        if of_another.exists():
            archive.file("bin/vma-explain", of_another.read_bytes(), 0o755)
    elif of_this_machine.exists():
        add_dynamic(archive, of_this_machine)


def add_dynamic(archive: Archive, program: Path) -> None:
    """Adds a program of this machine, and its libraries in a separate folder, where they do not conflict with
    libraries of other programs."""
    folder = f"lib/{program.name}"
    archive.folder(folder)
    linked = subprocess.run(["ldd", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    libraries = [Path(path) for path in re.findall(r"(/\S+) \(0x", linked)]
    for file in (program, *libraries):
        archive.file(f"{folder}/{file.name}", file.read_bytes(), 0o755)
    loader = next(library.name for library in libraries if library.name.startswith("ld-"))
    command = f'exec /{folder}/{loader} --library-path /{folder} /{folder}/{program.name} "$@"'
    archive.file(f"bin/{program.name}", f"#!/bin/sh\n{command}\n".encode(), 0o755)


def _programs() -> list[tuple[str, list[Path]]]:
    """Returns the programs: each C file, and each folder of C files, is a program."""
    files = [(source.stem, [source]) for source in GUEST_PROGRAMS.glob("*.c")]
    folders = [
        (folder.name, sorted(folder.glob("*.c")))
        for folder in GUEST_PROGRAMS.iterdir()
        if folder.is_dir()
    ]
    return sorted(files + folders)


def _compiled(name: str, sources: list[Path], architecture: Architecture) -> Path:
    """Compiles a program from these C files. Returns its path."""
    return compiled(
        f"the program tests/guest/{name}",
        BUILD / "guest" / architecture.name / name,
        [architecture.compiler, "-static", "-O2", "-g", "-Wall", "-Wextra"],
        sources,
        GUEST_PROGRAMS.rglob("*.h"),
    )
