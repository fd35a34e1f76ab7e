# SPDX-License-Identifier: GPL-2.0
"""The kernels that guests boot: ours, which scripts/kernel builds, and Debian's own."""

from dataclasses import dataclass
from pathlib import Path

from vm.architecture import Architecture
from vm.built import folder_from
from vm.places import TOP

CONFIGS = TOP / "kernel" / "configs"
# The kernels that are base with some options changed. A file whose name ends with an architecture is for that
# architecture only.
VARIANTS = tuple(
    sorted(
        path.stem.removesuffix("-x86_64").removesuffix("-arm64")
        for pattern in ("without-*.config", "pages-*.config")
        for path in CONFIGS.glob(pattern)
    )
)
WITH_HOOK = ("base", "bench", "debug", "hardened", "distro", *VARIANTS)
STOCK = ("debian-6.1", "debian-6.12", "debian-7.3")
KERNELS = (*WITH_HOOK, "plain", *STOCK)
OUR_MODULES = ("rust_vma.ko", "rust_vma_kunit.ko", "rust_vma_sample.ko")


@dataclass(frozen=True)
class Kernel:
    """A kernel that a guest boots."""

    image: Path
    modules: list[Path]
    # The modules that the guest loads first, in this order, to reach the host.
    first_modules: list[Path]


def kernel_for(architecture: Architecture, name: str) -> Kernel:
    """Returns a kernel. Builds or downloads it if necessary."""
    which = ("--arch", architecture.name, "--kernel", name)
    if name in STOCK:
        folder = folder_from("stock-kernel", *which)
        return Kernel(folder / "vmlinuz", [], sorted((folder / "modules").iterdir()))
    image = folder_from("kernel", *which) / architecture.image
    modules = []
    if name in WITH_HOOK:
        folder = folder_from("module", *which)
        modules = [folder / module for module in OUR_MODULES if (folder / module).exists()]
    return Kernel(image, modules, [])
