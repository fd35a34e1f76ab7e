# SPDX-License-Identifier: GPL-2.0
"""Compares the page of vma-explain with the page of vma-report for the same answer."""

import base64
import gzip
import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from vm.places import BUILD
from vma_report.explain_file import read
from vma_report.page import page

PROGRAM = BUILD / "vma-explain"
# Files with odd names, memory with different rights, and holes.
SMAPS = "".join(
    f"{start:x}-{start + 0x1000:x} {head}\nSize: 4 kB\nVmFlags: {flags} \n"
    for start, head, flags in [
        (0x10000, "rw-p 00000000 00:00 0 ", "rd wr mr mw me ac"),
        (0x11000, "r--p 00000000 00:00 0 ", "rd mr mw me ac"),
        (0x12000, 'rw-p 00000000 00:00 0 [anon:a "b" <c>]', "rd wr mr mw me ac dc"),
        (0x14000, "r-xp 00001000 08:01 7 /a b\\012\u00e9\u202e</script>\\", "rd ex mr mw me"),
        (0x15000, "rw-s 00000000 00:01 9 /memfd:ring (deleted)", "rd wr sh mr mw me ms lo"),
        (0x16000, "rw-p 00000000 00:00 0 [heap]", "rd wr mr mw me ac"),
        (0x18000, "rw-p 00000000 00:00 0 ", "rd wr mr mw me ac zz"),
        (0x19000, "rw-p 00000000 00:00 0 ", "rd wr mr mw me ac zz"),
    ]
)


def contents(text: str) -> tuple[dict[str, Any], str]:
    """Returns the packed data of a page, and the rest of the page."""
    packed = {
        name: json.loads(gzip.decompress(base64.b64decode(data)))
        for name, data in re.findall(r'id="(\w+)-data">([^<]*)<', text)
    }
    return packed, html.unescape(re.sub(r'(-data">)[^<]*<', r"\1<", text))


def run(*arguments: str) -> str:
    finished = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def without_doubts(lines: str) -> bytes:
    """Returns the lines as the module writes them, because vma-report does not know doubts."""
    return re.sub(r',"perhaps":\[[^]]*\]', "", lines).encode()


def test_the_same_page(tmp_path: Path) -> None:
    saved, made = tmp_path / "smaps", tmp_path / "page.html"
    saved.write_text(SMAPS)
    run("--smaps", str(saved), "--html", str(made))
    lines = run("--smaps", str(saved), "--boundaries", "--json")
    ours, rest = contents(made.read_text())
    theirs, other_rest = contents(page(read(without_doubts(lines)), "").decode())
    assert rest == other_rest
    assert ours["summary"] == theirs["summary"]
    doubts = [reason["words"] for reason in ours["boundaries"]["reasons"]]
    assert any(words[-1].startswith("perhaps ") for words in doubts)
    for reason in ours["boundaries"]["reasons"]:
        reason["words"] = [words for words in reason["words"] if not words.startswith("perhaps ")]
    assert ours["boundaries"] == theirs["boundaries"]
    assert len(ours["boundaries"]["reasonOf"]) == 7


def test_a_process(tmp_path: Path) -> None:
    made = tmp_path / "page.html"
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            run("--html", str(made), str(process.pid))
            lines = run("--boundaries", "--json", str(process.pid))
        finally:
            process.kill()
    ours, rest = contents(made.read_text())
    theirs, other_rest = contents(page(read(lines.encode()), "").decode())
    assert ours["boundaries"] == theirs["boundaries"]
    assert f"process {process.pid} (sleep)" in rest
    time = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    assert time.sub("", rest) == time.sub("", other_rest)


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    command = [
        str(PROGRAM),
        "--html",
        str(tmp_path / "none" / "page.html"),
        "--smaps",
        "/proc/self/smaps",
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "page.html cannot be written: " in finished.stderr
