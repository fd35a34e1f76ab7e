# SPDX-License-Identifier: GPL-2.0
"""A headless Chromium with one page, driven over the DevTools protocol: messages in JSON through two
pipes, each with a zero byte behind it."""

import base64
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = "chromium"
SECONDS = 60

# For sandboxes it wants users that a container may not have; the page is our own. Without the others
# it talks to its maker when it starts.
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

# Where Chromium expects its ends of the pipes.
ITS_INPUT = 3
ITS_OUTPUT = 4

Message = dict[str, Any]


class BrowserError(Exception):
    """Chromium did not do what it was told to."""


class Chromium:
    """A context manager: no Chromium outlives the block."""

    def __init__(self, width: int, height: int) -> None:
        its_input, self._input = _pipe()
        self._output, its_output = _pipe()
        self._profile = tempfile.TemporaryDirectory(
            prefix="rust-vma-chromium-", ignore_cleanup_errors=True
        )
        # The shell gives the pipes the numbers that they have to have.
        script = f'in=$1 out=$2; shift 2; exec "$@" {ITS_INPUT}<&"$in" {ITS_OUTPUT}>&"$out"'
        numbers = [str(its_input), str(its_output)]
        options = [*OPTIONS, f"--user-data-dir={self._profile.name}"]
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", *numbers, PROGRAM, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[its_input, its_output],
            start_new_session=True,
        )
        os.close(its_input)
        os.close(its_output)
        self._received = b""
        self._number = 0
        self._session: str | None = None
        self._preferences: dict[str, str] = {}
        # What happened since the page was opened.
        self.events: list[Message] = []
        self._open_tab(width, height)

    def _open_tab(self, width: int, height: int) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._input)
        os.close(self._output)
        self._profile.cleanup()

    def call(self, method: str, **parameters: Any) -> Message:
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._input, data) :]
        answer = self._wait_for(lambda each: each.get("id") == self._number, method)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: Message = answer["result"]
        return result

    def _wait_for(self, is_it: Any, awaited: str) -> Message:
        deadline = time.monotonic() + SECONDS
        while True:
            message = self._receive(deadline, awaited)
            if "method" in message:
                self.events.append(message)
            if is_it(message):
                return message

    def _receive(self, deadline: float, awaited: str) -> Message:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._output], [], [], deadline - time.monotonic())
            data = os.read(self._output, 1 << 16) if ready else b""
            if not data:
                raise BrowserError(f"{awaited}: Chromium {'ended' if ready else 'did not answer'}")
            self._received += data
        first, _, self._received = self._received.partition(b"\0")
        message: Message = json.loads(first)
        return message

    def open(self, page: Path) -> None:
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._wait_for(lambda each: each.get("method") == "Page.loadEventFired", "loading")

    def evaluate(self, expression: str) -> Any:
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_until(self, expression: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                raise BrowserError(f"this did not become true: {expression}")
            time.sleep(0.02)

    def prefer(self, feature: str, value: str) -> None:
        """What the system prefers, such as a dark colour scheme."""
        self._preferences[feature] = value
        features = [{"name": name, "value": each} for name, each in self._preferences.items()]
        self.call("Emulation.setEmulatedMedia", features=features)

    def settle(self) -> None:
        """Until what has changed is drawn: pages draw in the next frame, or the one after it."""
        self.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => "
            "setTimeout(done))))"
        )

    def middle_of(self, selector: str, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
        """Where an element is (or a part of it, given from 0 to 1), after it is scrolled to."""
        box = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({ block: 'nearest' }); const b = e.getBoundingClientRect();"
            "return [b.left, b.top, b.width, b.height]; })()"
        )
        return box[0] + x * box[2], box[1] + y * box[3]

    def mouse(self, kind: str, at: tuple[float, float], **more: Any) -> None:
        self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], **more)

    def click(self, selector: str, x: float = 0.5, y: float = 0.5) -> None:
        at = self.middle_of(selector, x, y)
        self.mouse("mouseMoved", at)
        self.mouse("mousePressed", at, button="left", clickCount=1)
        self.mouse("mouseReleased", at, button="left", clickCount=1)

    def press(self, key: str, shift: bool = False) -> None:
        codes = {"Enter": 13, "ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40, "End": 35}
        code = codes.get(key, ord(key[0]))
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                modifiers=8 if shift else 0,
                **({"text": key} if len(key) == 1 and kind == "keyDown" else {}),
            )

    def text(self, selector: str) -> str:
        found = self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")
        return str(found)

    def screenshot(self, path: Path, whole_page: bool = False) -> None:
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole_page)["data"]
        path.write_bytes(base64.b64decode(data))


def _pipe() -> tuple[int, int]:
    """The two ends of a pipe, with numbers above those that Chromium expects."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]
