# SPDX-License-Identifier: GPL-2.0
"""Tests the report about a kernel tree that differs from the recorded one."""

import subprocess
from pathlib import Path

import pytest

from port.answers import Answer
from port.command import check, report
from port.record import parse, record_of
from port.tree import Tree
from vm.failure import Failure

VMA = """\
static int one(int a)
{
	return two(a) + 1;
}

int two(int a)
{
	return a * 2;
}

int three(int a)
{
	return a;
}
"""
ANSWERS = [
    Answer(name, Path("rust/vma/a.rs"), line, name.strip("()"))
    for line, name in enumerate(("one()", "two()", "three()", "count"), 1)
]
# The patch that the project would have for this tree.
PATCH = """\
Subject: hook

---
--- a/mm/vma.c
+++ b/mm/vma.c
@@ -9,5 +9,5 @@

-int three(int a)
+int c_three(int a)
 {
 \treturn a;
 }
--- /dev/null
+++ b/mm/vma_hook.c
@@ -0,0 +1 @@
+int three(int a) { return c_three(a); }
--
2.47.3
"""


def make_tree(root: Path, release: tuple[int, int, int] = (7, 3, 4), **files: str) -> Path:
    """Makes a kernel tree with mm/vma.c, include/linux/mm_types.h, and `files` in mm/."""
    version, patchlevel, sublevel = release
    for folder in ("mm", "include/linux", "drivers"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "Makefile").write_text(
        f"VERSION = {version}\nPATCHLEVEL = {patchlevel}\nSUBLEVEL = {sublevel}\nEXTRAVERSION =\n"
    )
    (root / "include/linux/mm_types.h").write_text("struct mm { int count; };\n")
    (root / "drivers/a.c").write_text("int count(void) { return three(1); }\n")
    for name, text in {"vma": VMA, **files}.items():
        (root / "mm" / f"{name}.c").write_text(text)
    return root


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    return str(record_of(Tree(make_tree(tmp_path / "recorded"), []), ANSWERS))


def reported(recorded: str, root: Path, *series: list[Path]) -> list[str]:
    return report(parse(recorded), Tree(root, list(series)), ANSWERS).splitlines()


def test_the_record_reads_as_it_was_written(recorded: str) -> None:
    assert str(parse(recorded)) == recorded
    assert [line.split()[1:] for line in recorded.splitlines() if not line.startswith("#")] == [
        ["include/linux/mm_types.h", "count"],
        ["mm/vma.c", "one()"],
        ["mm/vma.c", "three()"],
        ["mm/vma.c", "two()"],
    ]


def test_nothing_is_said_of_the_recorded_release(recorded: str, tmp_path: Path) -> None:
    root = make_tree(tmp_path / "other", vma=f"/* Copyright */\n{VMA}", new="int four(void) { }\n")
    assert reported(recorded, root) == [
        f"Linux 7.3.4 in {root}, beside Linux 7.3.4: of the C names that Rust answers to, none differs"
    ]


def test_one_changed_one_renamed_and_one_gone(recorded: str, tmp_path: Path) -> None:
    text = VMA.replace("two", "zwei").replace("+ 1", "+ 3")
    root = make_tree(tmp_path / "other", (7, 4, 0), vma=text[: text.index("int three")])
    assert reported(recorded, root) == [
        "changed  one() in mm/vma.c",
        "    rust/vma/a.rs:1 one",
        "gone     three() in mm/vma.c",
        "    rust/vma/a.rs:3 three",
        "renamed  two() to zwei() in mm/vma.c",
        "    rust/vma/a.rs:2 two",
        f"Linux 7.4.0 in {root}, beside Linux 7.3.4: of the C names that Rust answers to, 3 of 4 differ",
    ]


def test_a_caller_of_a_renamed_function_has_not_changed(recorded: str, tmp_path: Path) -> None:
    root = make_tree(tmp_path / "other", vma=VMA.replace("two", "zwei"))
    assert reported(recorded, root)[:-1] == [
        "renamed  two() to zwei() in mm/vma.c",
        "    rust/vma/a.rs:2 two",
    ]


def test_a_function_and_its_callee_are_renamed(recorded: str, tmp_path: Path) -> None:
    root = make_tree(tmp_path / "other", vma=VMA.replace("two", "zwei").replace("one", "eins"))
    assert [line for line in reported(recorded, root) if line.startswith("renamed")] == [
        "renamed  one() to eins() in mm/vma.c",
        "renamed  two() to zwei() in mm/vma.c",
    ]


def test_a_function_that_reads_alike_but_was_there_is_no_rename(
    recorded: str, tmp_path: Path
) -> None:
    alike = "int four(int a)\n{\n\treturn a;\n}\nint five(int a)\n{\n\treturn a;\n}\n"
    root = make_tree(tmp_path / "other", vma=VMA[: VMA.index("int three")] + alike)
    assert reported(recorded, root)[0] == "gone     three() in mm/vma.c"


def test_a_recorded_function_that_reads_alike_is_no_rename(tmp_path: Path) -> None:
    text = VMA.replace("a * 2", "a")
    recorded = str(record_of(Tree(make_tree(tmp_path / "recorded", vma=text), []), ANSWERS))
    root = make_tree(tmp_path / "other", vma=text[: text.index("int three")])
    assert reported(recorded, root)[0] == "gone     three() in mm/vma.c"


def test_a_moved_function_is_no_rename_of_another(recorded: str, tmp_path: Path) -> None:
    split = VMA.index("int three")
    alike = VMA[split:].replace("three", "four")
    root = make_tree(tmp_path / "other", vma=VMA[:split] + alike, new=VMA[split:])
    assert reported(recorded, root)[0] == "moved    three() from mm/vma.c to mm/new.c"


@pytest.mark.parametrize(("end", "also"), [("return a;", ""), ("return -a;", ", and changed")])
def test_moved(recorded: str, tmp_path: Path, end: str, also: str) -> None:
    split = VMA.index("int three")
    new = VMA[split:].replace("return a;", end)
    root = make_tree(tmp_path / "other", vma=VMA[:split], new=new)
    assert reported(recorded, root)[0] == f"moved    three() from mm/vma.c to mm/new.c{also}"


def test_a_member_counts_in_its_header_alone(recorded: str, tmp_path: Path) -> None:
    root = make_tree(tmp_path / "other")
    (root / "include/linux/mm_types.h").write_text("struct mm { long count; };\n")
    assert reported(recorded, root)[0] == "changed  count in include/linux/mm_types.h"
    (root / "include/linux/mm_types.h").write_text("struct mm { };\n")
    assert reported(recorded, root)[0] == "gone     count in include/linux/mm_types.h"


def test_the_own_patches_are_taken_out(recorded: str, tmp_path: Path) -> None:
    patch = tmp_path / "0001-hook.patch"
    patch.write_text(PATCH)
    root = make_tree(tmp_path / "other")
    subprocess.run(["patch", "-p1", "-s", "-i", str(patch)], cwd=root, check=True)
    assert (root / "mm/vma_hook.c").exists()
    assert len(reported(recorded, root, [patch])) == 1
    (root / "mm/vma.c").write_text((root / "mm/vma.c").read_text().replace("* 2", "* 3"))
    assert reported(recorded, root, [patch])[0] == "changed  two() in mm/vma.c"
    (root / "mm/vma.c").write_text(VMA)
    with pytest.raises(Failure, match="0001-hook.patch cannot be taken out"):
        Tree(root, [[patch]])


def test_the_series_that_is_in_the_tree_is_taken_out(recorded: str, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "7.2" / "0001-hook.patch", tmp_path / "7.3" / "0001-hook.patch"
    for patch, text in ((theirs, PATCH.replace("c_three", "their_three")), (ours, PATCH)):
        patch.parent.mkdir()
        patch.write_text(text)
    root = make_tree(tmp_path / "other")
    subprocess.run(["patch", "-p1", "-s", "-i", str(ours)], cwd=root, check=True)
    for every_series in ([theirs], [ours]), ([ours], [theirs]):
        assert len(reported(recorded, root, *every_series)) == 1
    with pytest.raises(Failure, match="no series of patches can be taken out"):
        Tree(root, [])


def test_a_folder_that_is_not_a_kernel_tree_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="is not the top of a kernel tree"):
        Tree(tmp_path, [])


def test_a_claim_about_a_name_that_the_kernel_lacks_fails(recorded: str, tmp_path: Path) -> None:
    tree = Tree(make_tree(tmp_path / "other"), [])
    check(recorded, tree, ANSWERS)
    false = Answer("no_such()", Path("rust/b.rs"), 7, "four")
    with pytest.raises(Failure, match=r"rust/b.rs:7 four answers to no_such\(\), which Linux 7"):
        check(recorded, tree, [*ANSWERS, false])


def test_a_record_that_lacks_a_claim_fails(recorded: str, tmp_path: Path) -> None:
    tree = Tree(make_tree(tmp_path / "other"), [])
    with pytest.raises(Failure, match="--record writes it"):
        check(recorded, tree, ANSWERS[1:])
    check(recorded.replace("7.3.4", "7.3.5"), tree, ANSWERS)
    with pytest.raises(Failure, match="--record writes it"):
        check(recorded.replace("7.3.4", "7.3.5"), tree, ANSWERS[1:])
    with pytest.raises(Failure, match="--record writes it"):
        check(recorded, Tree(make_tree(tmp_path / "new", vma=VMA.replace("2", "3")), []), ANSWERS)
