# SPDX-License-Identifier: GPL-2.0
"""Counts where the instructions of each row of the benchmark go, by C and by Rust, in a guest that QEMU
watches (scripts/vm --count-by-place): of a few calls of each, in the shortest. scripts/bench-where shows
it.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.failure import BadInput
from bench.profile import regions, rows
from bench.profile.by_symbol import by_symbol
from bench.profile.object_file import functions
from bench.profile.symbols import Symbols
from vm.architecture import ARCHITECTURES
from vm.places import BUILD, TOP

SUITE = "kunit.filter_glob=rust_vma_speed"
# With nothing registered, C runs as if there were no hook.
IN_THE_GUEST = """
rmmod rust_vma &&
insmod /lib/modules/rust_vma_kunit.ko bench=2 alternations=7 || exit
cat /proc/kallsyms >/overlay/kallsyms
"""
SECONDS = 1200


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench-profile",
        description=__doc__,
        epilog="exit status: 1 if something cannot be measured; 2 for wrong usage",
    )
    add = parser.add_argument
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="the guest's (default: x86_64)")
    add("--kernel", choices=("base", "bench"), default="bench", help="default: bench")
    add(
        "--samples",
        metavar="FILE",
        type=Path,
        help="write the lines to FILE, one for each function of each row (default: build/bench-ARCH/profile.txt)",
    )
    return parser.parse_args()


def output_of(*command: str | Path) -> str:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def run_guest(arch: str, kernel: str, scratch: Path) -> None:
    """Runs the benchmark in a guest. Leaves the files counts, log and kallsyms in scratch."""
    output_of(
        *(TOP / "scripts" / "vm", "--arch", arch, "--kernel", kernel, "--cpus", "1"),
        *("--memory", "2G", "--timeout", str(SECONDS), "--append", SUITE),
        *("--count-by-place", scratch / "counts", "--log", scratch / "log"),
        *("--overlay", scratch, "--", "sh", "-c", IN_THE_GUEST),
    )


def profile(arch: str, kernel: str, scratch: Path) -> list[str]:
    build = output_of(TOP / "scripts" / "kernel", "--arch", arch, "--kernel", kernel).strip()
    vma_object = functions(Path(build) / "mm" / "vma.o")
    run_guest(arch, kernel, scratch)
    symbols = Symbols((scratch / "kallsyms").read_text(), vma_object)
    log = (scratch / "log").read_text(errors="backslashreplace")
    lines = []
    marked = regions.read((scratch / "counts").read_text(), log)
    for (key, side), counts in by_symbol(marked, symbols).items():
        lines += rows.write(key, side, counts)
    if not lines:
        raise BadInput("the guest has marked no regions")
    return lines


def main() -> int:
    arguments = parse_arguments()
    samples: Path = arguments.samples or BUILD / f"bench-{arguments.arch}" / "profile.txt"
    try:
        with tempfile.TemporaryDirectory(prefix="rust-vma-") as scratch:
            lines = profile(arguments.arch, arguments.kernel, Path(scratch))
        samples.parent.mkdir(parents=True, exist_ok=True)
        samples.write_text("".join(f"{line}\n" for line in lines))
    except subprocess.CalledProcessError as error:
        print(f"bench-profile: {Path(error.cmd[0]).name} failed", file=sys.stderr)
        return 1
    except BadInput as bad:
        print(f"bench-profile: {bad}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"bench-profile: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
