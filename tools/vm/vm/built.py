# SPDX-License-Identifier: GPL-2.0
"""Folders that scripts of the project build if they do not exist."""

import subprocess
from pathlib import Path

from vm.failure import NO_STATUS, Failure
from vm.places import TOP


def folder_from(script: str, *arguments: str) -> Path:
    """Returns the folder that the script prints. The script's messages go to stderr."""
    command = [str(TOP / "scripts" / script), *arguments]
    finished = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    if finished.returncode != 0:
        raise Failure(NO_STATUS, f"scripts/{script} failed")
    return Path(finished.stdout.strip())
