# SPDX-License-Identifier: GPL-2.0
"""Tests which words of a document count as names, and which of them are reported as missing."""

from pathlib import Path

import pytest

from source.documentation import Existing, Mention, mentions_in, missing

PROJECT = {
    "Makefile": "test:\n\t@scripts/test\n",
    "rust/vma/plan.rs": "/// A plan.\npub(crate) fn plan_part<'a>(part: VmaRef) {}\n",
    "scripts/vm": "#!/bin/bash\n# --arch ARCH\n",
    "scripts/kunit": "#!/bin/bash\nrun_plain_tool vm.kunit\n",
    "tools/vm/vm/kunit.py": 'add("--timeout")\n',
    "tools/vm/tests/test_kunit.py": "benches-x86_64.json\n",
    "tools/source/tests/test_documentation.py": "plans plan_parts\n",
    "tools/vm/vm/report.py": 'PATH = BUILD / f"bench-{arch}.json"\n',
    "tests/guest/ctl_test.c": "int main(void) { return 0; }\n",
    "Documentation/more/page.rst": "",
}
KERNEL = {
    "mm/vma.c": "int vma_expand(struct vma_merge_struct *vmg) { return 0; }\n",
    "mm/Kconfig": "config NUMA\n",
    "drivers/a.c": "int far_away(void) { return 0; }\n",
}

RIGHT = """\
See rust/vma/plan.rs, vma/plan.rs, ``plan.rs``, rust/vma, ``rust/vma/``, tests/guest/\\*_test.c and mm/vma.c of the kernel.
--- a/mm/vma.c

``plan_part()``, `VmaRef`, ``VmaRef<'a>``, ``vma_expand()``, ``struct vma_merge_struct``, ``ctl_test``,
``VmaRef::plan_part()``, ``_part()``; CONFIG_NUMA and and/or; ``flags <pid>``, ``echo nothing``. To make no
difference, ``make test``; :doc:`more/page`; /sys/kernel/debug/nowhere; https://example.org/a/b.rs; ~/.cache/nothing.rs; LOG.txt::

    make test
    scripts/kunit --timeout 5 --help
    scripts/vm --arch arm64 -- nobody --knows build/bench-arm64.json
"""


def make(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def absent(folder: Path, text: str) -> list[str]:
    """Returns the missing names if README.md of the project above has this text."""
    files = {**PROJECT, "README.md": text}
    top, kernel = make(folder / "top", files), make(folder / "kernel", KERNEL)
    return [f"{each.kind} {each.name}" for each in missing(Existing(top, files, kernel))]


def test_existing_names_are_not_missing(tmp_path: Path) -> None:
    assert absent(tmp_path, RIGHT) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in rust/vma/plans.rs.", ["path rust/vma/plans.rs"]),
        ("in vma/plans.rs.", ["path vma/plans.rs"]),
        ("in rusty/plan.rs.", ["path rusty/plan.rs"]),
        ("in rust/vmas/", ["path rust/vmas/"]),
        ("in rust/vmas", ["path rust/vmas"]),
        ("in tests/guest/\\*_tests.c", ["path tests/guest/*_tests.c"]),
        ("in mm/vmas.c", ["path mm/vmas.c"]),
        ("in scripts/vms", ["path scripts/vms"]),
        ("in build/benches-arm64.json", ["path build/benches-arm64.json"]),
        ("in plans.rs", ["file plans.rs"]),
        (":doc:`more/pages`", ["path more/pages"]),
        ("in ``plans.rs``", ["file plans.rs"]),
        ("`plan_parts()`", ["name plan_parts"]),
        ("``VmaRefs``", ["name VmaRefs"]),
        ("``VmaRefs<'a>``", ["name VmaRefs"]),
        ("``VmaRef::plan_parts()``", ["name plan_parts"]),
        ("``_parts()``", ["name _parts"]),
        ("``struct vma_merge_structs``", ["name vma_merge_structs"]),
        ("``far_away()``", ["name far_away"]),
        ("CONFIG_NUMAS", ["setting CONFIG_NUMAS"]),
        ("`make tests`", ["make target tests"]),
        ("::\n\n  make tests\n", ["make target tests"]),
        ("::\n\n  $ make tests\n", ["make target tests"]),
        ("`make test && make tests`", ["make target tests"]),
        ("`scripts/vm --arches`", ["option of scripts/vm --arches"]),
        ("`scripts/vm --ar`", ["option of scripts/vm --ar"]),
        ("`scripts/vm --timeout 5`", ["option of scripts/vm --timeout"]),
        ("`scripts/kunit --arch arm64`", ["option of scripts/kunit --arch"]),
        ("see PLAN.md", ["file PLAN.md"]),
        ("in build/benches-x86_64.json", ["path build/benches-x86_64.json"]),
    ],
)
def test_absent_names_are_missing(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert absent(tmp_path, f"Something\n{text}\n") == expected


def test_a_mention_has_its_line() -> None:
    assert list(mentions_in("\n\nSee plans.rs", "README.md")) == [
        Mention("README.md", 3, "file", "plans.rs")
    ]
    assert (
        str(Mention("README.md", 3, "file", "plans.rs")) == "README.md:3: there is no file plans.rs"
    )


def test_a_name_that_only_a_document_has_is_missing(tmp_path: Path) -> None:
    files = {**PROJECT, "README.md": "`nowhere()`", "Documentation/a.rst": "nowhere"}
    top, kernel = make(tmp_path / "top", files), make(tmp_path / "kernel", KERNEL)
    assert [each.name for each in missing(Existing(top, files, kernel))] == ["nowhere"]
