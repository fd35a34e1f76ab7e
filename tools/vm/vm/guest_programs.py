# SPDX-License-Identifier: GPL-2.0
"""The programs of tests in tests/guest, and the guests in which they run."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Timer

from vm.places import TOP

# With slab_debug, nodes of the maple tree come from the slab one by one, and not from the stock of a
# processor, so that each allocation can be made to fail. With the bug l1tf, which x86_64 alone knows,
# mprotect() looks at page frames.
APPEND = "slab_debug=F,maple_node setcpuid=l1tf"
# After these a guest is of no use to others, so they come last: an execve() without memory leaves Committed_AS
# wrong, by C as by Rust, which verbs_test would notice.
SPOILING = ("shadow_test", "stats_test")
# These are about kernels without the module, and about a kernel with BTF.
ELSEWHERE = ("stock_test", "sources_test")


def names(top: Path = TOP) -> list[str]:
    """Those that test the module on any kernel, in the order in which one guest may run them."""
    found = (path.stem for path in (top / "tests" / "guest").glob("*_test.c"))
    return sorted(set(found) - set(ELSEWHERE), key=lambda name: (spoils(name), name))


def spoils(program: str) -> bool:
    """Whether a guest is of no use to others after this program."""
    return program in SPOILING


def run(
    vm: Path, options: list[str], command: list[str], silence: int, hear: Callable[[str], None]
) -> int:
    """Runs a command in a guest, and lets `hear` have each line that it prints; returns the status of scripts/vm.
    A guest that says nothing for so many seconds is stuck, and is ended."""
    with subprocess.Popen(
        [str(vm), *options, "--append", APPEND, "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as guest:
        for line in iter(partial(_next_line, guest, silence), ""):
            hear(line.rstrip("\n"))
    return guest.returncode


def _next_line(guest: subprocess.Popen[str], silence: int) -> str:
    """Returns the next line, or nothing if the guest has ended."""
    assert guest.stdout is not None
    watch = Timer(silence, guest.terminate)
    watch.start()
    line = guest.stdout.readline()
    watch.cancel()
    return line
