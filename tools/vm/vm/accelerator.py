# SPDX-License-Identifier: GPL-2.0
"""KVM or not? /dev/kvm may exist and yet hang every guest (seen under nested hypervisors), so the
only answer to trust is a guest that ran. It is asked once, and remembered until the host reboots.
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
    """The name that QEMU knows it by: "kvm" or "tcg" (emulation)."""
    if platform.machine() != architecture.host_machine or not os.access(KVM, os.R_OK | os.W_OK):
        return "tcg"
    remembered = CACHE / "accelerator"
    question = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    if remembered.exists():
        asked, _, answer = remembered.read_text().partition(" ")
        if asked == question:
            return answer
    answer = "kvm" if _kvm_runs_a_guest(architecture) else "tcg"
    _remember(remembered, f"{question} {answer}")
    return answer


def _kvm_runs_a_guest(architecture: Architecture) -> bool:
    """Runs the few instructions that end a guest, and sees whether they ended it."""
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


def _remember(path: Path, answer: str) -> None:
    """In one step, for other runs may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as new:
        new.write(answer)
    os.replace(new.name, path)
