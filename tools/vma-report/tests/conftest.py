# SPDX-License-Identifier: GPL-2.0
"""Fixtures: Debian's Chromium, headless, with a tab for each test."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

TOP = Path(__file__).parents[3]
PROGRAM = "/usr/bin/chromium"
# Its sandbox needs users that a container may not have. The page is our own.
OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage"]
SIZE = ViewportSize(width=1360, height=1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    subprocess.run([TOP / "scripts" / "setup", "--chromium"], check=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=PROGRAM, args=OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page(viewport=SIZE, device_scale_factor=1)
    tab.set_default_timeout(60_000)
    yield tab
    tab.close()
