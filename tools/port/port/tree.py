# SPDX-License-Identifier: GPL-2.0
"""A kernel tree: its release, and the definitions in it, without the project's own patches."""

import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from port.definitions import Definition, definitions_in
from vm.failure import BAD_USAGE, Failure

# The folders with memory management and the functions that it calls. Only files directly in a folder are
# searched.
PLACES = (
    "mm",
    "include/linux",
    "include/linux/sched",
    "include/uapi/linux",
    "kernel",
    "kernel/events",
    "fs",
    "lib",
    "security",
    "arch/arm64/include/asm",
    "arch/x86/include/asm",
)
# The functions for a kernel without an MMU, which does not merge VMAs.
LEFT_OUT = {"mm/nommu.c"}
# Names of members are common words, so members count in these files only.
OF_MEMBERS = re.compile(r"mm/[^/]+\.h|include/linux/mm(_types)?\.h")
# This file is in the tree if the project's patches are.
MARK = "mm/vma_hook.c"
PATCHED_FILE = re.compile(r"^(?:---|\+\+\+) [ab]/(\S+)", re.MULTILINE)
RELEASE = re.compile(r"^(?:VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", re.MULTILINE)
WORD = re.compile(rb"\w+")


class Tree:
    """A kernel tree, read only. `root` may have one of the project's series of patches in it."""

    def __init__(self, root: Path, every_series: list[list[Path]]) -> None:
        makefile = root / "Makefile"
        release = RELEASE.findall(makefile.read_text()) if makefile.is_file() else []
        if len(release) != 3 or not (root / "mm").is_dir():
            raise Failure(BAD_USAGE, f"{root} is not the top of a kernel tree")
        self.root = root
        self.release = ".".join(release)
        self.unpatched = (
            files_without(every_series, root)
            if (root / MARK).exists()
            else dict[str, bytes | None]()
        )
        self.definitions_in = cache(self._definitions_in)

    def __str__(self) -> str:
        return f"Linux {self.release} in {self.root}"

    def read(self, path: str) -> bytes | None:
        """Returns the contents of a file without the project's patches, or nothing if it does not exist."""
        if path in self.unpatched:
            return self.unpatched[path]
        file = self.root / path
        return file.read_bytes() if file.is_file() else None

    def paths(self) -> Iterator[str]:
        """Yields the files to search."""
        for place in PLACES:
            for file in sorted((self.root / place).glob("*.[ch]")):
                path = str(file.relative_to(self.root))
                if path not in LEFT_OUT:
                    yield path

    def _definitions_in(self, path: str) -> Mapping[str, list[Definition]]:
        by_name = defaultdict(list)
        for each in definitions_in(self.read(path) or b""):
            if OF_MEMBERS.fullmatch(path) or each.name.endswith("()") or each.name.isupper():
                by_name[each.name].append(each)
        return by_name

    def search(self, names: set[str]) -> Mapping[str, list[str]]:
        """Returns the files that define each of these names."""
        found = defaultdict(list)
        words = {Definition(name, ()).identifier.encode(): name for name in names}
        for path in self.paths():
            if words.keys() & set(WORD.findall(self.read(path) or b"")):
                for name in names & self.definitions_in(path).keys():
                    found[name].append(path)
        return found


def files_without(every_series: list[list[Path]], root: Path) -> Mapping[str, bytes | None]:
    """Returns the files that the series in the tree touches, as they were before; nothing for a new file.
    Each release of the kernel has its own series; the tree has the one that can be reverted."""
    failed = []
    for patches in every_series:
        try:
            return files_before(patches, root)
        except Failure as failure:
            failed.append(str(failure))
    reasons = ", ".join(failed) or "there are none"
    raise Failure(
        BAD_USAGE,
        f"{root} has {MARK}, but no series of patches can be taken out of it ({reasons}); KSRC has to "
        "be a tree without the patches, or with all of a series",
    )


def files_before(patches: list[Path], root: Path) -> Mapping[str, bytes | None]:
    """Returns the files that the patches touch, as they were before; nothing for a new file. Fails if the
    patches are not in the tree."""
    texts = [patch.read_text(encoding="utf-8") for patch in patches]
    touched = {path for text in texts for path in PATCHED_FILE.findall(text)}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for path in touched:
            if (root / path).is_file():
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / path, copy / path)
        for patch in sorted(patches, reverse=True):
            command = ["patch", "--reverse", "--strip=1", "--fuzz=0", "--force", "--quiet"]
            command += ["--no-backup-if-mismatch", "--reject-file=-", f"--input={patch}"]
            taken_out = subprocess.run(command, cwd=copy, capture_output=True, check=False)
            if taken_out.returncode != 0:
                name = f"{patch.parent.name}/{patch.name}"
                raise Failure(BAD_USAGE, f"{name} cannot be taken out")
        return {
            path: (copy / path).read_bytes() if (copy / path).is_file() else None
            for path in touched
        }
