# SPDX-License-Identifier: GPL-2.0
"""The project's crates, as the kernel's make builds them."""

import argparse
import sys
from pathlib import Path

from vm.architecture import ARCHITECTURES
from vm.built import folder_from
from vm.failure import Failure

# Their roots, in the project; the same folder has what make built, in its output.
ROOTS = {
    "rust_vma": Path("rust") / "rust_vma.rs",
    "rust_vma_kunit": Path("kunit") / "rust_vma_kunit.rs",
    "rust_vma_sample": Path("samples") / "rust_vma_sample.rs",
}
BINDINGS = Path("rust") / "helpers" / "bindings_generated.rs"


def kernel_from_arguments(command: str, description: str | None) -> tuple[str, ...]:
    """Returns options of scripts/module."""
    parser = argparse.ArgumentParser(prog=f"scripts/{command}", description=description)
    parser.add_argument("--arch", choices=ARCHITECTURES, default="x86_64")
    parser.add_argument("--kernel", choices=("base", "bench", "debug"), default="base")
    arguments = parser.parse_args()
    return ("--arch", arguments.arch, "--kernel", arguments.kernel)


def output_of_make(*options: str) -> Path:
    """Builds the modules, and with them the kernel crate and the bindings; or another target."""
    try:
        return folder_from("module", *options)
    except Failure as failure:
        sys.exit(str(failure))
