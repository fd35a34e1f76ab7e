# SPDX-License-Identifier: GPL-2.0
"""Decides whether guests run under KVM.

/dev/kvm may exist and yet hang every guest, or every guest with a kernel (seen under nested hypervisors), so
only a guest that has run proves that KVM works. A small guest is run once to find out. If a kernel still does
not begin to boot under KVM, distrust_kvm() is called. The answer is remembered until the host reboots.
"""

import os
import platform
import subprocess
import tempfile
from pathlib import Path

from vm.architecture import Architecture
from vm.places import CACHE

KVM = Path("/dev/kvm")
PROBE_SECONDS = 5


def accelerator(architecture: Architecture) -> str:
    """Returns QEMU's name of the accelerator: "kvm" or "tcg" (emulation)."""
    if platform.machine() != architecture.host_machine or not os.access(KVM, os.R_OK | os.W_OK):
        return "tcg"
    remembered = _memory()
    if remembered.exists():
        asked, _, answer = remembered.read_text().partition(" ")
        if asked == _boot():
            return answer
    answer = "kvm" if _kvm_runs_a_guest(architecture) else "tcg"
    _remember(answer)
    return answer


def distrust_kvm() -> None:
    """Makes accelerator() answer "tcg" from now on."""
    _remember("tcg")


def _memory() -> Path:
    return CACHE / "accelerator"


def _boot() -> str:
    """Returns the identifier of this boot of the host."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _kvm_runs_a_guest(architecture: Architecture) -> bool:
    """Runs a guest of a few instructions that end it. Returns whether they did."""
    with tempfile.NamedTemporaryFile(prefix="rust-vma-probe-") as payload:
        payload.write(architecture.probe_payload)
        payload.flush()
        command = [architecture.qemu, "-nodefaults", "-display", "none", "-no-reboot"]
        command += ["-accel", "kvm", "-machine", architecture.machine, "-cpu", "host"]
        command += [option.format(payload=payload.name) for option in architecture.probe_options]
        try:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PROBE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return ended.returncode == architecture.probe_status


def _remember(answer: str) -> None:
    """Stores the answer atomically, because other runs may be reading the file."""
    path = _memory()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as new:
        new.write(f"{_boot()} {answer}")
    os.replace(new.name, path)
