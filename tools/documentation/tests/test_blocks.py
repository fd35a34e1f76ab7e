# SPDX-License-Identifier: GPL-2.0
"""Tests which blocks are found in a document, and which output counts as the same."""

import pytest

from shown.blocks import Block, blocks_in, missing, shape

RST = """\
Text.

.. shown by: make it
   
It prints::

  $ make it
  one 1

  ...
  two

And::

  # nothing

- In a list::

    three
"""
MARKDOWN = """\
<!-- shown by: make it -->
```
one 1
```

```
two
```
"""


def test_blocks_of_restructured_text() -> None:
    first, second, third = blocks_in(RST)
    assert (first.command, first.output) == ("make it", ["  one 1", "  two"])
    assert (second.command, second.output, second.has_prompt) == ("", [], True)
    assert (third.output, third.has_prompt) == (["    three"], False)


def test_blocks_of_markdown() -> None:
    assert list(blocks_in(MARKDOWN)) == [
        Block(3, "make it", ("one 1",)),
        Block(7, "", ("two",)),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("    7 pages", "12 pages"),
        ("200000000000-200000004000 rw-p", "7f0000000000-7f0000001000 rw-p"),
        ("[    2.638324] x", "[   12.1] x"),
        ("ratio 0.951", "ratio 1.0"),
        ("enter_all-74 [000] .l... 10.251:", "enter_all-103 [001] ..... 9.1:"),
    ],
)
def test_numbers_and_blanks_do_not_matter(one: str, other: str) -> None:
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"), [("7 pages", "7 page"), ("rw-p", "r--p"), ("dead", "beef"), ("a 1", "a")]
)
def test_words_matter(one: str, other: str) -> None:
    assert shape(one) != shape(other)


def test_lines_are_looked_for_in_their_order() -> None:
    printed = ["one 1", "more", "two 2", "three 3"]
    assert missing(["one 7", "two 8"], printed) is None
    assert missing([], printed) is None
    assert missing(["two 8", "one 7"], printed) == "one 7"
    assert missing(["one 1", "one 1"], printed) == "one 1"
    assert missing(["four"], printed) == "four"
