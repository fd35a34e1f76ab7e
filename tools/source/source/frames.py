# SPDX-License-Identifier: GPL-2.0
"""Checks the sizes of stack frames in a module, which CONFIG_FRAME_WARN checks only for C.

Usage: python3 -m source.frames LLVM_READOBJ MODULE. The compiler has written the sizes into the module (see Kbuild).
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass

CRATE = "8rust_vma"


@dataclass(frozen=True)
class Limit:
    """The maximum size of the frames of some functions."""

    path: str  # the beginning of the path of their module, or of the name of an entry of the hook
    most: int  # bytes


# The last limit whose path fits applies. Below the entries of the hook, a call by the kernel has the kernel's own
# frames on its stack; plan and the shadow hold whole VMAs and forecasts by value.
LIMITS = (
    Limit("", 1024),
    Limit("rust_vma_", 512),
    Limit("vma::", 512),
    Limit("vma::forecast::", 832),
    Limit("report::", 512),
    Limit("report::sys::events::tell_blocked", 640),
    Limit("hook::sys::shadow::", 1408),
    Limit("explain::text::", 1088),
    Limit("process::change::imagined::", 1920),
    Limit("debugfs::plan::", 1216),
)


@dataclass(frozen=True)
class Frame:
    """A function and the size of its frame in bytes."""

    symbol: str
    size: int

    def path(self) -> str:
        """Returns the path of the function in the crate as far as it is written in full in the symbol, or the
        symbol of a function that is not mangled."""
        _, found, rest = self.symbol.partition(CRATE)
        if not found:
            return self.symbol
        names = []
        while length := re.match(r"(\d+)_?", rest):
            end = length.end() + int(length[1])
            names.append(rest[length.end() : end])
            rest = rest[end:]
        return "::".join(names)

    def limit(self) -> int:
        """Returns the maximum size of the frame in bytes."""
        path = f"{self.path()}::"
        return [limit.most for limit in LIMITS if path.startswith(limit.path)][-1]


def frames_in(output: str) -> list[Frame]:
    """Returns the frames in the output of llvm-readobj."""
    (file,) = json.loads(output)
    entries = [entry["Entry"] for entry in file["StackSizes"]]
    return [Frame(symbol, entry["Size"]) for entry in entries for symbol in entry["Functions"]]


def main() -> int:
    readobj, module = sys.argv[1:]
    command = [readobj, "--stack-sizes", "--elf-output-style=JSON", module]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    frames = frames_in(output)
    if not frames:
        print(f"{module} has no sizes of frames")
        return 1
    too_large = [frame for frame in frames if frame.size > frame.limit()]
    for frame in sorted(too_large, key=lambda frame: -frame.size):
        print(f"{frame.path()}: a frame of {frame.size} bytes; at most {frame.limit()}: {frame.symbol}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
