# SPDX-License-Identifier: GPL-2.0
"""Reads test results in the kernel's format with the kernel's own parser."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from vm.built import folder_from

HEADER = r"\s*K?TAP version \d+"


def parser() -> list[str]:
    """Returns the command that parses a file of results."""
    script = folder_from("kernel", "--source") / "tools" / "testing" / "kunit" / "kunit.py"
    return [sys.executable, "-B", str(script), "parse"]


def cases(parser_command: list[str], output: str, scratch: Path) -> list[tuple[str, str]] | None:
    """Returns the name and the verdict of each case of a program without subtests, in order: PASS, FAIL,
    SKIP, or ERROR for a case that was planned and did not end. None if the parser has failed."""
    # Some programs omit the first line, for which the parser waits.
    if not any(re.fullmatch(HEADER, line) for line in output.splitlines()):
        output = "TAP version 13\n" + output
    results_file, json_file = scratch / "results", scratch / "json"
    results_file.write_text(output)
    json_file.unlink(missing_ok=True)
    subprocess.run(
        [*parser_command, str(results_file), f"--json={json_file}"],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if not json_file.exists():
        return None
    group: dict[str, Any] = json.loads(json_file.read_text())
    return [(case["name"].strip(), case["status"]) for case in group["test_cases"]]
