# SPDX-License-Identifier: GPL-2.0
"""QEMU's command line for one guest."""

from dataclasses import dataclass
from pathlib import Path

from vm import plugin
from vm.architecture import Architecture

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Hardware:
    architecture: Architecture
    accelerator: str
    memory: int  # in mebibytes, even
    processors: int
    kernel: Path
    initramfs: Path
    log: Path
    overlay: Path | None
    disk: Path | None  # an image, which does not change
    parameters: str  # additional kernel parameters
    counts_instructions: bool  # the guest's clock ticks once an instruction; slow, and needs tcg
    counts_by_place: Path | None  # the file for the counts; needs tcg, and one processor


def command_line(hardware: Hardware, ports: dict[str, int]) -> list[str]:
    """Returns QEMU's command line. `ports` has the guest's channels to the host, each with our file
    descriptor for QEMU's end."""
    architecture = hardware.architecture
    cpu = "host" if hardware.accelerator == "kvm" else architecture.emulated_cpu
    # -no-reboot and panic=-1: a panic ends QEMU. printk.time=1: see kernel_log.py. The kernel's own
    # KUnit suites would fill the log at each boot.
    words = f"console={architecture.console} panic=-1 printk.time=1 kunit.filter_glob=rust_vma*"
    words += f" {architecture.parameters} {hardware.parameters}"
    return [
        # Ends the guest even if this process is killed by SIGKILL.
        *("setpriv", "--pdeathsig", "KILL"),
        *(architecture.qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-accel", hardware.accelerator, "-machine", architecture.machine, "-cpu", cpu),
        *("-m", f"{hardware.memory}M", "-smp", _packages(hardware.processors)),
        *(("-icount", "shift=0,sleep=off") if hardware.counts_instructions else ()),
        *_counting_by_place(hardware.counts_by_place),
        *_two_nodes(hardware.memory, hardware.processors),
        *("-kernel", str(hardware.kernel), "-initrd", str(hardware.initramfs), "-append", words),
        *("-chardev", f"file,id=log,path={_escaped(hardware.log)}", "-serial", "chardev:log"),
        *_channels(ports),
        *_overlay(hardware.overlay),
        *_disk(hardware.disk),
    ]


def _packages(processors: int) -> str:
    """Returns a topology with a package for each processor: the kernel warns about a package that spans two
    NUMA nodes."""
    return f"{processors},sockets={processors},cores=1,threads=1"


def _two_nodes(memory: int, processors: int) -> list[str]:
    """Returns options for two NUMA nodes, so that memory policies can differ. Node 1 may lack processors."""
    size = memory // 2
    in_node_0 = (processors + 1) // 2
    shares = [f"cpus=0-{in_node_0 - 1}", f"cpus={in_node_0}-{processors - 1}"]
    options = []
    for node, share in enumerate(shares):
        processor_share = "" if node == 1 and processors == 1 else f",{share}"
        options += ["-object", f"memory-backend-ram,id=memory{node},size={size}M"]
        options += ["-numa", f"node,nodeid={node},memdev=memory{node}{processor_share}"]
    return options


def _channels(ports: dict[str, int]) -> list[str]:
    """Returns options for the channels: the terminal is /dev/hvc0; the others are /dev/vport0p1 and so on, in
    order."""
    options = ["-device", "virtio-serial-pci"]
    for number, (name, descriptor) in enumerate(ports.items()):
        device = "virtconsole" if name == "terminal" else "virtserialport"
        options += ["-chardev", f"socket,id={name},fd={descriptor}"]
        options += ["-device", f"{device},chardev={name},name={name},nr={number}"]
    return options


def _overlay(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    return [
        *("-fsdev", f"local,id=overlay,path={_escaped(folder)},security_model=none"),
        *("-device", "virtio-9p-pci,fsdev=overlay,mount_tag=overlay"),
    ]


def _disk(image: Path | None) -> list[str]:
    if image is None:
        return []
    return [
        *("-drive", f"if=none,id=disk,format=raw,snapshot=on,file={_escaped(image)}"),
        *("-device", "virtio-blk-pci,drive=disk"),
    ]


def _counting_by_place(counts: Path | None) -> list[str]:
    if counts is None:
        return []
    return ["-plugin", f"file={_escaped(plugin.count_by_place())},out={_escaped(counts)}"]


def _escaped(path: Path) -> str:
    """Returns the path as a value in an option list, in which commas separate options."""
    return str(path).replace(",", ",,")
