# SPDX-License-Identifier: GPL-2.0
"""Tests the archive that a guest boots from, and how the guest's log and its file engine are read."""

import subprocess
from pathlib import Path

import pytest

from vm.cpio import Archive
from vm.engine_file import EngineFile
from vm.kernel_log import first_report

ENGINE = """\
engine rust
calls                           c         rust       shadow
vma_modify                     12            2            0
__split_vma                     0            5            0
shadow 63 compared, 1 differences, 4 without memory
refused 3
"""


def test_cpio_unpacks_the_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    archive.folder("bin", 0o750)
    # Lengths with each remainder of a division by four.
    for length in range(4):
        archive.file(f"bin/{'x' * (length + 1)}", b"y" * (length + 5), 0o755)
    archive.link("sbin", "bin")
    archive.close()
    with (tmp_path / "archive").open("rb") as file:
        command = ["cpio", "--extract", "--quiet", "--make-directories"]
        subprocess.run(command, stdin=file, cwd=tmp_path, check=True)
    assert (tmp_path / "bin").stat().st_mode & 0o777 == 0o750
    for length in range(4):
        file_ = tmp_path / "bin" / ("x" * (length + 1))
        assert file_.read_bytes() == b"y" * (length + 5)
        assert file_.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "sbin").readlink() == Path("bin")


def test_cpio_lists_a_device(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    archive.device("dev/console", 5, 1)
    archive.close()
    with (tmp_path / "archive").open("rb") as file:
        command = ["cpio", "--list", "--verbose", "--quiet"]
        listed = subprocess.run(command, stdin=file, stdout=subprocess.PIPE, text=True, check=True)
    assert listed.stdout.startswith("crw-------")
    assert "5,   1" in listed.stdout


# One line for each alternative of kernel_log.REPORT, which matches that alternative only.
REPORTS = [
    "WARNING: mm/vma.c:1 at commit_merge+0x1/0x2, CPU#0: a/1",
    "WARN at lib/maple_tree.c:1 (ma_dead_node(node))",
    "issue in a",
    "map_count 5 vma iterator 6",
    "a: BUG: b",
    "BUG vm_area_struct (Not tainted): Poison overwritten",
    "kernel BUG at mm/vma.c:1!",
    "a Oops b",
    "invalid opcode: 0000 [#1] SMP",
    "Internal error: a",
    "Unable to handle kernel paging request",
    "general protection fault, a",
    "Kernel panic - not syncing: a",
    "KASAN a",
    "KCSAN a",
    "KFENCE a",
    "KMSAN a",
    "UBSAN: a",
    "kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
    "INFO: task a:1 blocked for more than 120 seconds.",
    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks",
    "INFO: rcu_preempt self-detected stall on CPU",
    "INFO: trying to register non-static key.",
    "DEBUG_LOCKS_WARN_ON(1)",
    "a: possible circular locking dependency",
    "a: possible recursive locking",
    "a: possible irq lock inversion",
    "a: suspicious RCU usage",
    "a: inconsistent lock state",
    "a: bad unlock balance",
    "a: lock held when returning to user space!",
    "a: held lock freed!",
    "a: turning off the locking correctness validator.",
    "list_add corruption. a",
    "irq 9: nobody cared",
    "rust_vma: vma_modify: Rust and C differ",
    "rust_vma: vma_modify: this cannot be meant",
    "rust_vma: planned with a VMA that is not there",
]


@pytest.mark.parametrize("line", REPORTS)
def test_a_report_is_found(line: str) -> None:
    assert first_report(["[    1.0] Linux", f"[   12.345678] {line}", "[   13.0] more"]) == 1


@pytest.mark.parametrize(
    "line",
    [
        "[    0.1] Spectre V2 : WARNING: Unprivileged eBPF is enabled",
        "[    0.1] rust_vma_kunit: vma_modify: Rust and C differ",
        "[    0.1] Kernel command line: debug",
        "WARNING: a program wrote this",
    ],
)
def test_other_lines_are_not_reports(line: str) -> None:
    assert first_report([line]) is None


def test_the_file_engine_is_read() -> None:
    said = EngineFile.parse(ENGINE)
    assert said.engine == "rust"
    assert (said.calls_by("c"), said.calls_by("rust"), said.calls_by("shadow")) == (12, 7, 0)
    assert (said.compared, said.differences, said.without_memory, said.refused) == (63, 1, 4, 3)


def test_only_the_wanted_engine_executes_calls() -> None:
    before = EngineFile.parse(ENGINE.replace("5            0", "0            0"))
    good = ENGINE.replace("1 differences", "0 differences").replace("refused 3", "refused 0")
    after = EngineFile.parse(good)
    assert after.problems("rust", before) == []
    assert after.problems("rust") == ["with rust, c executed 12 calls"]
    assert after.problems("c", before) == [
        "with c, the engine was rust afterwards",
        "with c, c executed no call",
        "with c, rust executed 5 calls",
    ]
    assert EngineFile.parse(ENGINE).problems("rust", before) == [
        "with rust, 3 calls made no sense to Rust",
        "with rust, Rust and C differ in 1 decisions",
    ]
    assert EngineFile.read(Path("/nonexistent")) == EngineFile()
