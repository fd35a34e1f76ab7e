# SPDX-License-Identifier: GPL-2.0
"""Opens a page in a tab, and uses it as a person does."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page


@contextmanager
def opened(page: Page, contents: bytes, dark: bool = False) -> Iterator[list[str]]:
    """Opens a page. Yields its complaints so far. At the end, checks that the page has not complained, and
    has requested nothing."""
    complaints: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_bytes(contents)
        page.goto(file.as_uri())
        page.locator("#contents[data-is-shown]").wait_for()
        settle(page)
        yield complaints
        assert not complaints
        assert set(requests) == {file.as_uri()}


def settle(page: Page) -> None:
    """Waits until changes are drawn, which happens in the next frame or the one after it."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => "
        "setTimeout(done))))"
    )


def text(page: Page, selector: str) -> str:
    return page.text_content(selector) or ""


def middle_of(page: Page, selector: str, x: float = 0.5) -> tuple[float, float]:
    """Scrolls to an element. Returns the point in its middle row at the fraction `x`, from 0 to 1, of its
    width."""
    element = page.locator(selector).first
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + box["height"] / 2


def point_to(page: Page, selector: str, x: float = 0.5) -> None:
    page.mouse.move(*middle_of(page, selector, x))
    settle(page)


def point_to_nothing(page: Page) -> None:
    page.mouse.move(5, 5)
    settle(page)


def click(page: Page, selector: str, x: float = 0.5) -> None:
    page.mouse.click(*middle_of(page, selector, x))
    settle(page)


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    settle(page)
