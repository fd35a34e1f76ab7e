# SPDX-License-Identifier: GPL-2.0
"""Shows what was measured: the table, and the pictures. scripts/bench calls it.

scripts/bench-report --arch ARCH [--json FILE] [--svg FILE] FILE...
    a table of the samples in these files: a line each (tools/bench/bench/report/lines.py has their forms),
    or kernel logs, where they are behind "bench: "
scripts/bench-report --arch ARCH --growth RUN.json PICTURE.svg
    how the helpers grow with the number of VMAs
scripts/bench-report --compare RUN.json RUN.json
    by how much the ratios of two runs differ
"""

import argparse
import os
import sys
from pathlib import Path

from bench.failure import BadInput
from bench.report import lines, run_file
from bench.report.comparison import comparison
from bench.report.rows import rows
from bench.report.table import table
from vm.architecture import ARCHITECTURES

FEWEST = 30

EXIT_STATUS = """\
exit status: 1 if the input cannot be used (a sentence on stderr says why, and nothing is written), or if
two runs differ by more than 1 %; 2 for wrong usage. Rust may be slower than C: that is shown, and is no
failure.
"""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench-report",
        description=__doc__,
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help="samples, or kernel logs")
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="of the guest (default: x86_64)")
    add("--json", metavar="FILE", type=Path, help="write the rows to FILE, for programs")
    add("--svg", metavar="FILE", type=Path, help="write the picture of the ratios to FILE")
    add(
        "--fewest",
        metavar="N",
        type=int,
        default=FEWEST,
        help=f"the samples that each side has to have (default: {FEWEST})",
    )
    add("--growth", nargs=2, type=Path, metavar=("RUN", "PICTURE"), help="see above")
    add("--compare", nargs=2, type=Path, metavar="RUN", help="see above")
    arguments = parser.parse_args()
    if [bool(arguments.files), bool(arguments.growth), bool(arguments.compare)].count(True) != 1:
        parser.error("one of FILE..., --growth and --compare is needed")
    return arguments


def read_run(path: Path) -> list[run_file.Result]:
    try:
        return run_file.read(path.read_bytes())
    except BadInput as bad:
        raise BadInput(f"{path}: {bad}") from None


def report(arguments: argparse.Namespace) -> int:
    texts = [(str(path), path.read_text(errors="replace")) for path in arguments.files]
    measured = lines.read(texts)
    found = rows(measured, arguments.fewest)
    counted = [row for row in found if row.group not in lines.TIMES]
    if not counted:
        raise BadInput("there are only times; instructions are missing")
    picture = ""
    if arguments.svg:
        # Imported only here because it takes a while to load, and drawn before anything is written.
        from bench.report.chart import chart

        picture = chart(counted, arguments.arch)
    if arguments.json:
        arguments.json.write_text(run_file.text(counted))
    if arguments.svg:
        arguments.svg.write_text(picture)
    print(table(found, measured.module), end="")
    return 0


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.growth:
            from bench.report.growth import growth

            run, picture = arguments.growth
            picture.write_text(growth(read_run(run), arguments.arch))
            return 0
        if arguments.compare:
            words, agree = comparison(*map(read_run, arguments.compare))
            print(words)
            return 0 if agree else 1
        return report(arguments)
    except BadInput as bad:
        print(f"bench-report: {bad}", file=sys.stderr)
    except BrokenPipeError:
        # Otherwise Python would print another error when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"bench-report: {error.filename}: {error.strerror}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
