# SPDX-License-Identifier: GPL-2.0
"""Runs each command that the documentation shows with its output."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shown.blocks import Block, blocks_in, missing
from vm.places import TOP

DOCUMENTS = sorted(
    [TOP / "README.md", TOP / "CONTRIBUTING.md", *(TOP / "Documentation").rglob("*.rst")]
)
TIMEOUT = 900


def every_block() -> Iterator[tuple[Path, Block]]:
    for document in DOCUMENTS:
        for block in blocks_in(document.read_text(encoding="utf-8")):
            yield document, block


def named(block: tuple[Path, Block]) -> str:
    return f"{block[0].name}:{block[1].line}"


@pytest.mark.guest
@pytest.mark.parametrize("block", [b for b in every_block() if b[1].command], ids=named)
def test_output_is_what_the_command_prints(block: tuple[Path, Block]) -> None:
    _, shown = block
    ran = subprocess.run(
        ["bash", "-c", shown.command],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    absent = missing(shown.output, ran.stdout.splitlines())
    assert absent is None, (
        f"{shown.command} has not printed this line there: {absent}\n{ran.stdout}"
    )


def test_no_command_is_shown_with_output_that_is_not_tested() -> None:
    untested = [
        named(block)
        for block in every_block()
        if block[1].has_prompt and block[1].output and not block[1].command
    ]
    assert untested == []
