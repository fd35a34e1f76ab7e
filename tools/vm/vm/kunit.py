# SPDX-License-Identifier: GPL-2.0
"""Runs the suites of rust_vma_kunit.ko in a guest, and reads the results with the kernel's parser.

A case that failed, crashed, was skipped, or did not run although the sources have its suite counts
as failed. The last line of stdout is "N passed, N failed".
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vm import kernel_log, ktap
from vm.architecture import ARCHITECTURES
from vm.kernels import WITH_HOOK
from vm.outcome import add_counts_option, finish
from vm.places import BUILD, TOP

IN_THE_GUEST = "insmod /lib/modules/rust_vma_kunit.ko && rmmod rust_vma_kunit"

# The name of a suite in the sources, and in the arguments of our macros that make a suite.
SUITE_NAMES = (r"kunit_tests\((\w+)\)", r"\bsuite: (\w+)")


@dataclass
class Results:
    passed: int = 0
    failed: int = 0
    suites: set[str] = field(default_factory=set)

    def add(self, group: dict[str, Any]) -> None:
        """Adds a group of the parser, which has cases and groups of cases."""
        for case in group["test_cases"]:
            if case["status"] == "PASS":
                self.passed += 1
            else:
                self.failed += 1
        for inner in group["sub_groups"]:
            self.add(inner)

    def fail(self, reason: str) -> None:
        print(f"kunit: {reason}", flush=True)
        self.failed += 1


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/kunit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="default: x86_64")
    add("--kernel", choices=WITH_HOOK, default="base", help="default: base")
    add("--timeout", metavar="SECONDS", default="600", help="for all suites (default: 600)")
    add_counts_option(parser)
    return parser.parse_args()


def suites_in_sources() -> set[str]:
    sources = "".join(path.read_text() for path in sorted((TOP / "kunit").glob("**/*.rs")))
    return {name for pattern in SUITE_NAMES for name in re.findall(pattern, sources)}


def run_in_guest(arguments: argparse.Namespace, log: Path) -> int:
    options = ["--arch", arguments.arch, "--kernel", arguments.kernel]
    options += ["--timeout", arguments.timeout, "--log", str(log)]
    return subprocess.run(
        [TOP / "scripts" / "vm", *options, "--", "sh", "-c", IN_THE_GUEST], check=False
    ).returncode


def results_in(log: list[str]) -> list[str]:
    """Returns the lines from the last beginning of results on. Results of the kernel's own suites may come
    before."""
    lines = [re.sub(kernel_log.TIMESTAMP, "", line) for line in log]
    beginnings = [index for index, line in enumerate(lines) if line == "KTAP version 1"]
    return lines[beginnings[-1] :] if beginnings else []


def parse(lines: list[str], scratch: Path) -> Results:
    """Shows the parser's output, and counts its results."""
    results_file, json_file = scratch / "results", scratch / "json"
    results_file.write_text("\n".join(lines) + "\n")
    command = [*ktap.parser(), str(results_file)]
    parsed = subprocess.run(command, check=False)
    command.append(f"--json={json_file}")
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)

    results = Results()
    if json_file.exists():
        group = json.loads(json_file.read_text())
        results.add(group)
        results.suites = {suite["name"] for suite in group["sub_groups"]}
    if parsed.returncode != 0 and results.failed == 0:
        results.fail("the parser rejects the results")
    return results


def main() -> int:
    arguments = parse_arguments()
    expected = suites_in_sources()
    kept_log = BUILD / f"{arguments.arch}-{arguments.kernel}" / "kunit.log"
    kept_log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rust-vma-kunit-") as scratch:
        log = Path(scratch) / "kernel.log"
        status = run_in_guest(arguments, log)
        lines = kernel_log.read(log)
        kept_log.write_text("\n".join(lines) + "\n")
        results = parse(results_in(lines), Path(scratch))
    for suite in sorted(expected - results.suites):
        results.fail(f"the suite {suite} did not run")
    if status != 0:
        results.fail(f"the run in the guest ended with {status} (see scripts/vm --help)")
    if results.passed + results.failed == 0:
        results.fail("no case ran")
    if results.failed:
        print(f"kunit: the kernel log is {kept_log}", flush=True)
    return finish(results.passed, results.failed, arguments.counts)


if __name__ == "__main__":
    sys.exit(main())
