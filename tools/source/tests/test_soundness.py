# SPDX-License-Identifier: GPL-2.0
"""Tests which functions have to be in Documentation/soundness.rst, and which ones are found there."""

from pathlib import Path

import pytest

from source.soundness import differences, documented_in, offered_by

SOURCE = """\
pub(crate) fn offered() {}
pub(crate) const fn constant() -> u8 { 1 }
pub(crate) unsafe fn asks() {}
pub(super) fn above() {}
fn own() { fn inner() {} }

impl<'i, 'g> Vma<'i, 'g> {
    /// Documented.
    #[inline(always)]
    pub(crate) fn offered(&self) { let _ = || unsafe { asks() }; }
    pub(crate) unsafe fn asks(&self) {}
    fn own(&self) {}
}

impl Drop for Vma<'_, '_> {
    fn drop(&mut self) {}
}
"""
TABLE = """\
The safe functions
==================

rust/vma/sys/vma.rs
-------------------

- ``offered()``, ``Vma::offered()``: as ``unrelated()`` is:
  always.
- ``constant()``: reads.

rust/sys/a.rs
-------------

- ``other()``: reads.

The checks of C
===============

- ``later()``: is not a row.
"""


def test_offered_functions_are_those_that_others_can_call_without_a_promise() -> None:
    offered = {"offered", "constant", "Vma::offered"}
    assert offered_by(SOURCE, is_door=False) == offered
    assert offered_by(SOURCE, is_door=True) == offered | {"above"}


def test_rows_are_read_to_their_colon_and_sections_to_the_next_chapter() -> None:
    assert documented_in(TABLE) == {
        "rust/vma/sys/vma.rs": {"offered", "Vma::offered", "constant"},
        "rust/sys/a.rs": {"other"},
    }


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (TABLE, []),
        (TABLE.replace("``constant()``", "`x`"), ["soundness.rst lacks constant() of rust/vma/sys/vma.rs"]),
        (TABLE.replace("constant", "other"),
         ["soundness.rst lacks constant() of rust/vma/sys/vma.rs",
          "soundness.rst has other() of rust/vma/sys/vma.rs, which does not offer it"]),
        (TABLE.replace("rust/sys/a.rs", "rust/sys/b.rs"),
         ["soundness.rst lacks other() of rust/sys/a.rs",
          "soundness.rst has other() of rust/sys/b.rs, which does not offer it"]),
    ],
)  # fmt: skip
def test_either_side_may_lack_one(tmp_path: Path, table: str, expected: list[str]) -> None:
    for name, text in (
        ("Documentation/soundness.rst", table),
        ("rust/vma/sys/vma.rs", SOURCE),
        ("rust/vma/elsewhere.rs", "pub(crate) fn elsewhere() {}"),
        ("rust/sys/a.rs", "pub(crate) fn other() {}"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert differences(tmp_path) == [f"Documentation/{sentence}" for sentence in expected]
