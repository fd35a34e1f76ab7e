# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/bench-userland reads callgrind's output, and when it complains. All expected numbers were
added up by hand."""

import pytest

from bench.userland.costs import Costs, UnreadableError, read
from bench.userland.entries import Entry, Row, rows_of
from bench.userland.record import Measured, Record, RecordError, complaints

# The instructions of the functions themselves: c_modify() takes 20 in two calls. In one of them it calls
# c_split(), which takes 5 then, and 7 when main() calls it. leaf() takes 3 in each call by c_split(). In
# Rust, modify() takes 33 and split() takes 9, and leaf() takes 3 and 4 in their calls. main() takes 100.
WRITTEN = """\
# callgrind format
version: 1
positions: line
events: Ir

fl=(1) ???
fn=(1) main
0 100
cfn=(2) c_modify'main
calls=2 0
0 25
cfn=(3) c_split'main
calls=1 0
0 10
cfn=(6) rust_modify'main
calls=2 0
+0 36
cfn=(8) rust_split'main
calls=1 0
* 13

fn=(2)
0 20
cfn=(4) c_split'c_modify'main
calls=1 0
0 8

fn=(3)
0 7
cfn=(5) leaf'c_split'main
calls=1 0
0 3

fn=(5)
0 2
+1 1

fn=(4)
0 5
cfn=(7) leaf'c_split'c_modify'main
calls=1 0
0 3

fn=(7)
0 3

fn=(6)
0 33
cfn=(9) leaf'rust_modify'main
calls=1 0
0 3

fn=(9)
0 3

fn=(8)
0 9
cfn=(10) leaf'rust_split'main
calls=1 0
0 4

fn=(10)
0 4

totals: 187
"""

ENTRIES = (Entry("modify", "c_modify", "rust_modify"), Entry("split", "c_split", "rust_split"))


def costs() -> Costs:
    return read(WRITTEN.splitlines())


def rows() -> dict[str, Row]:
    return {row.name: row for row in rows_of(costs(), ENTRIES)}


def test_a_function_is_charged_for_itself_alone() -> None:
    assert costs().instructions[("main",)] == 100
    assert costs().instructions[("c_modify", "main")] == 20


def test_lines_of_one_function_are_added_up() -> None:
    assert costs().instructions[("leaf", "c_split", "main")] == 3


def test_calls_are_counted_by_their_callers() -> None:
    assert costs().calls[("c_modify", "main")] == 2
    assert costs().calls[("c_split", "c_modify", "main")] == 1


def test_the_sum_has_to_be_right() -> None:
    with pytest.raises(UnreadableError):
        read(WRITTEN.replace("totals: 187", "totals: 188").splitlines())
    with pytest.raises(UnreadableError):
        read(WRITTEN.replace("totals: 187\n", "").splitlines())


def test_numbers_need_names() -> None:
    with pytest.raises(UnreadableError):
        read(["events: Ir\n", "fn=(1)\n", "0 1\n", "totals: 1\n"])


def test_only_instructions_are_expected() -> None:
    with pytest.raises(UnreadableError):
        read(WRITTEN.replace("events: Ir", "events: Ir Dr").splitlines())


def test_no_chain_is_cut_off() -> None:
    chain = "'".join(["leaf"] * 61)
    with pytest.raises(UnreadableError):
        read([f"fn=(1) {chain}\n", "0 1\n", "totals: 1\n"])


def test_the_outermost_entry_has_it_all() -> None:
    assert rows()["modify"].c.total() == 20 + 5 + 3
    assert rows()["split"].c.total() == 7 + 3


def test_calls_from_other_entries_are_not_counted() -> None:
    assert rows()["modify"].c.calls == 2
    assert rows()["split"].c.calls == 1


def test_ratios() -> None:
    assert rows()["modify"].ratio() == pytest.approx(36 / 28)
    assert rows()["split"].ratio() == pytest.approx(13 / 10)


def test_own_is_without_what_both_do() -> None:
    assert rows()["modify"].own_ratio() == pytest.approx(33 / 25)
    # In leaf(), C takes 3 and Rust takes 4 instructions: one is Rust's own.
    assert rows()["split"].own_ratio() == pytest.approx(10 / 7)


def test_both_sides_have_to_be_called_equally_often() -> None:
    with pytest.raises(UnreadableError):
        rows_of(read(WRITTEN.replace("calls=2 0\n+0", "calls=3 0\n+0").splitlines()), ENTRIES)


def test_an_entry_has_to_be_called() -> None:
    with pytest.raises(UnreadableError):
        rows_of(costs(), (Entry("expand", "c_expand", "rust_expand"),))


def record(ratio: float, own: float = 2.0, calls: int = 7, clang: str = "22.1.8") -> Record:
    return Record({"clang": clang}, {"modify": Measured(calls, ratio, own)})


def test_a_record_is_read_as_it_was_written() -> None:
    assert Record.read(record(1.25).text()) == record(1.25)


def test_a_record_without_meaning_is_refused() -> None:
    with pytest.raises(RecordError):
        Record.read("modify 7 1.25\n")


def test_two_in_a_hundred_are_allowed() -> None:
    assert not complaints(record(1.00), record(1.019)).failures
    assert complaints(record(1.00), record(1.021)).failures
    assert not complaints(record(1.00), record(1.00, own=2.03)).failures
    assert complaints(record(1.00), record(1.00, own=2.05)).failures


def test_more_is_allowed_with_other_versions_and_said() -> None:
    other = complaints(record(1.00), record(1.14, clang="23"))
    assert not other.failures
    assert other.remarks
    assert complaints(record(1.00), record(1.16, clang="23")).failures


def test_with_other_versions_own_is_not_compared() -> None:
    other = complaints(record(1.00), record(1.00, own=3.0, clang="23"))
    assert not other.failures


def test_cheaper_is_no_failure() -> None:
    cheaper = complaints(record(1.00), record(0.5))
    assert not cheaper.failures
    assert cheaper.remarks


def test_another_history_says_nothing() -> None:
    assert complaints(record(1.00), record(1.00, calls=8)).failures


def test_every_row_is_compared() -> None:
    nothing = Record({"clang": "22.1.8"}, {})
    assert complaints(record(1.00), nothing).failures
    assert complaints(nothing, record(1.00)).failures
