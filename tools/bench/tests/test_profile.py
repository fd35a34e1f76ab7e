# SPDX-License-Identifier: GPL-2.0
"""Tests how counts by address become lines by function, and which input is refused."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.failure import BadInput
from bench.own import own
from bench.profile import regions, rows
from bench.profile.beside import beside, overview
from bench.profile.by_symbol import by_symbol
from bench.profile.object_file import functions
from bench.profile.rows import Key, Row
from bench.profile.symbols import Symbols
from small_kernel import COUNTS, KALLSYMS, LINES, LOG, VMA_OBJECT, VMA_SOURCE


def expect_refusal(words: str, action: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        action()


def symbols() -> Symbols:
    return Symbols(KALLSYMS, VMA_OBJECT)


def lines(counts: str, log: str) -> str:
    written = []
    for (key, side), each in by_symbol(regions.read(counts, log), symbols()).items():
        written += rows.write(key, side, each)
    return "".join(f"{line}\n" for line in written)


def the_row() -> Row:
    return rows.read(LINES.splitlines())[Key("helpers", "extend/10")]


def test_executed_instructions_become_lines() -> None:
    assert lines(COUNTS, LOG) == LINES


def test_a_name_that_others_have_is_told_apart() -> None:
    assert symbols().at(0xFFFFFFFF81000F04) == "get_file"
    assert symbols().at(0xFFFFFFFF81001044) == "get_file[mm/vma.c]"


def test_a_module_is_not_mm_vma_c() -> None:
    assert symbols().at(0xFFFFFFFFA0000010) == "commit_merge[rust_vma_kunit]"


def test_a_kernel_that_was_moved_is_the_same() -> None:
    moved = KALLSYMS.replace("ffffffff81", "ffffffff9e")
    assert Symbols(moved, VMA_OBJECT).at(0xFFFFFFFF9E001044) == "get_file[mm/vma.c]"


def assembled(folder: Path, source: str) -> Path:
    output = folder / "vma.o"
    command = ["as", "-o", str(output), "-"]
    subprocess.run(command, input=source, text=True, check=True)
    return output


def test_an_object_file_has_functions(tmp_path: Path) -> None:
    assert functions(assembled(tmp_path, VMA_SOURCE)) == VMA_OBJECT


def test_an_object_file_without_symbols_is_refused(tmp_path: Path) -> None:
    path = assembled(tmp_path, VMA_SOURCE)
    subprocess.run(["strip", "--strip-all", path], check=True)
    expect_refusal("has no symbols", lambda: functions(path))


def test_a_program_is_not_the_kernel() -> None:
    assert symbols().at(0x401234) == "program"


def test_own_is_what_the_other_does_not_execute() -> None:
    # 90 instructions of mas_store_prealloc() and 5 of memcpy() are common, of 140 and 147 instructions in
    # total.
    assert own(the_row().c, the_row().rust) == (45, 52)


def test_functions_of_mm_vma_c_are_not_common() -> None:
    row = Row(c={"get_file[mm/vma.c]": 7, "memcpy": 1}, rust={"get_file[mm/vma.c]": 7, "memcpy": 2})
    assert own(row.c, row.rust) == (7, 8)


def test_both_profiles_stand_beside_each_other() -> None:
    shown = [line.split() for line in beside(Key("helpers", "extend/10"), the_row())]
    assert ["140", "147", "+7", "all"] in shown
    assert ["45", "52", "+7", "own:", "without", "what", "both", "call"] in shown
    assert ["10", "0", "-10", "commit_merge[mm/vma.c]"] in shown
    called = [line[3] for line in shown[-2:]]
    assert called == ["mas_store_prealloc", "memcpy"]


def test_every_row_is_listed() -> None:
    shown = overview(rows.read(LINES.splitlines()))
    assert shown[1].split() == ["140", "147", "45", "52", "1.156", "helpers", "extend/10"]


def test_other_lines_are_passed_over() -> None:
    both = [*LINES.splitlines(), "sample helpers extend/10 c 140"]
    assert list(rows.read(both)) == [Key("helpers", "extend/10")]


def test_regions_that_were_not_counted_are_missed() -> None:
    expect_refusal("names 3 regions", lambda: lines(COUNTS, LOG + "region helpers shrink/10 c\n"))
    expect_refusal("has counted 3", lambda: lines(COUNTS + "region\n", LOG))


def test_of_several_the_shortest_counts() -> None:
    refilling = COUNTS.replace("ffffffff81003000 5", "ffffffff81003000 6").replace("04 4", "04 3")
    assert lines(COUNTS + refilling, LOG * 2) == LINES.replace(
        "merge[rust_vma_kunit] 12", "merge[rust_vma_kunit] 11"
    )
    assert lines(refilling + COUNTS, LOG * 2) == lines(COUNTS + refilling, LOG * 2)


def test_a_region_has_a_side() -> None:
    expect_refusal("not java", lambda: lines(COUNTS, LOG.replace(" rust\n", " java\n")))


def test_a_line_of_nonsense_is_shown() -> None:
    expect_refusal("line 2 of QEMU", lambda: lines("region\nxyz 3\n", LOG))
    expect_refusal("line 1 of QEMU", lambda: lines("ffff 3\n", LOG))
    expect_refusal("line 1 of /proc/kallsyms", lambda: Symbols("what?\n", VMA_OBJECT))
    expect_refusal("this is not", lambda: rows.read(["profile helpers extend/10 c memcpy"]))


def test_a_side_that_is_missing_is_named() -> None:
    only_c = [line for line in LINES.splitlines() if " c " in line]
    expect_refusal("has no rust side", lambda: rows.read(only_c))


def test_hidden_addresses_are_refused() -> None:
    hidden = "".join(f"{'0' * 16}{line[16:]}\n" for line in KALLSYMS.splitlines())
    expect_refusal("only root", lambda: Symbols(hidden, VMA_OBJECT))


def test_those_in_which_an_interrupt_came_do_not_count() -> None:
    kallsyms = KALLSYMS + "ffffffff81004000 T asm_sysvec_apic_timer_interrupt\n"
    known = Symbols(kallsyms, VMA_OBJECT)
    disturbed = COUNTS.replace("ffffffff81003000 45", "ffffffff81004008 1")
    undisturbed = by_symbol(regions.read(COUNTS, LOG), known)
    both = regions.read(disturbed + COUNTS, LOG * 2)
    assert by_symbol(both, known) == undisturbed
    expect_refusal("interrupt", lambda: by_symbol(regions.read(disturbed, LOG), known))
