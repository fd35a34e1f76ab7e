# SPDX-License-Identifier: GPL-2.0
"""Makes a web page from explain.jsonl, which says why a process has so many VMAs.

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
import stat
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vma_report.explain_file import BadInput, read_lines
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
    add(
        "-o", "--output", metavar="FILE", type=Path, help="write the page to FILE (default: stdout)"
    )
    add("--title", metavar="TEXT", help="the title of the page (default: the process)")
    return parser.parse_args()


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as file:
            yield file


def with_progress(file: BinaryIO) -> Generator[bytes]:
    """Yields the lines of a file. On a terminal, a status line shows how much of the file was read."""
    if not sys.stderr.isatty():
        yield from file
        return
    status = os.fstat(file.fileno())
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0
    read = 0
    try:
        for number, line in enumerate(file):
            if number % 20000 == 0:
                share = f"{read * 100 // size} %" if size else f"{number} lines"
                print(f"\rreading: {share}", end="", file=sys.stderr, flush=True)
            read += len(line)
            yield line
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def write_output(path: Path, contents: bytes) -> None:
    """Writes the contents to a path. A file is replaced only when the new one is complete; anything else (a
    pipe, a device) is written directly."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(contents)
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(contents)
        partial.replace(path)
    except OSError as error:
        # The error should name the file that the user named.
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def main() -> int:
    arguments = parse_arguments()
    name = "stdin" if arguments.file == STDIN else arguments.file
    try:
        with opened(arguments.file) as file, closing(with_progress(file)) as lines:
            explanation = read_lines(lines)
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
        # Otherwise Python would print another error when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"vma-report: {error.filename or name}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
