# SPDX-License-Identifier: GPL-2.0
"""scripts/mutants --pure: cargo-mutants breaks the pure files, and their own tests judge."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mutants.failure import Unusable

# cargo-mutants breaks only files in a workspace, and the pure files lie outside their package.
WORKSPACE = '[workspace]\nmembers = ["tests/host"]\nresolver = "2"\n'
# cargo reads only the profile of the workspace.
PROFILE = "[profile.dev]"
# Seconds until a mutant counts as stuck, and so as noticed. The tests take five seconds.
TIMEOUT = "60"
# Exit statuses of cargo-mutants when all mutants were tried, even if some have survived or were stuck.
ALL_TRIED = (0, 2, 3)
NO_BASELINE = 4


@dataclass
class Tally:
    killed: int
    equivalent: int
    survived: list[str]
    # The listed mutants that did not survive.
    not_equivalent: list[str]


def read_equivalent(text: str) -> Counter[str]:
    """Reads the list of equivalent mutants. A mutant is a line, as `described` returns it, followed by
    indented lines with the reason. The same line twice stands for two places in one function."""
    return Counter(line for line in text.splitlines() if line and line[0] not in "# \t")


def described(mutant: str) -> str:
    """Returns the file and the change of a mutant, without the line number, which would not stay valid."""
    place, _, rest = mutant.partition(": ")
    return f"{os.path.normpath(place.split(':')[0])}: {rest}"


def judge(outcomes: Path, listed: Counter[str], only_some: bool) -> Tally:
    """Compares the outcomes that cargo-mutants wrote to its folder, a line for each mutant, with the list."""
    killed, stuck, missed = (
        [described(line) for line in (outcomes / f"{end}.txt").read_text().splitlines()]
        for end in ("caught", "timeout", "missed")
    )
    survived = Counter(missed)
    return Tally(
        killed=len(killed) + len(stuck),
        equivalent=(survived & listed).total(),
        survived=list((survived - listed).elements()),
        # Nothing is known about mutants that were left out.
        not_equivalent=[] if only_some else list((listed - survived).elements()),
    )


def run_cargo_mutants(top: Path, folder: Path, only: str, jobs: int) -> Path:
    """Breaks a copy of the sources in the folder. Returns the folder with the results."""
    shutil.rmtree(folder, ignore_errors=True)
    for sources in ("rust", "tests/host"):
        shutil.copytree(top / sources, folder / sources)
    package = (top / "tests" / "host" / "Cargo.toml").read_text()
    (folder / "Cargo.toml").write_text(WORKSPACE + package[package.index(PROFILE) :])
    subprocess.run([top / "scripts" / "setup", "--mutants"], stdout=sys.stderr, check=True)
    environment = {**os.environ, "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_INCREMENTAL": "1"}
    # A caller's make or shell may have set where cargo builds.
    environment.pop("CARGO_TARGET_DIR", None)
    command = ["cargo", "mutants", f"--jobs={jobs}", "--timeout", TIMEOUT, "--no-shuffle"]
    if only:
        command += ["--re", only]
    finished = subprocess.run(
        [*command, "--", "--lib"], cwd=folder, env=environment, stdout=sys.stderr, check=False
    )
    if finished.returncode == NO_BASELINE:
        raise Unusable("the tests of the pure files fail without a mutant")
    if finished.returncode not in ALL_TRIED:
        raise Unusable(f"cargo mutants ended with {finished.returncode}")
    return folder / "mutants.out"
