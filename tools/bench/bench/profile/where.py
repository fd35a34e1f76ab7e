# SPDX-License-Identifier: GPL-2.0
"""Shows where the instructions of a row of the benchmark go, by C and by Rust, function by function;
without a row, what each row has, and how much of that is own: without what both sides call.
scripts/bench-profile counts them.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from bench.failure import BadInput
from bench.profile.beside import beside, overview
from bench.profile.rows import Key, Row, read
from vm.architecture import ARCHITECTURES
from vm.places import BUILD


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench-where",
        description=__doc__,
        epilog="exit status: 1 if there is no such row, or what was counted cannot be read; "
        "2 for wrong usage",
    )
    add = parser.add_argument
    add("row", nargs="?", metavar="ROW", help="its name, such as modify_flags/prev/1000")
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="the guest's (default: x86_64)")
    add(
        "--samples",
        metavar="FILE",
        type=Path,
        help="a profile that scripts/bench-profile has written (default: build/bench-ARCH/profile.txt)",
    )
    return parser.parse_args()


def shown(rows: dict[Key, Row], name: str | None) -> list[str]:
    if name is None:
        return overview(rows)
    found = [beside(key, row) for key, row in rows.items() if key.name == name]
    if not found:
        raise BadInput(f"no row is called {name}; without a name, all rows are listed")
    return [line for lines in found for line in [*lines, ""]][:-1]


def main() -> int:
    arguments = parse_arguments()
    samples: Path = arguments.samples or BUILD / f"bench-{arguments.arch}" / "profile.txt"
    try:
        rows = read(samples.read_text(errors="backslashreplace").splitlines())
        print("\n".join(shown(rows, arguments.row)), flush=True)
    except BadInput as bad:
        print(f"bench-where: {samples}: {bad}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Otherwise Python would print another error when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"bench-where: {error.filename or samples}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
