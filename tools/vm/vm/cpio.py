# SPDX-License-Identifier: GPL-2.0
"""Writes the archive format that the kernel unpacks as an initramfs ("newc", see
Documentation/driver-api/early-userspace/buffer-format.rst). Needs no root for device nodes."""

import os
import stat
from pathlib import Path
from typing import BinaryIO


class Archive:
    """An archive. Folders have to be added before their contents. The archive has to be closed, or the kernel
    finds it broken."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._entries = 0

    def folder(self, name: str, permissions: int = 0o755) -> None:
        self._entry(name, stat.S_IFDIR | permissions, b"")

    def file(self, name: str, content: bytes, permissions: int = 0o644) -> None:
        self._entry(name, stat.S_IFREG | permissions, content)

    def link(self, name: str, target: str) -> None:
        self._entry(name, stat.S_IFLNK | 0o777, os.fsencode(target))

    def device(self, name: str, major: int, minor: int) -> None:
        self._entry(name, stat.S_IFCHR | 0o600, b"", major, minor)

    def close(self) -> None:
        self._entry("TRAILER!!!", 0, b"")
        self._file.close()

    def _entry(self, name: str, mode: int, content: bytes, major: int = 0, minor: int = 0) -> None:
        self._entries += 1
        encoded_name = os.fsencode(name) + b"\0"
        # inode, mode, owner, group, links, time, size, the archive's own device (two numbers),
        # the node's device (two numbers), length of the name, checksum (unused)
        fields = [self._entries, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor]
        fields += [len(encoded_name), 0]
        self._file.write(b"070701" + b"".join(b"%08X" % field for field in fields))
        self._padded(encoded_name)
        self._padded(content)

    def _padded(self, content: bytes) -> None:
        """Writes a name or a content, padded to a multiple of four bytes from the start of the file."""
        self._file.write(content)
        self._file.write(bytes(-self._file.tell() % 4))
