# SPDX-License-Identifier: GPL-2.0
"""Tests what is taken for prose, and which prose breaks a rule."""

import pytest

from source.prose import has_prose, prose_in
from source.style import WIDTH, findings_in

RUST = """\
//! Says `what` it is.
/// ```text
/// A drawing.
/// ```
fn f(a: u8, /* Who knows. */ b: &str) {
    g("refused: there is nothing at this address", "flags", b"x"); // In a hurry.
}
"""


def words(name: str, text: str) -> list[str]:
    """Returns the words of a file's prose."""
    return prose_in(name, text).split()


def lines(name: str, text: str) -> set[int]:
    """Returns the lines at which a file breaks a rule."""
    return {finding.line for finding in findings_in(name, text)}


def test_prose_of_rust_is_comments_and_messages() -> None:
    prose = prose_in("a.rs", RUST)
    assert [len(line) for line in prose.split("\n")] == [len(line) for line in RUST.split("\n")]
    assert "Says ______ it is." in prose
    assert "drawing" not in prose
    assert "¶  Who knows." in prose
    assert "¶refused: there is nothing at this address¶" in prose
    assert "¶  In a hurry." in prose
    assert not {"fn", "flags", "u8"} & set(prose.split())


@pytest.mark.parametrize(
    ("name", "text", "prose"),
    [
        ("a.c", '#include "one/two three"\n/*\n * Takes @a.\n */\nint a;\n', ["Takes", "@a."]),
        ("a.py", '"""Reads it."""\n\n\ndef f() -> None:\n    # Why.\n', ["Reads", "it.", "Why."]),
        ("a", "#!/bin/sh\nset -e\n# Why.\n", ["/bin/sh", "Why."]),
        ("a.js", "const a = 1; // Why.\n", ["¶", "Why."]),
        ("a.rst", "The list::\n\n  literal\n\nEnd ``a``.\n", ["The", "list__", "End", "_____."]),
        ("a.rst", ".. code-block:: c\n\n   int a;\n\n   b\n\nEnd.\n", ["End."]),
        ("a.md", "The `a`.\n\n```sh\nrun it\n```\n\nEnd.\n", ["The", "___.", "End."]),
        (
            "a.patch",
            "Why.\n---\n--- a/x\n+++ b/x\n a();\n+/* New. */\n-/* Old. */\n",
            ["Why.", "New."],
        ),
    ],
)
def test_prose_of_other_files(name: str, text: str, prose: list[str]) -> None:
    assert words(name, text) == prose


@pytest.mark.parametrize(
    "sentence",
    [
        "What is mapped stays.",
        "The end. Those that stay are counted.",
        "Returns it.\n///\n/// Whoever asks\n/// is counted.",
        "- Who asks is counted.",
    ],
)
def test_a_sentence_without_a_noun_is_found(sentence: str) -> None:
    assert lines("a.rs", f"\n/// {sentence}\n") == {2 + sentence.partition("Who")[0].count("\n")}


@pytest.mark.parametrize(
    "sentence",
    [
        "What is mapped?",
        "What helps: one file.",
        "Returns what is mapped.",
        "Those VMAs stay.",
        "Returns `x`. `What` is a type.",
    ],
)
def test_questions_labels_and_objects_are_allowed(sentence: str) -> None:
    assert not lines("a.rs", f"/// {sentence}\n")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a write-marked VMA", "a write-locked VMA"),
        ("both VMAs are unhooked", "both VMAs are prepared"),
        ("they may be one", "there may be one more"),
        ("C serves the call", "C executes the call"),
        ("the engine is in trouble", "the engine falls back"),
        ("zero is no name", "there is no name"),
        ("zero is no name", "it is no longer a name"),
        ("the end of the the range", "the end of the range"),
        ("as old as as the file", "as old as the file"),
        # of proselint
        ("it is very unique", "it is unique"),
    ],
)
def test_wrong_words_are_found_in_comments_and_messages(wrong: str, right: str) -> None:
    for source in ("// It says: {}.\n", 'f("It says: {}");\n'):
        assert lines("a.rs", source.format(wrong))
        assert not lines("a.rs", source.format(right))


def test_long_lines_of_comments_and_documents_are_found() -> None:
    long = "word " * ((WIDTH + 5) // 5)
    assert lines("a.rs", f"// {long}\n") == {1}
    assert lines("a.rst", f"Fine.\n\n{long}\n") == {3}
    assert not lines("a.rs", f'f("{long}");\n')
    assert not lines("a.md", f"| {long} |\n")
    assert not lines("a.c", f"/* file.c: {long}; */\n")
    assert not lines("a.rst", f"Fine::\n\n  {long}\n")


def test_files_without_prose_are_left_out() -> None:
    assert has_prose("scripts/lint")
    assert has_prose("rust/vma/plan.rs")
    assert not has_prose("COPYING")
    assert not has_prose("Documentation/page.png")
