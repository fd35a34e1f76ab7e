# SPDX-License-Identifier: GPL-2.0
"""scripts/mutants --pure: what cargo-mutants finds to break in the pure files, and what their tests say."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
BUILD = TOP / "build"
EQUIVALENT = TOP / "tests" / "host" / "equivalent.txt"
FOLDER = BUILD / "mutants" / "pure"
# cargo-mutants breaks what belongs to a workspace, and the pure files lie outside of their package.
WORKSPACE = '[workspace]\nmembers = ["tests/host"]\nresolver = "2"\n'
# Seconds until a mutant counts as stuck, which the tests have noticed then. They take two.
TIMEOUT = "60"


def read_equivalent(text: str) -> Counter[str]:
    """A mutant is a line, as `describe` has it, and below it, indented, why nobody can tell. Twice the
    same line stands for two places in one function."""
    lines = (line for line in text.splitlines() if line and line[0] not in "# \t")
    return Counter(lines)


def describe(mutant: dict[str, str]) -> str:
    """The file, and what becomes of what; lines would not stay."""
    place, _, rest = mutant["name"].partition(": ")
    file = os.path.normpath(place.split(":")[0])
    return f"{file}: {rest}"


def run_cargo_mutants(only: str, jobs: int) -> Path:
    """Breaks a copy of the sources; returns the file with what came of it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for folder in ("rust", "tests/host"):
        shutil.copytree(TOP / folder, FOLDER / folder)
    (FOLDER / "Cargo.toml").write_text(WORKSPACE)
    toolchain = TOP / "scripts" / "lib" / "toolchain.sh"
    subprocess.run([TOP / "scripts" / "setup", "--mutants"], stdout=sys.stderr, check=True)
    environment = {
        **os.environ,
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_INCREMENTAL": "1",
    }
    # Without what a caller's make or shell would have cargo build where.
    environment.pop("CARGO_TARGET_DIR", None)
    command = ["cargo", "mutants", f"--jobs={jobs}", "--timeout", TIMEOUT, "--no-shuffle"]
    if only:
        command += ["--re", only]
    subprocess.run(
        ["bash", "-c", '. "$1" && shift && exec "$@"', "-", toolchain, *command, "--", "--lib"],
        cwd=FOLDER,
        env=environment,
        stdout=sys.stderr,
        check=False,
    )
    return FOLDER / "mutants.out" / "outcomes.json"


def break_pure_files(only: str, jobs: int, counts: Path | None) -> int:
    """Prints the mutants that are not as they should be, and how many there are. Returns the status."""
    outcomes = json.loads(run_cargo_mutants(only, jobs).read_text())["outcomes"]
    equivalent = read_equivalent(EQUIVALENT.read_text())
    killed = survived = unexplained = 0
    for outcome in outcomes:
        if outcome["scenario"] == "Baseline":
            if outcome["summary"] != "Success":
                sys.exit("mutants: the tests of the pure files fail without a mutant")
            continue
        name = describe(outcome["scenario"]["Mutant"])
        if outcome["summary"] in ("CaughtMutant", "Timeout"):
            killed += 1
        elif outcome["summary"] == "MissedMutant":
            survived += 1
            if equivalent[name] == 0:
                unexplained += 1
                print(f"SURVIVED       {name}")
            else:
                equivalent[name] -= 1
    # Of those that were left out nothing is known.
    wrongly_listed = 0 if only else equivalent.total()
    if not only:
        for name in equivalent.elements():
            print(f"NOT EQUIVALENT {name}")
    bad = unexplained + wrongly_listed
    print(
        f"{killed + survived} mutants of the pure files: {killed} killed, "
        f"{survived - unexplained} equivalent, {bad} not as they should be"
    )
    if counts:
        with counts.open("a") as file:
            file.write(f"{killed + survived - unexplained} {bad}\n")
    return 1 if bad or not killed else 0
