# SPDX-License-Identifier: GPL-2.0
"""Tests which C names are found that Rust sources answer to."""

from pathlib import Path

import pytest

from port.answers import Answer, answers_in, answers_of, claimed_in

FILE = Path("rust/vma/a.rs")
SOURCE = """\
//! Answers to `one()`.

use core::ptr;

/// Expands. Answers to `two()` and
/// `struct three`.
///
/// `unrelated()`.
#[inline]
pub(crate) const unsafe fn expand(x: u8) {}

//// Answers to `commented_out()`.
fn plain() {}

pub(super) struct Pair {
    /// The end. Answers to `vm_end`.
    pub(super) end: usize,
}

enum Kind {
    /// Answers to `four()`.
    Up(u8),
}
"""


@pytest.mark.parametrize(
    ("comment", "names"),
    [
        ("Expands. Answers to `one()`.", ["one()"]),
        ("Answers to\n`one()`, `two()` and `three`. `four()` is not.", ["one()", "two()", "three"]),
        ("Answers to `one(TWO)`.", ["one()"]),
        ("Answers to `one.two` and `three()`.", ["one.two", "three()"]),
        ("Answers to `one()`, `two()` of Linux 6.7.", ["one()"]),
        ("Answers to `two()` of\nLinux 6.7.", []),
        ("Answers to the middle of `one()`", ["one()"]),
        ("Answers to `one()`. Answers to `two()`.", ["one()", "two()"]),
        ("Calls `one()`.", []),
    ],
)
def test_names_are_read_to_the_end_of_the_sentence(comment: str, names: list[str]) -> None:
    assert list(claimed_in(comment)) == names


def test_each_answer_has_the_line_of_its_item() -> None:
    assert list(answers_in(SOURCE, FILE)) == [
        Answer("one()", FILE, 1, "a"),
        Answer("two()", FILE, 10, "expand"),
        Answer("struct three", FILE, 10, "expand"),
        Answer("vm_end", FILE, 17, "end"),
        Answer("four()", FILE, 22, "Up"),
    ]


def test_only_the_named_folders_are_read(tmp_path: Path) -> None:
    for folder in ("rust/vma", "build"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.rs").write_text("/// Answers to `one()`.\nfn f() {}\n")
    assert answers_of(tmp_path) == [Answer("one()", FILE, 2, "f")]
