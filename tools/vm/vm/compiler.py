# SPDX-License-Identifier: GPL-2.0
"""Compiles C, if the output is missing or is older than its sources."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from vm.failure import NO_STATUS, Failure


def compiled(
    what: str, output: Path, compiler: list[str], sources: list[Path], headers: Iterable[Path]
) -> Path:
    """Compiles the sources to `output`, and returns `output`. `what` is its name in an error message;
    `compiler` includes options."""
    newest = max(file.stat().st_mtime for file in [*sources, *headers])
    if output.exists() and output.stat().st_mtime > newest:
        return output
    if shutil.which(compiler[0]) is None:
        raise Failure(NO_STATUS, f"{compiler[0]} is missing: run scripts/setup")
    output.parent.mkdir(parents=True, exist_ok=True)
    # A unique name until the output is complete, because other runs may be compiling it too.
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    finished = subprocess.run([*compiler, "-o", str(partial), *map(str, sources)], check=False)
    if finished.returncode != 0:
        raise Failure(NO_STATUS, f"{what} does not compile")
    partial.replace(output)
    return output
