# SPDX-License-Identifier: GPL-2.0
"""Runs each command that the documentation shows, and compares its output."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shown.blocks import COMMENT, Block, blocks_in, missing
from vm.places import TOP

DOCUMENTS = sorted(
    [TOP / "README.md", TOP / "CONTRIBUTING.md", *(TOP / "Documentation").rglob("*.rst")]
)
TIMEOUT = 900


def every_block() -> Iterator[tuple[Path, Block]]:
    for document in DOCUMENTS:
        for block in blocks_in(document.read_text(encoding="utf-8")):
            yield document, block


def run(command: str) -> tuple[int, str]:
    """Returns the exit status of a command, and its output. Kills all its processes at the time limit."""
    with subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, printed


def named(block: tuple[Path, Block]) -> str:
    return f"{block[0].name}:{block[1].line}"


@pytest.mark.guest
@pytest.mark.parametrize("block", [b for b in every_block() if b[1].command], ids=named)
def test_output_is_what_the_command_prints(block: tuple[Path, Block]) -> None:
    _, shown = block
    status, printed = run(shown.command)
    assert status == 0, f"{shown.command} ended with {status}\n{printed}"
    absent = missing(shown.output, printed.splitlines())
    assert absent is None, f"{shown.command} has not printed this line there: {absent}\n{printed}"


def test_every_command_is_that_of_a_block_with_output() -> None:
    commands = sum(
        COMMENT.match(line) is not None
        for document in DOCUMENTS
        for line in document.read_text(encoding="utf-8").splitlines()
    )
    assert commands == sum(bool(b.command and b.output) for _, b in every_block())


def test_no_command_is_shown_with_output_that_is_not_tested() -> None:
    untested = [
        named(block)
        for block in every_block()
        if block[1].has_prompt and block[1].output and not block[1].command
    ]
    assert untested == []
