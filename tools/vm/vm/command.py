# SPDX-License-Identifier: GPL-2.0
"""Boots a patched kernel in QEMU, loads rust_vma.ko, and runs a command (a shell if none) there.

The command gets its arguments exactly as they are given here, and runs as root in /root, with an
empty stdin. The guest has busybox, the programs of tests/guest, both modules in /lib/modules, and
proc, sysfs, debugfs and tracefs mounted; nothing in it outlives it but what is written to /overlay.
Without a command: a shell on this terminal (Ctrl-] kills the guest), or, if stdin is not a terminal,
a shell that reads stdin to its end.
"""

import argparse
import os
import re
import secrets
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from vm import initramfs, kernel_log, qemu, session, terminal
from vm.accelerator import accelerator, distrust_kvm
from vm.architecture import ARCHITECTURES, Architecture
from vm.failure import BAD_USAGE, KERNEL_REPORT, TIMED_OUT, Failure
from vm.guest import Guest
from vm.kernels import KERNELS, STOCK, WITH_HOOK, kernel_for

EXIT_STATUSES = """\
exit status:
  the command's own; 128 + n if signal n killed it; 126 or 127 if it cannot be executed; and
    2  wrong usage: nothing was booted
  123  the command succeeded, but the kernel log has a WARNING, BUG, lockdep report or the like
  124  timed out: the guest did not boot, the command did not end, or the guest stayed on
  125  no status: the guest could not be started, its kernel panicked, or it ended early
  With 124 and 125 the last lines of the kernel log are on stderr. A report in it is on stderr
  whatever the status.

examples:
  scripts/vm -- cat /sys/kernel/debug/rust_vma/maps
  scripts/vm --arch arm64 --overlay . --timeout 60 -- sh -c 'echo "$1" >/overlay/out' sh 'a  b'
"""

# In the order of their numbers in the module's parameter.
ENGINES = ("c", "rust", "shadow")
NO_ENGINE = "none"
DEFAULT_TIMEOUT = 600.0
MAXIMUM_PROCESSORS = 8  # CONFIG_NR_CPUS
MINIMUM_MEMORY = 256
LINES_SHOWN = 30
QEMU_OUTPUT = "qemu.txt"


class Interrupted(Exception):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def say(sentence: str) -> None:
    print(f"vm: {sentence}", file=sys.stderr, flush=True)


def existing_folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return Path(text).resolve()


def existing_file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return Path(text).resolve()


def file_in_existing_folder(text: str) -> Path:
    path = Path(text).absolute()
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text} cannot be a file: its folder is not there")
    return path


def mebibytes(text: str) -> int:
    """Parses a size of memory. Returns an even number of MiB, because each of two NUMA nodes gets half of
    them."""
    match = re.fullmatch(r"(\d+)([MG])", text)
    size = int(match[1]) * (1024 if match[2] == "G" else 1) if match else 0
    if size < MINIMUM_MEMORY:
        raise argparse.ArgumentTypeError(
            f"{text} is not a size such as 512M or 2G, of at least {MINIMUM_MEMORY}M"
        )
    return size + size % 2


def processors(text: str) -> int:
    if not re.fullmatch(r"\d+", text) or not 1 <= int(text) <= MAXIMUM_PROCESSORS:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to {MAXIMUM_PROCESSORS}")
    return int(text)


def seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return float(text)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/vm",
        usage="%(prog)s [OPTION...] [-- COMMAND [ARGUMENT...]]",
        description=__doc__,
        epilog=EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--arch", choices=ARCHITECTURES, default="x86_64", help="the guest's (default: x86_64)")
    add(
        "--kernel",
        choices=KERNELS,
        default="base",
        help="base: with the checks that tests want (default); bench: without, for speed; "
        "debug: with KASAN, kmemleak and more, for long tests; hardened: base as distributions and "
        "hardened systems have it; distro: for a whole Debian; plain: bench without the hook; "
        "debian-...: Debian's own. Without the hook, --engine is none",
    )
    add(
        "--engine",
        choices=(*ENGINES, NO_ENGINE),
        help="the engine of the kernel's own merging and splitting of VMAs, from before the command "
        "starts: C (default), Rust, or C with Rust as its shadow; none: the module is not loaded",
    )
    add(
        "--overlay",
        metavar="DIR",
        type=existing_folder,
        help="the host's folder at /overlay, writable",
    )
    add(
        "--disk",
        metavar="FILE",
        type=existing_file,
        help="an image of an ext4 file system with a Debian, which runs instead of busybox, and runs the command "
        "once it is up (kernel distro; scripts/debian makes the image); changes to it are lost",
    )
    add("--memory", metavar="SIZE", type=mebibytes, default="1G", help="512M, 2G... (default: 1G)")
    add("--cpus", metavar="N", type=processors, default="2", help="default: 2")
    add(
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        help=f"for the command, after the boot (default: {DEFAULT_TIMEOUT:g}; for a shell: none)",
    )
    add(
        "--count-instructions",
        action="store_true",
        help="advance the guest's clock by one nanosecond with each instruction, and only then",
    )
    add(
        "--count-by-place",
        metavar="FILE",
        type=file_in_existing_folder,
        help="count to FILE at which addresses the guest executes instructions between the marks "
        "of the benchmark; the same clock, and one processor",
    )
    add("--log", metavar="FILE", type=file_in_existing_folder, help="keep the kernel log there")
    add("--append", metavar="WORDS", default="", help="more words for the kernel's command line")
    ours, command = sys.argv[1:], []
    if "--" in ours:
        at = ours.index("--")
        ours, command = ours[:at], ours[at + 1 :]
    arguments, unknown = parser.parse_known_args(ours)
    if unknown:
        parser.error(f"{unknown[0]} is not an option; the command goes after --")
    if arguments.count_by_place:
        # Makes the counts match the clock: otherwise QEMU may execute an instruction's repetitions as one.
        arguments.count_instructions = True
        if arguments.cpus != 1:
            parser.error("--count-by-place needs --cpus 1")
    arguments.command = command
    has_hook = arguments.kernel in WITH_HOOK
    arguments.engine = arguments.engine or ("c" if has_hook else NO_ENGINE)
    if not has_hook and arguments.engine != NO_ENGINE:
        parser.error(f"the kernel {arguments.kernel} has no hook, and so no engine")
    if arguments.disk and not arguments.command:
        parser.error("--disk needs a command")
    if arguments.kernel in STOCK and arguments.overlay:
        parser.error(f"the kernel {arguments.kernel} cannot show a folder of the host")
    return arguments


def order(arguments: argparse.Namespace, end: bytes, interactive: bool) -> initramfs.Order:
    """Returns the files for /init (scripts/guest/init), which finds them in /run."""
    words = shlex.join(arguments.command or ["sh"])
    settings = {"END": end.decode()}
    if arguments.engine != NO_ENGINE:
        settings["ENGINE"] = str(ENGINES.index(arguments.engine))
    if arguments.overlay:
        settings["OVERLAY"] = "yes"
    if arguments.disk:
        settings["DISK"] = "yes"
    if interactive:
        settings["INTERACTIVE"] = "yes"
        settings["SIZE"] = terminal.size_for_stty(sys.stdin.fileno())
    reads_stdin = not arguments.command and not interactive
    return initramfs.Order(
        command=os.fsencode(f"#!/bin/sh\nexec {words}\n"),
        settings="".join(f"{name}='{value}'\n" for name, value in settings.items()).encode(),
        stdin=sys.stdin.buffer.read() if reads_stdin else b"",
    )


def boot_and_run(arguments: argparse.Namespace, scratch: Path, log: Path) -> int:
    """Boots a guest, and runs the command. Returns the command's exit status."""
    architecture: Architecture = ARCHITECTURES[arguments.arch]
    interactive = not arguments.command and sys.stdin.isatty()
    kernel = kernel_for(architecture, arguments.kernel)
    if shutil.which(architecture.qemu) is None:
        raise Failure(BAD_USAGE, f"{architecture.qemu} is missing: run scripts/setup")

    end = secrets.token_hex(16).encode()
    archive = scratch / "initramfs.cpio"
    initramfs.pack(archive, architecture, kernel, order(arguments, end, interactive))
    hardware = qemu.Hardware(
        architecture=architecture,
        accelerator="tcg" if arguments.count_instructions else accelerator(architecture),
        memory=arguments.memory,
        processors=arguments.cpus,
        kernel=kernel.image,
        initramfs=archive,
        log=log,
        overlay=arguments.overlay,
        disk=arguments.disk,
        parameters=arguments.append,
        counts_instructions=arguments.count_instructions,
        counts_by_place=arguments.count_by_place,
    )
    if interactive:
        say(f"a shell in the {arguments.arch} guest: exit leaves it, Ctrl-] kills the guest")
    timeout = arguments.timeout or (None if interactive else DEFAULT_TIMEOUT)
    boot_seconds = architecture.boot_seconds(arguments.kernel)

    def run(hardware: qemu.Hardware) -> int:
        output = scratch / QEMU_OUTPUT
        with Guest(lambda ports: qemu.command_line(hardware, ports), output) as guest:
            return session.run(guest, end, interactive, boot_seconds, timeout)

    return emulated_if_kvm_hangs(hardware, run)


def emulated_if_kvm_hangs(hardware: qemu.Hardware, run: Callable[[qemu.Hardware], int]) -> int:
    """Runs the guest. Runs it again without KVM if its kernel has logged nothing under KVM."""
    try:
        return run(hardware)
    except Failure as failure:
        hangs = failure.status == TIMED_OUT and not kernel_log.read(hardware.log)
        if hardware.accelerator != "kvm" or not hangs:
            raise
        say("KVM does not run this guest, or not in time: it is emulated")
        try:
            return run(replace(hardware, accelerator="tcg"))
        finally:
            if kernel_log.read(hardware.log):
                say("from now on, until this machine boots, guests are emulated")
                distrust_kvm()


def explain(failure: Failure, scratch: Path, log: list[str]) -> int:
    """Shows everything that may explain a failure: QEMU's output, and the end of the kernel log. Returns the
    exit status."""
    qemu_output = scratch / QEMU_OUTPUT
    if qemu_output.exists():
        sys.stderr.write(qemu_output.read_text(errors="backslashreplace"))
    say(str(failure))
    show("the end of the kernel log", log[-LINES_SHOWN:])
    report = kernel_log.first_report(log)
    if report is not None:
        say(f"the kernel log has a report: {log[report]}")
    return failure.status


def judge(status: int, log: list[str]) -> int:
    """Returns the command's status, unless that is 0 and the kernel log has a report."""
    report = kernel_log.first_report(log)
    if report is None:
        return status
    say(f"the kernel log has a report: {log[report]}")
    show("it goes on", log[report + 1 : report + LINES_SHOWN])
    return status or KERNEL_REPORT


def show(heading: str, lines: list[str]) -> None:
    if lines:
        say(f"{heading}:")
        print("\n".join(lines), file=sys.stderr)


def interrupt(number: int, _frame: FrameType | None) -> None:
    """Interrupts the run. Ignores further signals, so that the cleanup is not interrupted."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


def main() -> int:
    arguments = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        with tempfile.TemporaryDirectory(prefix="rust-vma-") as scratch:
            log = arguments.log or Path(scratch) / "kernel.log"
            log.unlink(missing_ok=True)
            try:
                status = boot_and_run(arguments, Path(scratch), log)
            except Failure as failure:
                return explain(failure, Path(scratch), kernel_log.read(log))
            return judge(status, kernel_log.read(log))
    except Interrupted as interrupted:
        return 128 + interrupted.number
    except BrokenPipeError:
        return 128 + signal.SIGPIPE


if __name__ == "__main__":
    sys.exit(main())
