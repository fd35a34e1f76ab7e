# SPDX-License-Identifier: GPL-2.0
"""Tests which definitions are found in C sources, and which texts count as the same."""

import pytest

from port.definitions import definitions_in, digest


def names(source: str) -> list[str]:
    return [each.name for each in definitions_in(source.encode())]


def text(source: str, renamed: dict[str, str] | None = None) -> str:
    return digest(list(definitions_in(source.encode())), renamed or {})


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("int one(void) { return two(); }", ["one()"]),
        ("static __must_check int\n__one(struct a *a,\n\tint b)\n{\n}", ["__one()"]),
        ("struct a *one(void)\n{\n}", ["one()"]),
        ("static inline void *__must_check one(long e) { return (void *)e; }", ["one()"]),
        ("int one(void);\nextern int two(void);", []),
        ("#define ONE 1\n#define TWO(x) ((x) + ONE)\n", ["ONE", "TWO()"]),
        ("typedef struct { int a; } b_t;", ["b_t", "a"]),
        ("struct one { int a; struct { long b[2]; }; int (*c)(int d); };",
         ["struct one", "a", "b", "c"]),
        ("struct one *two;", []),
        ("enum { ONE = 1, TWO };", ["ONE", "TWO"]),
        ("#ifdef A\nint one(void) { return 1; }\n#else\nint one(void) { return 2; }\n#endif",
         ["one()", "one()"]),
        ("EXPORT_SYMBOL(one);\nint one(void) { }\nEXPORT_SYMBOL(one);", ["one()"]),
    ],
)  # fmt: skip
def test_definitions_are_known_from_declarations_and_uses(source: str, found: list[str]) -> None:
    assert [name for name in names(source) if name] == found


@pytest.mark.parametrize(
    "other",
    [
        "int one(int a)\n{\n\treturn a + 1;\n}\n",
        "/* Adds. */\nint one(int a) { /* one */ return a + 1; // more\n }",
        "int uno(int a) { return a + 1; }",
    ],
)
def test_layout_comments_and_the_own_name_do_not_count(other: str) -> None:
    assert text(other) == text("int one(int a) { return a + 1; }")


@pytest.mark.parametrize(
    "other",
    [
        "int one(int a) { return a + 2; }",
        "int one(int a) { return 1 + a; }",
        "int one(long a) { return a + 1; }",
        "static int one(int a) { return a + 1; }",
    ],
)
def test_any_other_difference_counts(other: str) -> None:
    assert text(other) != text("int one(int a) { return a + 1; }")


def test_a_macro_reads_the_same_however_it_is_broken() -> None:
    assert text("#define ONE(a)\t\\\n\tdo { a; } \\\n\twhile (0)\n") == text(
        "#define ONE(a) do { a; } while (0)\n"
    )
    assert text("#define ONE(a) (a)\n") != text("#define ONE(a) (-a)\n")


def test_a_renamed_callee_is_read_with_its_old_name() -> None:
    before = "int one(void) { return old(); }"
    after = "int one(void) { return new(); }"
    assert text(after) != text(before)
    assert text(after, {"new": "old"}) == text(before)
