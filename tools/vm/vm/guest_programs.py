# SPDX-License-Identifier: GPL-2.0
"""The test programs in tests/guest, and the guests in which they run."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Timer

from vm.places import TOP

# With slab_debug, nodes of the maple tree come from the slab one by one, and not from a per-CPU stock, so
# that each allocation can be made to fail. With the bug l1tf, which only x86_64 knows, mprotect() checks page
# frames.
APPEND = "slab_debug=F,maple_node setcpuid=l1tf"
# A guest is unfit for other programs after these, so they come last: an execve() without memory leaves
# Committed_AS wrong, with C and with Rust, which verbs_test would notice.
SPOILING = ("shadow_test", "stats_test")
# Programs for kernels without the module, and for a kernel with BTF.
ELSEWHERE = ("stock_test", "sources_test")


def names(top: Path = TOP) -> list[str]:
    """Returns the programs that test the module on any kernel, in an order in which one guest may run
    them."""
    found = (path.stem for path in (top / "tests" / "guest").glob("*_test.c"))
    return sorted(set(found) - set(ELSEWHERE), key=lambda name: (spoils(name), name))


def spoils(program: str) -> bool:
    """Returns whether a guest is unfit for other programs after this program."""
    return program in SPOILING


def run(
    vm: Path, options: list[str], command: list[str], silence: int, hear: Callable[[str], None]
) -> int:
    """Runs a command in a guest, and passes each line that it prints to `hear`. Returns the status of
    scripts/vm. A guest that prints nothing for `silence` seconds is stuck, and is ended."""
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
    """Returns the next line, or nothing if the guest has ended. Ends a silent guest."""
    assert guest.stdout is not None
    watch = Timer(silence, guest.terminate)
    watch.start()
    line = guest.stdout.readline()
    watch.cancel()
    return line
