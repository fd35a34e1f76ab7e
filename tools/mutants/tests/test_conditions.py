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

fn is_so(a: u32, all: &[u32]) -> bool {
    let so = a == 2 && all.iter().all(|each| *each > a);
    if !so {
        pr_err!("{a}");
    }
    match a {
        0 => return true,
        1 if so => matches!(all, [_]),
        // Two is one, too.
        2 => true,
        // SAFETY: It may be asked.
        _ => unsafe { ask(a) },
        // No others.
    }
}

#[kunit_tests(suite)]
mod suite {
    fn says() -> bool {
        is_so(1, &[])
    }
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
	for (int i = 0; i < number; i++)
		number--;
	return number ? "one" : name_of(number) ?: NULL;
}
"""


def names_in(path: str, source: str) -> list[str]:
    return sorted(condition.name for condition in conditions_of(path, source))


def test_conditions_of_rust_are_those_that_a_call_can_stand_in() -> None:
    assert names_in("a.rs", RUST) == [
        "a.rs: is_more(): a < b",
        "a.rs: is_more(): a == 7",
        "a.rs: is_more(): a > 1 && !is_const(a)",
        "a.rs: is_so(): *each > a",
        "a.rs: is_so(): 2 => true,",
        "a.rs: is_so(): a == 2 && all.iter().all(|each| *each > a)",
        "a.rs: is_so(): ask(a)",
        "a.rs: is_so(): matches!(all, [_])",
        "a.rs: is_so(): so",
        "a.rs: says(): is_so(1, &[])",
        "a.rs: twice(): a == 1",
        "a.rs: twice(): a == 1 (2)",
        "a.rs: word(): a == 0",
        "a.rs: word(): a > 1",
    ]


def test_conditions_of_c_are_those_of_statements_and_what_predicates_return() -> None:
    assert names_in("a.c", C) == [
        "a.c: rust_vma_is(): !number",
        "a.c: rust_vma_is(): *number",
        "a.c: rust_vma_is(): *number ? *number > 1 : false",
        "a.c: rust_vma_word(): i < number",
        "a.c: rust_vma_word(): number",
        "a.c: rust_vma_word(): number > 1",
    ]


def test_a_mutant_turns_its_condition_round() -> None:
    source, names = with_mutants(
        "a.rs", "fn f(a: u32) {\n    if a == 1 || b {}\n}\n", 5, judges=False
    )
    assert names == ["a.rs: f(): a == 1 || b"]
    assert source == ("fn f(a: u32) {\n    if ((a == 1 || b) ^ crate::mutant::is_on(5)) {}\n}\n")


def test_where_tests_judge_a_condition_never_holds_and_always() -> None:
    source, names = with_mutants(
        "a.rs", "fn f() {\n    if a {}\n    while b {}\n}\n", 5, judges=True
    )
    assert names == [
        "a.rs: f(): a: never",
        "a.rs: f(): a: always",
        "a.rs: f(): b: never",
        "a.rs: f(): b: always",
    ]
    assert "if (!crate::mutant::is_on(5) && (crate::mutant::is_on(6) || (a))) {}" in source
    assert "while (!crate::mutant::is_on(7) && (crate::mutant::is_on(8) || (b))) {}" in source


def test_conditions_of_a_file_with_a_suite_are_turned_round() -> None:
    _, names = with_mutants("a.rs", RUST, 1, judges=True)
    assert names_in("a.rs", RUST) == sorted(names)


def test_a_literal_has_one_other_value() -> None:
    source, names = with_mutants(
        "a.rs",
        "fn f(a: u32) -> bool {\n    match a {\n        0 => true,\n        _ => false,\n    }\n}\n",
        5,
        judges=True,
    )
    assert names == ["a.rs: f(): 0 => true,: never", "a.rs: f(): _ => false,: always"]
    assert "0 => ((true) ^ crate::mutant::is_on(5))," in source


def test_conditions_inside_of_others_have_mutants_of_their_own() -> None:
    source, names = with_mutants(
        "a.c", "bool f(int a)\n{\n\treturn a ? a > 1 : a;\n}\n", 1, judges=False
    )
    assert names == ["a.c: f(): a ? a > 1 : a", "a.c: f(): a"]
    assert "return (!!((!!(a) != rust_vma_mutant(2)) ? a > 1 : a) != rust_vma_mutant(1));" in source


def test_code_without_conditions_stays() -> None:
    source, names = with_mutants("a.rs", RUST, 1, judges=False)
    assert source.count("is_on(") == len(names) == 14
    assert source.startswith("const LIMIT: bool = 1 < 2;\n")
    assert "    a == 1\n}" in source
