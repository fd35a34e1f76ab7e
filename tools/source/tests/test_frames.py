# SPDX-License-Identifier: GPL-2.0
"""Tests which frames source.frames finds too large."""

import json
from pathlib import Path

import pytest

from source import frames
from source.frames import Frame, frames_in

ENGINE = "_RNvNtNtCsac6wikO759J_8rust_vma3vma6modify10vma_modify"
PLAN = "_RNvMNtNtNtCsac6wikO759J_8rust_vma7process6change8imaginedNtB2_8Imagined11change_part"
OTHER = "_RNvNtNtCsac6wikO759J_8rust_vma7debugfs4maps8describe"


@pytest.mark.parametrize(
    ("symbol", "path", "limit"),
    [
        (ENGINE, "vma::modify::vma_modify", 512),
        (PLAN, "process::change::imagined", 1920),
        (OTHER, "debugfs::maps::describe", 1024),
        ("rust_vma_modify_flags", "rust_vma_modify_flags", 512),
        ("init_module", "init_module", 1024),
        ("_RNvNtNtCsac6wikO759J_8rust_vma3vma8forecast3cut", "vma::forecast::cut", 832),
    ],
)
def test_limits(symbol: str, path: str, limit: int) -> None:
    frame = Frame(symbol, 0)
    assert frame.path() == path
    assert frame.limit() == limit


def output(*sizes: tuple[str, int]) -> str:
    """Returns the output of llvm-readobj for functions with frames of these sizes."""
    entries = [{"Entry": {"Functions": [symbol], "Size": size}} for symbol, size in sizes]
    return json.dumps([{"FileSummary": {}, "StackSizes": entries}])


def test_frames_are_read() -> None:
    assert frames_in(output((ENGINE, 8), (OTHER, 16))) == [Frame(ENGINE, 8), Frame(OTHER, 16)]


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([(ENGINE, 512), (OTHER, 1024)], ""),
        ([(ENGINE, 520), (OTHER, 1024)], "vma::modify::vma_modify: a frame of 520 bytes; at most 512"),
        ([], "no sizes of frames"),
    ],
)
def test_large_frames_are_reported(
    sizes: list[tuple[str, int]],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    readobj = tmp_path / "readobj"
    (tmp_path / "output").write_text(output(*sizes))
    readobj.write_text(f"#!/bin/sh\ncat {tmp_path}/output\n")
    readobj.chmod(0o755)
    monkeypatch.setattr("sys.argv", ["frames", str(readobj), "module"])
    assert frames.main() == (1 if words else 0)
    assert words in capsys.readouterr().out
