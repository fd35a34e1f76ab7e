# SPDX-License-Identifier: GPL-2.0
"""A running guest: QEMU, its channels to this process, and waiting for either with a time limit."""

import os
import selectors
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from vm.failure import NO_STATUS, TIMED_OUT, Failure

# In the order that /init expects.
CHANNELS = ("terminal", "stdout", "stderr", "control")
CHUNK = 1 << 16

Receiver = Callable[[bytes], None]


class Guest:
    """A running guest. As a context manager, it ends QEMU at the end of the block."""

    def __init__(self, command_line: Callable[[dict[str, int]], list[str]], words: Path) -> None:
        """Starts QEMU. `words` is a file for QEMU's own output."""
        ours: dict[str, socket.socket] = {}
        theirs: dict[str, socket.socket] = {}
        for name in CHANNELS:
            ours[name], theirs[name] = socket.socketpair()
        descriptors = {name: end.fileno() for name, end in theirs.items()}
        with words.open("wb") as output:
            self._qemu = subprocess.Popen(
                command_line(descriptors),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=list(descriptors.values()),
                start_new_session=True,  # so that ^C reaches us, not QEMU
            )
        for end in theirs.values():
            end.close()
        self._channels = ours
        self._ended = False
        self._selector = selectors.DefaultSelector()
        self._qemu_handle = os.pidfd_open(self._qemu.pid)
        self._selector.register(self._qemu_handle, selectors.EVENT_READ, self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._qemu.kill()
        self._qemu.wait()
        self._selector.close()
        os.close(self._qemu_handle)
        for channel in self._channels.values():
            channel.close()

    def receive(self, channel: str, receiver: Receiver) -> None:
        """Passes all data that arrives on the channel from now on to `receiver`."""
        self.watch(self._channels[channel].fileno(), receiver)

    def watch(self, descriptor: int, receiver: Receiver) -> None:
        """Passes all data that arrives on a descriptor of the host, such as the user's terminal, to
        `receiver`."""

        def read() -> None:
            try:
                data = os.read(descriptor, CHUNK)
            except ConnectionResetError:
                data = b""
            if data:
                receiver(data)
            else:
                self._selector.unregister(descriptor)

        self._selector.register(descriptor, selectors.EVENT_READ, read)

    def send(self, channel: str, data: bytes) -> None:
        # The pipe is broken if QEMU has ended, which _end() will notice.
        with suppress(BrokenPipeError):
            self._channels[channel].sendall(data)

    def wait_until(self, done: Callable[[], bool], seconds: float | None, awaited: str) -> None:
        """Handles the channels until `done`. Fails at the time limit; `awaited` says what did not happen."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not done():
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                raise Failure(TIMED_OUT, f"timed out: {awaited} within {seconds:g} s")
            ready = self._selector.select(0 if self._ended else remaining)
            for key, _ in ready:
                key.data()
            # When nothing more is ready, all data that QEMU sent before it ended has been handled.
            if self._ended and not ready and not done():
                raise Failure(NO_STATUS, f"the guest ended, and {awaited}")

    def ended(self) -> bool:
        return self._ended

    def _end(self) -> None:
        self._ended = True
        self._selector.unregister(self._qemu_handle)
