# SPDX-License-Identifier: GPL-2.0
"""Checks that Documentation/soundness.rst has all safe functions that a folder sys offers to code outside it,
and no others. Functions that a macro defines are not seen."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

from vm.places import TOP

PARSER = Parser(Language(tree_sitter_rust.language()))
TABLE = Path("Documentation") / "soundness.rst"
# The heading of a file in the document.
HEADING = re.compile(r"^(rust/\S+\.rs)$", re.MULTILINE)
# A row below the heading: functions, a colon, and why they are sound.
ROW = re.compile(r"^- (.+?):\s", re.MULTILINE | re.DOTALL)
FUNCTION = re.compile(r"``((?:\w+::)?\w+)\(\)``")
# The line under the heading of the next chapter.
CHAPTER = re.compile(r"^====", re.MULTILINE)


def text_of(node: Node | None) -> str:
    """Returns the text of a node, or nothing."""
    return (node.text or b"").decode() if node else ""


def functions_below(node: Node, owner: str = "") -> Iterator[tuple[str, str]]:
    """Yields the name of each function, qualified with its type, and the text before `fn`."""
    for child in node.named_children:
        if child.type == "function_item":
            name = text_of(child.child_by_field_name("name"))
            qualified = f"{owner}::{name}" if owner else name
            yield qualified, text_of(child).split("fn ", maxsplit=1)[0]
        elif child.type == "impl_item":
            type_name = text_of(child.child_by_field_name("type")).split("<")[0]
            # The declaration of a trait determines whether its methods are safe, so they are skipped.
            if not child.child_by_field_name("trait"):
                yield from functions_below(child, type_name)
        elif child.type in {"declaration_list", "mod_item"}:
            yield from functions_below(child, owner)


def offered_by(source: str, *, is_door: bool) -> set[str]:
    """Returns the safe functions of a file that code outside its folder sys can call. Functions that only the
    folder above can call count if the file is the door itself."""
    visible = ("pub(crate)", "pub ", "pub(super)") if is_door else ("pub(crate)", "pub ")
    functions = functions_below(PARSER.parse(source.encode()).root_node)
    return {
        name
        for name, before in functions
        if any(word in before for word in visible) and "unsafe" not in before.split()
    }


def documented_in(text: str) -> dict[str, set[str]]:
    """Returns the functions in the document's rows, by the file in the heading above."""
    parts = HEADING.split(text)
    return {
        file: {
            function
            for row in ROW.findall(CHAPTER.split(section)[0])
            for function in FUNCTION.findall(row)
        }
        for file, section in zip(parts[1::2], parts[2::2], strict=True)
    }


def differences(top: Path) -> list[str]:
    """Returns a sentence for each function that only one of the two has."""
    documented = documented_in((top / TABLE).read_text(encoding="utf-8"))
    sources = {
        str(file.relative_to(top)): offered_by(
            file.read_text(encoding="utf-8"), is_door=file.name == "mod.rs"
        )
        for file in sorted((top / "rust").glob("**/sys/**/*.rs"))
    }
    found = []
    for file in sorted({*documented, *sources}):
        offered, told = sources.get(file, set()), documented.get(file, set())
        found += [f"{TABLE} lacks {name}() of {file}" for name in sorted(offered - told)]
        found += [
            f"{TABLE} has {name}() of {file}, which does not offer it"
            for name in sorted(told - offered)
        ]
    return found


def main() -> int:
    found = differences(TOP)
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
