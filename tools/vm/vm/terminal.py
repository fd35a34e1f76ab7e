# SPDX-License-Identifier: GPL-2.0
"""The user's terminal while a shell in the guest has it."""

import os
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

# Ctrl-], telnet's choice: the way out of a guest that no longer answers.
ESCAPE = b"\x1d"


@contextmanager
def raw(descriptor: int) -> Iterator[None]:
    """Sends every key, including ^C, to the guest within the block. Restores the terminal afterwards."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def size_for_stty(descriptor: int) -> str:
    size = os.get_terminal_size(descriptor)
    return f"rows {size.lines} cols {size.columns}" if size.lines else ""


def write(descriptor: int, data: bytes) -> None:
    """Writes all data; os.write() may write only a part."""
    while data:
        data = data[os.write(descriptor, data) :]
