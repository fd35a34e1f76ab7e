# SPDX-License-Identifier: GPL-2.0
"""Makes a page for a browser of what explain.jsonl says of a process: why it has so many VMAs.

On the machine that runs the process, as root:
  echo PID >/sys/kernel/debug/rust_vma/explain.jsonl
  cat /sys/kernel/debug/rust_vma/explain.jsonl >explain.jsonl
and anywhere:
  scripts/vma-report explain.jsonl -o report.html

The page is one file, which loads nothing.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from vma_report.explain_file import BadInput, read
from vma_report.page import page

STDIN = "-"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/vma-report",
        description=__doc__,
        epilog="exit status: 1 if the input cannot be used (a sentence on stderr says which line is "
        "wrong, and nothing is written); 2 for wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", nargs="?", default=STDIN, metavar="FILE", help="explain.jsonl (default: stdin)")
    add("-o", "--output", metavar="FILE", type=Path, help="where the page goes (default: stdout)")
    add("--title", metavar="TEXT", help="which process it is, for the head of the page")
    return parser.parse_args()


def read_input(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()


def write_output(path: Path, contents: bytes) -> None:
    """A file is replaced when the new one is whole; into anything else (a pipe, a device) it goes
    directly."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(contents)
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(contents)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def main() -> int:
    arguments = parse_arguments()
    name = "stdin" if arguments.file == STDIN else arguments.file
    try:
        explanation = read(read_input(arguments.file))
        contents = page(explanation, arguments.title or "")
        if arguments.output:
            write_output(arguments.output, contents)
        else:
            sys.stdout.buffer.write(contents)
            sys.stdout.buffer.flush()
    except BadInput as bad:
        print(f"vma-report: {name}: {bad}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Else Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"vma-report: {error.filename or name}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
