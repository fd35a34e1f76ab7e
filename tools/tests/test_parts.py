# SPDX-License-Identifier: GPL-2.0
"""Tests the totals of scripts/lib/parts.sh, for parts that end in different ways."""

import subprocess
import time
from pathlib import Path

import pytest

from vm.places import TOP

PRELUDE = f"""\
set -euo pipefail
shopt -s inherit_errexit
. {TOP}/scripts/lib/say.sh
. {TOP}/scripts/lib/parts.sh
# count PASSED FAILED STATUS --counts FILE
count() {{ echo "$1 $2" >>"$5"; return "$3"; }}
others() {{ part "one" count 3 0 0; part "two" count 4 1 1; }}
stops() {{ part "one" count 3 0 0; exit 3; }}
"""


def run(script: str) -> tuple[int, list[str], str]:
    """Runs a script with parts. Returns its status, its lines on stdout, and its stderr."""
    finished = subprocess.run(
        ["bash", "-c", f"{PRELUDE}{script}\nreport_parts", "parts"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return finished.returncode, finished.stdout.splitlines(), finished.stderr


@pytest.mark.parametrize(
    ("script", "status", "last"),
    [
        ('part "all" count 2 0 0', 0, "2 passed, 0 failed"),
        ('part "some" count 2 1 1; part "all" count 5 0 0', 1, "7 passed, 1 failed"),
        ('part "nothing" count 0 0 0', 1, "0 passed, 1 failed"),
        ('part "a status" count 2 0 1', 1, "2 passed, 1 failed"),
        ('part "dies" false; part "all" count 5 0 0', 1, "5 passed, 1 failed"),
        ("command_part good true; command_part bad false", 1, "1 passed, 1 failed"),
        ('beside others; part "all" count 5 0 0', 1, "12 passed, 1 failed"),
        ('beside stops; part "all" count 5 0 0', 1, "8 passed, 1 failed"),
    ],
)
def test_each_end_is_counted(script: str, status: int, last: str) -> None:
    ended, printed, _ = run(script)
    assert (ended, printed[-1]) == (status, last)


def test_parts_beside_others_are_printed_at_the_end() -> None:
    _, printed, _ = run('beside others; part "three" count 5 0 0')
    assert [line for line in printed if line.startswith("==")] == ["== three", "== one", "== two"]


def test_nothing_is_left_of_what_ran_beside(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"sleeps() {{ touch {mark}; exec -a {mark} sleep 60; }}; beside sleeps; sleep 60"
    with subprocess.Popen(["bash", "-c", f"{PRELUDE}{script}", "parts"]) as process:
        while not mark.exists():
            time.sleep(0.01)
        process.terminate()
        # bash ends when its own sleep ends, which the test does not wait for.
        subprocess.run(["pkill", "-P", str(process.pid), "sleep"], check=False)
        process.wait(30)
    listed = subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, text=True, check=True)
    assert f"{mark} 60" not in listed.stdout
