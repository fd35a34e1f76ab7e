#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests scripts/callgrind: how it reads what callgrind writes, what it makes of it, and what it complains
of. Every number that is expected was added up by hand."""

import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

from callgrind.costs import Costs, UnreadableError, read
from callgrind.entries import Entry, Row, rows_of
from callgrind.record import Measured, Record, RecordError, complaints

# By themselves: c_modify() takes 20 in two calls, and in one of them calls c_split(), which takes 5 then;
# called by main(), that takes 7; leaf() takes 3 of each c_split(). Of Rust, modify() takes 33 and split()
# takes 9, with 3 and 4 of leaf(); main() takes 100.
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


class Reading(unittest.TestCase):
    def test_a_function_is_charged_for_itself_alone(self) -> None:
        self.assertEqual(costs().instructions[("main",)], 100)
        self.assertEqual(costs().instructions[("c_modify", "main")], 20)

    def test_lines_of_one_function_are_added_up(self) -> None:
        self.assertEqual(costs().instructions[("leaf", "c_split", "main")], 3)

    def test_calls_are_counted_by_their_callers(self) -> None:
        self.assertEqual(costs().calls[("c_modify", "main")], 2)
        self.assertEqual(costs().calls[("c_split", "c_modify", "main")], 1)

    def test_the_sum_has_to_be_right(self) -> None:
        with self.assertRaises(UnreadableError):
            read(WRITTEN.replace("totals: 187", "totals: 188").splitlines())
        with self.assertRaises(UnreadableError):
            read(WRITTEN.replace("totals: 187\n", "").splitlines())

    def test_numbers_need_names(self) -> None:
        with self.assertRaises(UnreadableError):
            read(["events: Ir\n", "fn=(1)\n", "0 1\n", "totals: 1\n"])

    def test_only_instructions_are_expected(self) -> None:
        with self.assertRaises(UnreadableError):
            read(WRITTEN.replace("events: Ir", "events: Ir Dr").splitlines())

    def test_no_chain_is_cut_off(self) -> None:
        chain = "'".join(["leaf"] * 61)
        with self.assertRaises(UnreadableError):
            read([f"fn=(1) {chain}\n", "0 1\n", "totals: 1\n"])


class Rows(unittest.TestCase):
    def test_the_outermost_entry_has_it_all(self) -> None:
        self.assertEqual(rows()["modify"].c.total(), 20 + 5 + 3)
        self.assertEqual(rows()["split"].c.total(), 7 + 3)

    def test_calls_from_other_entries_are_not_counted(self) -> None:
        self.assertEqual(rows()["modify"].c.calls, 2)
        self.assertEqual(rows()["split"].c.calls, 1)

    def test_ratios(self) -> None:
        self.assertAlmostEqual(rows()["modify"].ratio(), 36 / 28)
        self.assertAlmostEqual(rows()["split"].ratio(), 13 / 10)

    def test_own_is_without_what_both_do(self) -> None:
        self.assertAlmostEqual(rows()["modify"].own_ratio(), 33 / 25)
        # Of the leaf, C has 3 and Rust has 4: one is Rust's own.
        self.assertAlmostEqual(rows()["split"].own_ratio(), 10 / 7)

    def test_both_sides_have_to_be_called_equally_often(self) -> None:
        with self.assertRaises(UnreadableError):
            rows_of(read(WRITTEN.replace("calls=2 0\n+0", "calls=3 0\n+0").splitlines()), ENTRIES)

    def test_an_entry_has_to_be_called(self) -> None:
        with self.assertRaises(UnreadableError):
            rows_of(costs(), (Entry("expand", "c_expand", "rust_expand"),))


def record(ratio: float, own: float = 2.0, calls: int = 7, clang: str = "22.1.8") -> Record:
    return Record({"clang": clang}, {"modify": Measured(calls, ratio, own)})


class Complaining(unittest.TestCase):
    def test_a_record_is_read_as_it_was_written(self) -> None:
        self.assertEqual(Record.read(record(1.25).text()), record(1.25))

    def test_what_means_nothing_is_refused(self) -> None:
        with self.assertRaises(RecordError):
            Record.read("modify 7 1.25\n")

    def test_two_in_a_hundred_are_allowed(self) -> None:
        self.assertFalse(complaints(record(1.00), record(1.019)).failures)
        self.assertTrue(complaints(record(1.00), record(1.021)).failures)
        self.assertFalse(complaints(record(1.00), record(1.00, own=2.03)).failures)
        self.assertTrue(complaints(record(1.00), record(1.00, own=2.05)).failures)

    def test_more_is_allowed_with_other_versions_and_said(self) -> None:
        other = complaints(record(1.00), record(1.14, clang="23"))
        self.assertFalse(other.failures)
        self.assertTrue(other.remarks)
        self.assertTrue(complaints(record(1.00), record(1.16, clang="23")).failures)

    def test_with_other_versions_own_is_not_compared(self) -> None:
        other = complaints(record(1.00), record(1.00, own=3.0, clang="23"))
        self.assertFalse(other.failures)

    def test_cheaper_is_no_failure(self) -> None:
        cheaper = complaints(record(1.00), record(0.5))
        self.assertFalse(cheaper.failures)
        self.assertTrue(cheaper.remarks)

    def test_another_history_says_nothing(self) -> None:
        self.assertTrue(complaints(record(1.00), record(1.00, calls=8)).failures)

    def test_every_row_is_compared(self) -> None:
        nothing = Record({"clang": "22.1.8"}, {})
        self.assertTrue(complaints(record(1.00), nothing).failures)
        self.assertTrue(complaints(nothing, record(1.00)).failures)


if __name__ == "__main__":
    unittest.main()
