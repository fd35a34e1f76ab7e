# SPDX-License-Identifier: GPL-2.0
"""The differences between the architectures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    name: str
    host_machine: str  # the output of uname -m on a host that can run it under KVM
    compiler: str  # the compiler for programs that run in the guest
    image: str  # the path of the kernel image in its build folder
    qemu: str
    machine: str
    emulated_cpu: str
    console: str  # the kernel's name for the serial port
    parameters: str  # kernel parameters for this architecture only
    # The limit for all kernels except debug. Generous, for emulation on a loaded machine.
    most_boot_seconds: int
    # A program that ends a guest as soon as it runs; see accelerator.py.
    probe_payload: bytes
    probe_options: tuple[str, ...]
    probe_status: int

    def boot_seconds(self, kernel: str) -> int:
        """Returns the limit for the boot of this kernel in seconds. KASAN and kmemleak slow it down."""
        return self.most_boot_seconds * (4 if kernel == "debug" else 1)


X86_64 = Architecture(
    name="x86_64",
    host_machine="x86_64",
    compiler="x86_64-linux-gnu-gcc",
    image="arch/x86/boot/bzImage",
    qemu="qemu-system-x86_64",
    machine="q35",
    emulated_cpu="max",
    console="ttyS0",
    # While the kernel reads the processor's features again, five-level paging seems to be missing for a
    # moment. KASAN reports every access of an interrupt in that moment: once in a few hundred boots.
    parameters="no5lvl",
    most_boot_seconds=60,
    # A boot sector: mov $16, %al; out %al, $0xf4; hlt. QEMU's exit device turns that into the exit status 2 *
    # 16 + 1, which QEMU's own failures do not have.
    probe_payload=bytes.fromhex("b010 e6f4 f4").ljust(510, b"\0") + b"\x55\xaa",
    probe_options=(
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=0x01",
        "-drive",
        "if=floppy,format=raw,file={payload}",
    ),
    probe_status=33,
)

ARM64 = Architecture(
    name="arm64",
    host_machine="aarch64",
    compiler="aarch64-linux-gnu-gcc",
    image="arch/arm64/boot/Image",
    qemu="qemu-system-aarch64",
    machine="virt,gic-version=max",
    # The real pointer authentication algorithm is slow to emulate, and nothing here tests it.
    emulated_cpu="max,pauth-impdef=on",
    console="ttyAMA0",
    parameters="",
    most_boot_seconds=120,
    # mov w0, #0x84000008 (PSCI SYSTEM_OFF, in two halves); hvc #0; b .
    probe_payload=bytes.fromhex("00018052 0080b072 020000d4 00000014"),
    probe_options=("-kernel", "{payload}"),
    probe_status=0,
)

ARCHITECTURES = {architecture.name: architecture for architecture in (X86_64, ARM64)}
