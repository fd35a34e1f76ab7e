# SPDX-License-Identifier: GPL-2.0
"""Tests where scripts/safety finds unsafe code, and what it counts."""

from pathlib import Path

import pytest

from source import safety
from source.safety import Place, place_of, survey

SOURCE = """\
//! Documentation, unsafe.

// SAFETY: It is a test.
unsafe { one() } // unsafe {
let words = "unsafe {";
unsafe impl Send for A {}
unsafe fn two() {}
"""


def test_blocks_code_and_comments_are_counted() -> None:
    place = Place(is_home=True)
    assert place.count(SOURCE) == []
    place.count("\n\nthree()\n")
    assert place == Place(is_home=True, blocks=2, lines=5, comments=2)


@pytest.mark.parametrize(
    ("line", "is_wrong"),
    [
        ("unsafe { one() }", True),
        ("let one = unsafe{ one() };", True),
        ("unsafe impl Send for A {}", True),
        ("pub unsafe fn one()", True),
        ('extern "C" { unsafe fn one(); }', True),
        ('one("of \\"two\\"", unsafe { two() })', True),
        ("    // unsafe { one() }", False),
        ("one() // unsafe { one() }", False),
        ('one("unsafe { }")', False),
        ("#![deny(unsafe_code)]", False),
        ("let not_unsafe = 1;", False),
    ],
)
def test_unsafe_code_is_known_from_text_about_it(line: str, is_wrong: bool) -> None:
    assert Place(is_home=False).count(f"\n{line}\n") == ([2] if is_wrong else [])
    assert Place(is_home=True).count(f"\n{line}\n") == []


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("rust/hook/sys/lock.rs", ("rust/hook/sys", True)),
        ("rust/vma/sys/inner/lock.rs", ("rust/vma/sys", True)),
        ("kunit/fixture/sys.rs", ("kunit/fixture/sys.rs", True)),
        ("rust/vma/plan.rs", ("rust/vma", False)),
        ("rust/vma_list.rs", ("rust", False)),
        ("rust/system/a.rs", ("rust", False)),
        ("tests/userland/a.rs", ("tests", False)),
    ],
)
def test_homes_are_named_sys(file: str, place: tuple[str, bool]) -> None:
    assert place_of(Path(file)) == place


def test_a_place_without_leave_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("rust/vma/sys/a.rs", "kunit/sys/a.rs", "build/a.rs"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(SOURCE)
    (tmp_path / "rust" / "vma" / "a.rs").write_text("fn one() {}\n")
    monkeypatch.setattr(safety, "TOP", tmp_path)
    assert safety.main() == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "            2        4         2  kunit/sys (home)",
        "            2        4         2  rust/vma/sys (home)",
        "            0        1         0  rust/vma (none allowed)",
    ]
    (tmp_path / "rust" / "vma" / "b.rs").write_text(SOURCE)
    assert safety.main() == 1
    assert survey(tmp_path)[1] == [
        f"rust/vma/b.rs:{number}: unsafe outside its homes" for number in (4, 6, 7)
    ]
    assert "rust/vma/b.rs:4: unsafe outside its homes" in capsys.readouterr().out
