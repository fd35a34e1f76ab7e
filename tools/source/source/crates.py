# SPDX-License-Identifier: GPL-2.0
"""The project's crates, as the kernel's make builds them."""

import argparse
import sys
from pathlib import Path

from vm.architecture import ARCHITECTURES
from vm.built import folder_from
from vm.failure import Failure

# The root files of the crates in the project. In make's output, the same folders have the built files.
ROOTS = {
    "rust_vma": Path("rust") / "rust_vma.rs",
    "rust_vma_kunit": Path("kunit") / "rust_vma_kunit.rs",
    "rust_vma_sample": Path("samples") / "rust_vma_sample.rs",
}
BINDINGS = Path("rust") / "helpers" / "bindings_generated.rs"


def kernel_from_arguments(command: str, description: str | None) -> tuple[str, ...]:
    """Parses the arguments of a command. Returns the kernel as options for scripts/module."""
    parser = argparse.ArgumentParser(prog=f"scripts/{command}", description=description)
    parser.add_argument("--arch", choices=ARCHITECTURES, default="x86_64")
    parser.add_argument("--kernel", choices=("base", "bench", "debug"), default="base")
    arguments = parser.parse_args()
    return ("--arch", arguments.arch, "--kernel", arguments.kernel)


def output_of_make(*options: str) -> Path:
    """Builds the modules, with the kernel crate and the bindings, or another target. Returns the output
    folder."""
    try:
        return folder_from("module", *options)
    except Failure as failure:
        sys.exit(str(failure))
