# SPDX-License-Identifier: GPL-2.0
"""Prints the last line of every run of tests, with the numbers of tests that passed and failed, and passes
the numbers to scripts/test."""

from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter


def pytest_addoption(parser: pytest.Parser) -> None:
    what = "append a line with the numbers of passed and of failed tests to FILE"
    parser.addoption("--counts", metavar="FILE", type=Path, help=what)
    parser.addoption(
        "--without-browser", action="store_true", help="no test that starts a Chromium"
    )
    parser.addoption("--without-guests", action="store_true", help="no test that boots a guest")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects tests that the options exclude; they do not count as failures."""
    left_out = {"browser": config.option.without_browser, "guest": config.option.without_guests}
    unwanted = [
        item for item in items if any(left_out.get(each.name) for each in item.iter_markers())
    ]
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if item not in unwanted]


def counts(config: pytest.Config) -> tuple[int, int]:
    """Returns the numbers of tests that passed and failed. A skipped test has not run, so it has failed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    ends = reporter.stats if isinstance(reporter, TerminalReporter) else {}
    failed = sum(len(ends.get(end, [])) for end in ("failed", "error", "skipped"))
    return len(ends.get("passed", [])), failed


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and counts(session.config)[1]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    passed, failed = counts(config)
    if config.option.counts:
        with config.option.counts.open("a") as file:
            file.write(f"{passed} {failed}\n")
    print(f"{passed} passed, {failed} failed")
