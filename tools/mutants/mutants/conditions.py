# SPDX-License-Identifier: GPL-2.0
"""The conditions in a source, each of which a mutant turns round while it is on."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import tree_sitter_c
import tree_sitter_rust
from tree_sitter import Language, Node, Parser

RUST = Parser(Language(tree_sitter_rust.language()))
C = Parser(Language(tree_sitter_c.language()))


@dataclass(frozen=True)
class Condition:
    """A condition, and how to find it again when lines have moved."""

    # The file, the function, and the text; the second such one of a function ends in " (2)".
    name: str
    # Bytes of the source.
    start: int
    end: int


def text_of(node: Node | None) -> str:
    """The text of a node on one line, or nothing."""
    text = (node.text or b"").decode() if node else ""
    return " ".join(text.split())


def rust_conditions(node: Node, function: str = "") -> Iterator[tuple[str, Node]]:
    """Yields the conditions below a node that a call can stand in, each with its function."""
    for child in node.named_children:
        inside = function
        if child.type == "function_item":
            inside = text_of(child.child_by_field_name("name"))
            if "const" in text_of(child).split("fn ", maxsplit=1)[0].split():
                continue
            if text_of(child.child_by_field_name("return_type")) == "bool":
                yield from ((inside, value) for value in last_expression(child))
        elif child.type in {"const_item", "static_item", "macro_definition"}:
            continue
        elif child.type in {"if_expression", "while_expression", "match_pattern"}:
            condition = child.child_by_field_name("condition")
            if condition and not {"let_condition", "let_chain"} & set(types_below(condition)):
                yield function, condition
        yield from rust_conditions(child, inside)


def last_expression(function: Node) -> Iterator[Node]:
    """The value of a function, if its last line says it."""
    body = function.child_by_field_name("body")
    last = body.named_children[-1] if body and body.named_children else None
    plain = {"binary_expression", "unary_expression", "call_expression", "macro_invocation"}
    if last and last.type in plain:
        yield last


def types_below(node: Node) -> Iterator[str]:
    """The type of a node, and of all below it."""
    yield node.type
    for child in node.named_children:
        yield from types_below(child)


def c_conditions(node: Node, function: str = "") -> Iterator[tuple[str, Node]]:
    """Yields the conditions below a node, each with its function."""
    for child in node.named_children:
        inside = function
        if child.type == "function_definition":
            declarator = text_of(child.child_by_field_name("declarator"))
            inside = declarator.split("(")[0].lstrip("* ")
            returns_bool = text_of(child.child_by_field_name("type")) == "bool"
            if returns_bool:
                yield from ((inside, value) for value in returned(child))
        elif child.type in {"if_statement", "while_statement"}:
            # In its parentheses.
            yield from ((function, inner) for inner in condition_of(child).named_children[:1])
        elif child.type == "conditional_expression":
            yield function, condition_of(child)
        yield from c_conditions(child, inside)


def condition_of(node: Node) -> Node:
    """The condition of a statement or an expression that has one."""
    condition = node.child_by_field_name("condition")
    assert condition is not None
    return condition


def returned(node: Node) -> Iterator[Node]:
    """The values that a function returns, without constants."""
    for child in node.named_children:
        if child.type == "return_statement" and child.named_children:
            value = child.named_children[0]
            if value.type not in {"true", "false"}:
                yield value
        yield from returned(child)


def conditions_of(path: str, source: str) -> list[Condition]:
    """Returns the conditions of a file."""
    parser: Parser
    find: Callable[[Node], Iterator[tuple[str, Node]]]
    parser, find = (RUST, rust_conditions) if path.endswith(".rs") else (C, c_conditions)
    seen: Counter[str] = Counter()
    conditions = []
    for function, node in find(parser.parse(source.encode()).root_node):
        name = f"{path}: {function}(): {text_of(node)}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]})"
        conditions.append(Condition(name, node.start_byte, node.end_byte))
    return conditions


def with_mutants(path: str, source: str, first: int) -> tuple[str, list[Condition]]:
    """Returns the source with a mutant at each condition, numbered from `first`."""
    conditions = conditions_of(path, source)
    opening, closing = (
        ("((", ") ^ crate::mutant::is_on({}))")
        if path.endswith(".rs")
        else ("(!!(", ") != rust_vma_mutant({}))")
    )
    # Where, in which order at one place, and what: of conditions that begin together the outer one
    # opens first, and of those that end together the inner one closes first.
    insertions = [(condition.start, 1, -condition.end, opening) for condition in conditions]
    insertions += [
        (condition.end, 0, -condition.start, closing.format(number))
        for number, condition in enumerate(conditions, first)
    ]
    text = source.encode()
    pieces = []
    done = 0
    for place, _, _, inserted in sorted(insertions):
        pieces += [text[done:place], inserted.encode()]
        done = place
    return b"".join([*pieces, text[done:]]).decode(), conditions
