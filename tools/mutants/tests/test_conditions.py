# SPDX-License-Identifier: GPL-2.0
"""Tests which conditions of a source are found, and that each of them gets its mutant."""

from mutants.conditions import conditions_of, with_mutants

RUST = """\
const LIMIT: bool = 1 < 2;

const fn is_const(a: u32) -> bool {
    a == 1
}

fn is_more(a: u32, b: Option<u32>) -> bool {
    if a > 1 && !is_const(a) {
        return true;
    }
    if let Some(b) = b {
        while a < b {}
    }
    a == 7
}

fn word(a: u32) -> &'static str {
    match a {
        0 if a == 0 => "none",
        _ if a
            > 1 => "many",
        _ => "one",
    }
}

fn twice(a: u32) -> u32 {
    if a == 1 { 1 } else if a == 1 { 2 } else { 3 }
}
"""
C = """\
/* Comment. */
bool rust_vma_is(const int *number)
{
	if (!number)
		return false;
	return *number ? *number > 1 : false;
}

char *rust_vma_word(int number)
{
	while (number > 1)
		number--;
	return number ? "one" : NULL;
}
"""


def test_conditions_of_rust_are_those_that_a_call_can_stand_in() -> None:
    assert sorted(condition.name for condition in conditions_of("a.rs", RUST)) == [
        "a.rs: is_more(): a < b",
        "a.rs: is_more(): a == 7",
        "a.rs: is_more(): a > 1 && !is_const(a)",
        "a.rs: twice(): a == 1",
        "a.rs: twice(): a == 1 (2)",
        "a.rs: word(): a == 0",
        "a.rs: word(): a > 1",
    ]


def test_conditions_of_c_are_those_of_statements_and_what_predicates_return() -> None:
    assert sorted(condition.name for condition in conditions_of("a.c", C)) == [
        "a.c: rust_vma_is(): !number",
        "a.c: rust_vma_is(): *number",
        "a.c: rust_vma_is(): *number ? *number > 1 : false",
        "a.c: rust_vma_word(): number",
        "a.c: rust_vma_word(): number > 1",
    ]


def test_a_mutant_turns_its_condition_round() -> None:
    source, conditions = with_mutants("a.rs", "fn f(a: u32) {\n    if a == 1 || b {}\n}\n", 5)
    assert len(conditions) == 1
    assert source == ("fn f(a: u32) {\n    if ((a == 1 || b) ^ crate::mutant::is_on(5)) {}\n}\n")


def test_conditions_inside_of_others_have_mutants_of_their_own() -> None:
    source, conditions = with_mutants("a.c", "bool f(int a)\n{\n\treturn a ? a > 1 : a;\n}\n", 1)
    assert [condition.name for condition in conditions] == [
        "a.c: f(): a ? a > 1 : a",
        "a.c: f(): a",
    ]
    assert "return (!!((!!(a) != rust_vma_mutant(2)) ? a > 1 : a) != rust_vma_mutant(1));" in source


def test_what_is_no_condition_stays() -> None:
    source, conditions = with_mutants("a.rs", RUST, 1)
    assert source.count("is_on(") == len(conditions) == 7
    assert source.startswith("const LIMIT: bool = 1 < 2;\n")
    assert "    a == 1\n}" in source
