# SPDX-License-Identifier: GPL-2.0
"""Tests which kernel and modules a guest boots."""

from pathlib import Path

import pytest

from vm import kernels
from vm.architecture import ARCHITECTURES
from vm.cpio import Archive
from vm.initramfs import add_dynamic
from vm.kernels import Kernel, kernel_for

X86_64 = ARCHITECTURES["x86_64"]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Makes a folder with the results of each script that builds or downloads something."""

    def folder_from(script: str, *arguments: str) -> Path:
        assert arguments[:2] == ("--arch", "x86_64")
        return tmp_path / f"{script}-{arguments[3]}"

    for name in (
        "stock-kernel-debian-6.1/modules/11-second.ko",
        "stock-kernel-debian-6.1/modules/10-first.ko",
        "module-base/rust_vma.ko",
        "module-base/other.ko",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(kernels, "folder_from", folder_from)
    return tmp_path


def test_a_kernel_of_ours(built: Path) -> None:
    image = built / "kernel-base" / X86_64.image
    module = built / "module-base" / "rust_vma.ko"
    assert kernel_for(X86_64, "base") == Kernel(image, [module], [])


def test_one_without_the_hook_has_no_modules(built: Path) -> None:
    assert kernel_for(X86_64, "plain") == Kernel(built / "kernel-plain" / X86_64.image, [], [])


def test_the_modules_of_a_stock_kernel_are_in_order(built: Path) -> None:
    folder = built / "stock-kernel-debian-6.1"
    modules = [folder / "modules" / name for name in ("10-first.ko", "11-second.ko")]
    assert kernel_for(X86_64, "debian-6.1") == Kernel(folder / "vmlinuz", [], modules)


def test_a_program_comes_with_its_libraries(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    add_dynamic(archive, Path("/bin/ls"))
    archive.close()
    content = (tmp_path / "archive").read_bytes()
    for name in (b"bin/ls\0", b"lib/ls/ls\0", b"lib/ls/libc.so.6\0", b"exec /lib/ls/ld-"):
        assert name in content
