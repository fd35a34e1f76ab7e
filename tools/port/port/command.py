# SPDX-License-Identifier: GPL-2.0
"""Says which C definitions that the Rust code answers to have changed in another kernel tree, moved,
been renamed or gone, and which Rust items answer to them."""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from port.answers import Answer, answers_of
from port.changes import changes
from port.record import FILE, Record, parse, record_of
from port.tree import Tree
from vm.failure import Failure
from vm.places import TOP


def report(record: Record, tree: Tree, answers: list[Answer]) -> str:
    """Returns the C definitions and Rust items to review before Rust can answer to another tree."""
    found = changes(record, tree)
    lines = []
    for change in found:
        lines.append(str(change))
        lines += [f"    {answer}" for answer in answers if answer.c_name == change.name]
    names = {change.name for change in found}
    differ = f"{len(names)} of {len(record.names)} differ" if names else "none differs"
    lines.append(
        f"{tree}, beside Linux {record.release}: of the C names that Rust answers to, {differ}"
    )
    return "\n".join(lines)


def check(record_text: str, tree: Tree, answers: list[Answer]) -> None:
    """Fails unless the tree has every name, and the record has exactly these names. If the tree is of the
    record's release, the texts have to match, too; by now, Debian may have a later release."""
    recorded, current = parse(record_text), record_of(tree, answers)
    if recorded.names == current.names and recorded.release != current.release:
        return
    if str(current) != record_text:
        differences = report(recorded, tree, answers)
        raise Failure(
            1,
            f"{differences}\n{FILE} does not match the sources and {tree}; "
            "scripts/port --record writes it",
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/port", description=__doc__)
    parser.add_argument("tree", type=Path, help="the top of a kernel tree")
    task = parser.add_mutually_exclusive_group()
    task.add_argument(
        "--record", action="store_true", help=f"write {FILE}, for the tree that Rust answers to"
    )
    task.add_argument(
        "--check", action="store_true", help=f"fail if a name is not in the tree, or {FILE} is old"
    )
    arguments = parser.parse_args()
    try:
        every_series: dict[Path, list[Path]] = defaultdict(list)
        for patch in sorted((TOP / "kernel" / "patches").glob("*/*.patch")):
            every_series[patch.parent].append(patch)
        tree = Tree(arguments.tree, list(every_series.values()))
        answers = answers_of(TOP)
        if arguments.record:
            (TOP / FILE).write_text(str(record_of(tree, answers)))
        elif arguments.check:
            check((TOP / FILE).read_text(), tree, answers)
        else:
            print(report(parse((TOP / FILE).read_text()), tree, answers))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
