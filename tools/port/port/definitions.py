# SPDX-License-Identifier: GPL-2.0
"""Finds definitions in C sources with tree-sitter, and returns their text without its layout."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tree_sitter_c
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_c.language()))

# Replaces a definition's own name in its text, so that a renamed function has the same text.
ITSELF = "@"
# Nodes below which no definition is searched for.
CLOSED = {"compound_statement", "function_definition", "comment"}


@dataclass(frozen=True)
class Definition:
    """A definition in a file.

    `name` ends in "()" for a function or a macro with arguments, and begins with "struct " for a
    structure. `tokens` is its text without comments and blanks.
    """

    name: str
    tokens: tuple[str, ...]

    @property
    def identifier(self) -> str:
        """Returns the name as the C source has it."""
        return self.name.removeprefix("struct ").removesuffix("()")


def tokens_of(node: Node) -> Iterator[str]:
    """Yields the leaves below a node."""
    if node.type == "comment":
        return
    if not node.children:
        # A leaf may still hold a comment: the body of a macro is one leaf.
        yield from (node.text or b"").decode(errors="replace").replace("\\\n", " ").split()
    for child in node.children:
        yield from tokens_of(child)


def text_of(node: Node | None) -> str:
    """Returns the text of a node as it stands in the file."""
    return (node.text or b"").decode(errors="replace") if node else ""


def identifier_below(node: Node | None, kinds: tuple[str, ...]) -> str:
    """Returns the identifier that a declarator declares, below pointers, arrays and parentheses."""
    while node is not None and node.type not in kinds:
        inner = node.child_by_field_name("declarator")
        node = inner or next(
            (child for child in node.named_children if child.type.endswith("declarator")), None
        )
    return text_of(node)


def name_of(node: Node) -> str:
    """Returns the name that a node defines, or nothing if it is not a definition."""
    match node.type:
        case "function_definition":
            name = identifier_below(node.child_by_field_name("declarator"), ("identifier",))
            return f"{name}()" if name else ""
        case "preproc_function_def":
            return f"{text_of(node.child_by_field_name('name'))}()"
        case "preproc_def" | "enumerator":
            return text_of(node.child_by_field_name("name"))
        case "struct_specifier" if node.child_by_field_name("body"):
            name = text_of(node.child_by_field_name("name"))
            return f"struct {name}" if name else ""
        case "type_definition":
            return identifier_below(node.child_by_field_name("declarator"), ("type_identifier",))
        case "field_declaration":
            return identifier_below(node.child_by_field_name("declarator"), ("field_identifier",))
    return ""


def definitions_in(source: bytes) -> Iterator[Definition]:
    """Yields the definitions of a C file, in order."""
    waiting = [PARSER.parse(source).root_node]
    while waiting:
        node = waiting.pop()
        name = name_of(node)
        if name:
            yield Definition(name, tuple(tokens_of(node)))
        if node.type not in CLOSED:
            waiting.extend(reversed(node.children))


def digest(definitions: list[Definition], renamed: Mapping[str, str]) -> str:
    """Returns a digest of the text of definitions that share a name, such as the branches of an #ifdef.

    `renamed` maps new identifiers to the old ones that replace them in the text.
    """
    text = hashlib.sha256()
    for each in definitions:
        for token in each.tokens:
            word = ITSELF if token == each.identifier else renamed.get(token, token)
            text.update(word.encode() + b"\n")
        text.update(b"\n")
    return text.hexdigest()[:16]
