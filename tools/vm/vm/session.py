# SPDX-License-Identifier: GPL-2.0
"""The run of a command in a guest, from boot to power-off: the host's side of the protocol with /init
(scripts/guest/init)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from vm import terminal
from vm.failure import NO_STATUS, Failure
from vm.guest import Guest

# A whole Debian stops its services first.
POWER_OFF_SECONDS = 120


class Messages:
    """The messages of /init on the control channel, a line each."""

    def __init__(self) -> None:
        self._received = b""

    def feed(self, data: bytes) -> None:
        self._received += data

    def find(self, word: str) -> str | None:
        """Returns the rest of the line that begins with `word`, if the line has arrived."""
        *lines, _ = self._received.decode(errors="backslashreplace").split("\n")
        for line in lines:
            first, _, rest = line.partition(" ")
            if first == "failed":
                raise Failure(NO_STATUS, f"the guest failed to start: {rest}")
            if first == word:
                return rest
        return None


class Output:
    """A stream of the command, which is passed on, up to the mark at its end."""

    def __init__(self, descriptor: int, end: bytes) -> None:
        self._descriptor = descriptor
        self._end = end
        self._held = b""
        self.complete = False

    def feed(self, data: bytes) -> None:
        data = self._held + data
        self.complete = data.endswith(self._end)
        # Bytes that may be the beginning of the mark are held until the rest arrives.
        held = next(n for n in range(len(self._end), -1, -1) if data.endswith(self._end[:n]))
        passed, self._held = data[: len(data) - held], data[len(data) - held :]
        terminal.write(self._descriptor, passed)


def run(
    guest: Guest, end: bytes, interactive: bool, boot_seconds: int, timeout: float | None
) -> int:
    """Waits for each step of a command's run. Returns the command's exit status."""
    messages = Messages()
    guest.receive("control", messages.feed)
    guest.wait_until(lambda: messages.find("ready") is not None, boot_seconds, "it had not booted")
    with _connected(guest, end, interactive) as outputs:
        guest.wait_until(
            lambda: messages.find("exit") is not None, timeout, "the command had not ended"
        )
        guest.wait_until(
            lambda: all(output.complete for output in outputs),
            POWER_OFF_SECONDS,
            "the command's output had not arrived",
        )
        guest.send("control", b"\n")
        guest.wait_until(guest.ended, POWER_OFF_SECONDS, "it had not powered off")
    return int(messages.find("exit") or NO_STATUS)


@contextmanager
def _connected(guest: Guest, end: bytes, interactive: bool) -> Iterator[list[Output]]:
    """Connects the command's streams to the user's. Yields the streams whose ends have to arrive."""
    if not interactive:
        outputs = [Output(sys.stdout.fileno(), end), Output(sys.stderr.fileno(), end)]
        guest.receive("stdout", outputs[0].feed)
        guest.receive("stderr", outputs[1].feed)
        yield outputs
        return
    with terminal.raw(sys.stdin.fileno()):
        guest.receive("terminal", lambda data: terminal.write(sys.stdout.fileno(), data))
        guest.watch(sys.stdin.fileno(), lambda data: _type(guest, data))
        yield []


def _type(guest: Guest, keys: bytes) -> None:
    if terminal.ESCAPE in keys:
        raise Failure(NO_STATUS, "ended by Ctrl-]")
    guest.send("terminal", keys)
