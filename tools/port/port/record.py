# SPDX-License-Identifier: GPL-2.0
"""kernel/answers.txt: a digest of each C definition that Rust answers to, in the release for which Rust is
written."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from port.answers import Answer
from port.definitions import digest
from port.tree import Tree
from vm.failure import Failure

FILE = Path("kernel") / "answers.txt"
HEADER = """\
# SPDX-License-Identifier: GPL-2.0
#
# The C that the Rust code answers to, in Linux {release}: a digest of the text, the file, the name.
# Written by scripts/port --record; Documentation/porting.rst says what it is for.
"""
RELEASE = re.compile(r"in Linux (\S+):")


@dataclass
class Record:
    """The digests of one release, by name and file."""

    release: str
    digests: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.digests}

    def __str__(self) -> str:
        rows = sorted((path, name, value) for (name, path), value in self.digests.items())
        return HEADER.format(release=self.release) + "".join(
            f"{value}  {path}  {name}\n" for path, name, value in rows
        )


def parse(text: str) -> Record:
    """Parses the text of a record, which str() returns."""
    release = RELEASE.search(text)
    if not release:
        raise Failure(1, f"{FILE} does not say which release it is of")
    record = Record(release[1])
    for line in text.splitlines():
        if not line.startswith("#"):
            value, path, name = line.split(maxsplit=2)
            record.digests[name, path] = value
    return record


def record_of(tree: Tree, answers: list[Answer]) -> Record:
    """Records the definitions in a tree that the answers name. Fails if the tree does not define a name."""
    names = {answer.c_name for answer in answers}
    found = tree.search(names)
    untrue = [
        f"{answer} answers to {answer.c_name}, which {tree} does not have"
        for answer in answers
        if answer.c_name not in found
    ]
    if untrue:
        raise Failure(1, "\n".join(untrue))
    record = Record(tree.release)
    for name, paths in found.items():
        for path in paths:
            record.digests[name, path] = digest(tree.definitions_in(path)[name], {})
    return record
