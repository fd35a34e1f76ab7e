# SPDX-License-Identifier: GPL-2.0
"""Tests how the list of mutants is read, and how a mutant finds its place."""

import pytest

from mutants.failure import Unusable
from mutants.listed import Mutant, read

LIST = """\
# Comments are not mutants,

rust/a.rs: one
-    a + b
-  c
+a - b

# and end none.
rust/b.rs: another: with a colon
-x
@2
= Nobody asks,
= ever.
"""
ONE = Mutant("rust/a.rs", "one", ["a + b", "c"], ["a - b"], None, "")
SOURCE = "x\n\ta + b\n\tc\ny\n"


def test_all_of_a_list_is_read() -> None:
    another = Mutant("rust/b.rs", "another: with a colon", ["x"], [], 2, "Nobody asks, ever.")
    assert read(LIST) == [ONE, another]


@pytest.mark.parametrize(
    "entry",
    [
        "rust/a.rs\n-a\n+b",
        "rust/a.rs:one\n-a\n+b",
        "rust/a.rs: one\n+b",
        "rust/a.rs: one\n-a\nb",
        "rust/a.rs: one\n-a\n+b\n-c",
        "rust/a.rs: one\n-a\n@0\n+b",
        "rust/a.rs: one\n-a\n@two\n+b",
        "rust/a.rs: one\n-a\n@1\n@2\n+b",
        "rust/a.rs: one\n-a\n= why\n+b",
        "-a\n+b",
    ],
)
def test_an_entry_in_another_form_is_refused(entry: str) -> None:
    with pytest.raises(Unusable, match="cannot read"):
        read(f"{LIST}\n{entry}\n")


def test_the_place_is_found_at_any_indentation_and_the_rest_stays() -> None:
    assert ONE.applied_to(SOURCE) == "x\na - b\ny\n"


def test_lines_are_compared_whole_and_in_a_row() -> None:
    for source in ("a + b\n", "a + b\n\nc\n", "c\na + b\n", "a + b + c\nc\n"):
        with pytest.raises(Unusable, match="no such place: one"):
            ONE.applied_to(source)


@pytest.mark.parametrize(("occurrence", "changed"), [(1, "-\n+\n"), (2, "+\n-\n")])
def test_of_several_places_the_wanted_one_is_changed(occurrence: int, changed: str) -> None:
    mutant = Mutant("rust/a.rs", "one", ["+"], ["-"], occurrence, "")
    assert mutant.applied_to("+\n+\n") == changed


def test_one_of_several_places_has_to_be_chosen() -> None:
    with pytest.raises(Unusable, match="2 such places: one"):
        ONE.applied_to(SOURCE + SOURCE)
    third = Mutant("rust/a.rs", "one", ONE.old, ONE.new, 3, "")
    with pytest.raises(Unusable, match="no such place"):
        third.applied_to(SOURCE + SOURCE)
