# SPDX-License-Identifier: GPL-2.0
"""Finds recorded C definitions again in another kernel tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from port.definitions import Definition, digest
from port.record import Record
from port.tree import Tree


class Fate(StrEnum):
    """The kinds of changes of a definition."""

    CHANGED = "changed"
    MOVED = "moved"
    RENAMED = "renamed"
    GONE = "gone"


@dataclass(frozen=True)
class Change:
    """A definition that has changed. `now` is its new file or name, if it has one."""

    fate: Fate
    name: str
    path: str
    now: str = ""

    def __str__(self) -> str:
        match self.fate:
            case Fate.MOVED:
                return f"moved    {self.name} from {self.path} to {self.now}"
            case Fate.RENAMED:
                return f"renamed  {self.name} to {self.now} in {self.path}"
        return f"{self.fate:8} {self.name} in {self.path}"


def identifier(name: str) -> str:
    """Returns a recorded name as the C source has it."""
    return Definition(name, ()).identifier


def names_by_text(tree: Tree, path: str, renamed: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Returns the names in a file by the digest of their text, which does not depend on the name."""
    names: dict[str, list[str]] = {}
    for name, definitions in tree.definitions_in(path).items():
        names.setdefault(digest(definitions, renamed), []).append(name)
    return names


def renames(record: Record, tree: Tree, missing: list[tuple[str, str]]) -> dict[str, str]:
    """Returns the new names of missing definitions whose text is found under a new name in their file.

    A renamed definition may use another one that was renamed too, so the search is repeated until it finds no
    more.
    """
    found: dict[str, str] = {}
    while True:
        old_words = {identifier(new): identifier(old) for old, new in found.items()}
        before = len(found)
        for name, path in missing:
            alike = names_by_text(tree, path, old_words).get(record.digests[name, path], [])
            new = [other for other in alike if other not in record.names]
            if name not in found and len(new) == 1:
                found[name] = new[0]
        if len(found) == before:
            return found


def changes(record: Record, tree: Tree) -> list[Change]:
    """Returns the differences of a tree from the record, by file and name. A caller of a renamed function has
    not changed if only that name in it is new."""
    missing = [key for key in record.digests if key[0] not in tree.definitions_in(key[1])]
    elsewhere = tree.search({name for name, _ in missing}) if missing else {}
    renamed = renames(record, tree, [key for key in missing if key[0] not in elsewhere])
    old_words = {identifier(new): identifier(old) for old, new in renamed.items()}
    result = []
    for (name, path), value in record.digests.items():
        if (name, path) not in missing:
            if digest(tree.definitions_in(path)[name], old_words) != value:
                result.append(Change(Fate.CHANGED, name, path))
        elif name in renamed:
            result.append(Change(Fate.RENAMED, name, path, renamed[name]))
        elif new_paths := [
            each for each in elsewhere.get(name, []) if (name, each) not in record.digests
        ]:
            result.append(moved(record, tree, (name, path), new_paths[0], old_words))
        else:
            result.append(Change(Fate.GONE, name, path))
    return sorted(result, key=lambda change: (change.path, change.name))


def moved(
    record: Record, tree: Tree, key: tuple[str, str], path: str, old_words: Mapping[str, str]
) -> Change:
    """Returns the change of a definition that is in another file now, where its text may also differ."""
    name, old_path = key
    if digest(tree.definitions_in(path)[name], old_words) == record.digests[key]:
        return Change(Fate.MOVED, name, old_path, path)
    return Change(Fate.MOVED, name, old_path, f"{path}, and changed")
