# SPDX-License-Identifier: GPL-2.0
"""The conditions in a source, and their mutants. A mutant inverts its condition while it is on. In the code
of tests that judges, a condition has two mutants instead: it never holds, or always."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import tree_sitter_c
import tree_sitter_rust
from tree_sitter import Language, Node, Parser

RUST = Parser(Language(tree_sitter_rust.language()))
C = Parser(Language(tree_sitter_c.language()))

COMPARISONS = {"==", "!=", "<", "<=", ">", ">=", "&&", "||"}
# Nodes that the compiler evaluates, or does not parse as Rust.
CONSTANT = {
    "const_item",
    "static_item",
    "const_block",
    "enum_variant",
    "macro_definition",
    "type_arguments",
}
# Expressions that leave a function or a loop, and so have no value.
LEAVING = {"return_expression", "break_expression", "continue_expression", "loop_expression"}


@dataclass(frozen=True)
class Condition:
    """A condition, and a name by which it is found again when lines have moved."""

    # The file, the function, and the text; the second condition with this text in a function ends in " (2)".
    name: str
    # Offsets in the source, in bytes.
    start: int
    end: int
    # Whether its file has a KUnit suite. A suite defines what is right, and is not judged itself.
    in_suite: bool
    # The value of the condition, if it is a literal.
    literal: bool | None


@dataclass(frozen=True)
class Place:
    """The place of a node."""

    function: str = ""
    # Whether the node is a part of a condition that was found already.
    in_condition: bool = False


@dataclass(frozen=True)
class Found:
    """A condition, its place, and the node that names it."""

    place: Place
    node: Node
    label: Node


def text_of(node: Node | None) -> str:
    """Returns the text of a node on one line, or nothing."""
    text = (node.text or b"").decode() if node else ""
    return " ".join(text.split())


def rust_conditions(node: Node, place: Place) -> Iterator[Found]:
    """Yields the conditions below a node in which a call is allowed."""
    decided = decided_by(node)
    for child in node.named_children:
        inside = place
        if child.type in CONSTANT or is_constant_function(child):
            continue
        if child.type == "function_item":
            function = text_of(child.child_by_field_name("name"))
            inside = replace(place, function=function, in_condition=False)
            if text_of(child.child_by_field_name("return_type")) == "bool":
                yield from (Found(inside, *value) for value in values(child))
        elif child.type in {"closure_expression", "arguments", "block"}:
            inside = replace(place, in_condition=False)
        elif child == decided or is_comparison(child):
            if not place.in_condition and not only_logs(node):
                yield Found(place, child, child)
            inside = replace(place, in_condition=True)
        yield from rust_conditions(child, inside)


def is_constant_function(node: Node) -> bool:
    """Returns whether a node is a function that the compiler may evaluate."""
    head = text_of(node).split("fn ", maxsplit=1)[0].split()
    return node.type == "function_item" and "const" in head


def decided_by(node: Node) -> Node | None:
    """Returns the condition of an `if`, a loop or a guard, unless it binds names."""
    if node.type not in {"if_expression", "while_expression", "match_pattern"}:
        return None
    condition = node.child_by_field_name("condition")
    if condition is None or {"let_condition", "let_chain"} & {
        condition.type,
        *types_below(condition),
    }:
        return None
    return condition


def is_comparison(node: Node) -> bool:
    """Returns whether an expression is a bool for all operands."""
    if node.type == "macro_invocation":
        return text_of(node.child_by_field_name("macro")) == "matches"
    return (
        node.type == "binary_expression"
        and text_of(node.child_by_field_name("operator")) in COMPARISONS
    )


def only_logs(node: Node) -> bool:
    """Returns whether an `if` only decides about messages in the log."""
    then = node.child_by_field_name("consequence")
    if then is None or node.child_by_field_name("alternative"):
        return False
    lines = [text_of(each) for each in then.named_children]
    return bool(lines) and all(line.startswith("pr_") for line in lines)


def values(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yields the possible values of a function or an expression, each with the node that names it: the value
    itself, or the arm of a match that contains it."""
    if node.type == "match_arm":
        value = node.child_by_field_name("value")
        if value is not None:
            yield from ((each, node if each == value else label) for each, label in values(value))
    elif node.type == "match_expression":
        body = node.child_by_field_name("body")
        for arm in without_comments(body) if body else []:
            yield from values(arm)
    elif node.type == "if_expression":
        for part in ("consequence", "alternative"):
            branch = node.child_by_field_name(part)
            if branch is not None:
                yield from values(branch)
    elif node.type == "function_item":
        body = node.child_by_field_name("body")
        if body is not None:
            yield from values(body)
    elif node.type in {"block", "unsafe_block", "else_clause", "expression_statement"}:
        parts = without_comments(node)
        if parts and not text_of(node).endswith(";"):
            yield from values(parts[-1])
    elif node.type not in LEAVING:
        yield node, node


def without_comments(node: Node) -> list[Node]:
    """Returns the children of a node that are not comments."""
    return [child for child in node.named_children if not child.type.endswith("_comment")]


def types_below(node: Node) -> Iterator[str]:
    """Yields the types of all nodes below a node."""
    for child in node.named_children:
        yield child.type
        yield from types_below(child)


def c_conditions(node: Node, place: Place) -> Iterator[Found]:
    """Yields the conditions below a node."""
    for child in node.named_children:
        inside = place
        if child.type == "function_definition":
            declarator = text_of(child.child_by_field_name("declarator"))
            inside = Place(declarator.split("(")[0].lstrip("* "))
            if text_of(child.child_by_field_name("type")) == "bool":
                yield from (Found(inside, value, value) for value in returned(child))
        elif child.type in {"if_statement", "while_statement"}:
            # The condition in its parentheses.
            for inner in condition_of(child).named_children[:1]:
                yield Found(place, inner, inner)
        elif decides(child):
            yield Found(place, condition_of(child), condition_of(child))
        yield from c_conditions(child, inside)


def decides(node: Node) -> bool:
    """Returns whether a node is a loop with a condition, or chooses one of two values. (In "a ?: b", the
    condition is also a value.)"""
    needed = {"for_statement": "condition", "conditional_expression": "consequence"}.get(node.type)
    return needed is not None and node.child_by_field_name(needed) is not None


def condition_of(node: Node) -> Node:
    """Returns the condition of a statement or an expression that has one."""
    condition = node.child_by_field_name("condition")
    assert condition is not None
    return condition


def returned(node: Node) -> Iterator[Node]:
    """Yields the values that a function returns, except constants."""
    for child in node.named_children:
        if child.type == "return_statement" and child.named_children:
            value = child.named_children[0]
            if value.type not in {"true", "false"}:
                yield value
        yield from returned(child)


def conditions_of(path: str, source: str) -> list[Condition]:
    """Returns the conditions of a file, in order."""
    is_rust = path.endswith(".rs")
    root = (RUST if is_rust else C).parse(source.encode()).root_node
    find = rust_conditions if is_rust else c_conditions
    in_suite = "kunit_tests(" in source
    # The value of a function may also be a comparison.
    found = {(each.node.start_byte, each.node.end_byte): each for each in find(root, Place())}
    seen: Counter[str] = Counter()
    conditions = []
    for (start, end), each in sorted(found.items(), key=lambda item: (item[0][0], -item[0][1])):
        name = f"{path}: {each.place.function}(): {text_of(each.label)}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]})"
        literal = {"true": True, "false": False}.get(text_of(each.node))
        conditions.append(Condition(name, start, end, in_suite, literal))
    return conditions


def mutants_of(
    path: str, condition: Condition, first: int, *, judges: bool
) -> tuple[str, str, list[str]]:
    """Returns the code to insert before and after the condition, and the names of its mutants, whose numbers
    begin with `first`."""
    if not path.endswith(".rs"):
        return "(!!(", f") != rust_vma_mutant({first}))", [condition.name]
    if not judges or condition.in_suite:
        return "((", f") ^ crate::mutant::is_on({first}))", [condition.name]
    # Without a mutant, a literal already never or always holds.
    if condition.literal is not None:
        word = "never" if condition.literal else "always"
        return "((", f") ^ crate::mutant::is_on({first}))", [f"{condition.name}: {word}"]
    before = f"(!crate::mutant::is_on({first}) && (crate::mutant::is_on({first + 1}) || ("
    return before, ")))", [f"{condition.name}: never", f"{condition.name}: always"]


def with_mutants(path: str, source: str, first: int, *, judges: bool) -> tuple[str, list[str]]:
    """Returns the source with its mutants, and their names. Their numbers begin with `first`."""
    # The place, the order at the same place, and the text. Of conditions that begin together, the outer one
    # opens first; of those that end together, the inner one closes first.
    insertions = []
    names: list[str] = []
    for condition in conditions_of(path, source):
        before, behind, new = mutants_of(path, condition, first + len(names), judges=judges)
        insertions.append((condition.start, 1, -condition.end, before))
        insertions.append((condition.end, 0, -condition.start, behind))
        names += new
    text = source.encode()
    pieces = []
    done = 0
    for place, _, _, inserted in sorted(insertions):
        pieces += [text[done:place], inserted.encode()]
        done = place
    return b"".join([*pieces, text[done:]]).decode(), names
