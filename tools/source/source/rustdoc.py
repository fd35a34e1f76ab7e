# SPDX-License-Identifier: GPL-2.0
"""Builds the documentation that stands in the Rust sources, private items too, as that is all there
is: two modules export nothing. A warning is a failure. Prints where to begin to read."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from source.crates import BINDINGS, ROOTS, kernel_from_arguments, output_of_make
from vm.places import BUILD


def compiler_arguments(command_file: str) -> tuple[dict[str, str], list[str]]:
    """Returns the environment and the arguments that the kernel's make gave to rustc."""
    first_line = command_file.splitlines()[0]
    command = first_line.split(":=", maxsplit=1)[1].split(" ; ", maxsplit=1)[0]
    words = shlex.split(command.replace("$(pound)", "#").replace("$$", "$"))
    beginning = next(index for index, word in enumerate(words) if "=" not in word)
    environment = dict(word.split("=", maxsplit=1) for word in words[:beginning])
    return environment, words[beginning + 1 :]


def without_output(arguments: list[str]) -> list[str]:
    """Drops the options about the location and the contents of compiled code, which rustdoc does not have."""
    kept = [word for word in arguments if not word.startswith(("--emit=", "--remap-path-"))]
    where = kept.index("--out-dir")
    return kept[:where] + kept[where + 2 :]


def document(crate: str, modules: Path, output: Path) -> int:
    command_file = modules / ROOTS[crate].parent / f".{crate}.o.cmd"
    environment, arguments = compiler_arguments(command_file.read_text())
    environment |= {"RUSTC_BOOTSTRAP": "1", "RUST_VMA_BINDINGS": str(modules / BINDINGS)}
    command = ["rustdoc", *without_output(arguments), f"--crate-name={crate}"]
    command += ["--document-private-items", "-Dwarnings", "-o", str(output)]
    finished = subprocess.run(command, cwd=modules, env={**os.environ, **environment}, check=False)
    return finished.returncode


def main() -> int:
    modules = output_of_make(*kernel_from_arguments("rustdoc", __doc__))
    output = BUILD / "rustdoc"
    for crate in ROOTS:
        status = document(crate, modules, output)
        if status != 0:
            return status
    print(output / "rust_vma" / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
