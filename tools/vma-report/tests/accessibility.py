# SPDX-License-Identifier: GPL-2.0
"""The accessibility tree of a page, which Chromium offers to screen readers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

# Roles of boxes, and of nodes that repeat text.
UNTOLD = {"none", "InlineTextBox", "StaticText", "LineBreak", "generic"}


@dataclass
class Node:
    role: str
    name: str
    description: str
    properties: dict[str, Any]
    # The ids of the elements that the node refers to, by property.
    refers: dict[str, list[str]]
    children: list["Node"] = field(default_factory=list)

    def all(self, role: str) -> list["Node"]:
        """Returns the nodes with a role, in reading order."""
        return [node for node in self.walk() if node.role == role]

    def one(self, role: str, name: str | None = None) -> "Node":
        found = [node for node in self.all(role) if name in (None, node.name)]
        assert len(found) == 1, f"{len(found)} of {role} {name}: {self.names(role)}"
        return found[0]

    def names(self, role: str) -> list[str]:
        return [node.name for node in self.all(role)]

    def walk(self) -> Iterator["Node"]:
        for child in self.children:
            yield child
            yield from child.walk()

    def text(self) -> str:
        """Returns all text that a screen reader reads."""
        return " ".join(node.name for node in self.walk() if node.role == "StaticText")


class ScreenReader:
    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Accessibility.enable")

    def tree(self) -> Node:
        nodes = self.session.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}

        def made(node: dict[str, Any]) -> list[Node]:
            inside = [by_id[each] for each in node.get("childIds", []) if each in by_id]
            children = [child for each in inside for child in made(each)]
            if node["ignored"] or node["role"]["value"] in UNTOLD - {"StaticText"}:
                return children
            own = _node(node)
            own.children = children
            return [own]

        (root,) = made(nodes[0])
        return root


def _node(node: dict[str, Any]) -> Node:
    properties, refers = {}, {}
    for each in node.get("properties", []):
        value = each["value"]
        properties[each["name"]] = value.get("value")
        if "relatedNodes" in value:
            refers[each["name"]] = [one.get("idref", "") for one in value["relatedNodes"]]

    def told(what: str) -> str:
        return str(node.get(what, {}).get("value", ""))

    return Node(node["role"]["value"], told("name"), told("description"), properties, refers)
