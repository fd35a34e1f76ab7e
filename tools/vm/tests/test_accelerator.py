# SPDX-License-Identifier: GPL-2.0
"""Tests when guests run under KVM, and that guests which hang there are emulated."""

from dataclasses import replace
from pathlib import Path

import pytest

from vm import accelerator, command
from vm.architecture import ARCHITECTURES
from vm.failure import NO_STATUS, TIMED_OUT, Failure
from vm.qemu import Hardware

X86_64 = ARCHITECTURES["x86_64"]
KVM = Hardware(
    architecture=X86_64,
    accelerator="kvm",
    memory=1024,
    processors=2,
    kernel=Path("/kernel"),
    initramfs=Path("/initramfs"),
    log=Path("/log"),
    overlay=None,
    disk=None,
    parameters="",
    counts_instructions=False,
    counts_by_place=None,
)


BOOTS = "[    0.000000] Linux version 7.3.4\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Makes a host with KVM. The returned list says, in order, which small guests run there."""
    answers: list[bool] = []
    monkeypatch.setattr(accelerator, "CACHE", tmp_path)
    monkeypatch.setattr(accelerator, "KVM", tmp_path)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(accelerator, "_kvm_runs_a_guest", lambda _: answers.pop(0))
    return answers


@pytest.mark.parametrize(("runs", "answer"), [(True, "kvm"), (False, "tcg")])
def test_a_small_guest_is_asked_once(host: list[bool], runs: bool, answer: str) -> None:
    host.append(runs)
    assert [accelerator.accelerator(X86_64) for _ in range(3)] == [answer] * 3


def test_another_architecture_is_emulated(host: list[bool]) -> None:
    assert accelerator.accelerator(ARCHITECTURES["arm64"]) == "tcg"


def test_a_host_without_kvm_emulates(
    host: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accelerator, "KVM", tmp_path / "none")
    assert accelerator.accelerator(X86_64) == "tcg"


def test_the_answer_is_that_of_one_boot(host: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    host += [True, False]
    assert accelerator.accelerator(X86_64) == "kvm"
    monkeypatch.setattr(accelerator, "_boot", lambda: "another")
    assert accelerator.accelerator(X86_64) == "tcg"


def test_a_guest_that_hangs_under_kvm_is_emulated_and_so_are_those_after_it(
    host: list[bool], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    host.append(True)
    assert accelerator.accelerator(X86_64) == "kvm"
    used = []

    def run(hardware: Hardware) -> int:
        used.append(hardware.accelerator)
        if hardware.accelerator == "kvm":
            raise Failure(TIMED_OUT, "timed out: it had not booted within 60 s")
        hardware.log.write_text(BOOTS)
        return 7

    hardware = replace(KVM, log=tmp_path / "log")
    assert command.emulated_if_kvm_hangs(hardware, run) == 7
    assert used == ["kvm", "tcg"]
    assert "KVM does not run this guest" in capfd.readouterr().err
    assert accelerator.accelerator(X86_64) == "tcg"


def test_kvm_is_trusted_if_the_emulated_guest_is_silent_too(
    host: list[bool], tmp_path: Path
) -> None:
    host.append(True)
    used = []

    def run(hardware: Hardware) -> int:
        used.append(hardware.accelerator)
        raise Failure(TIMED_OUT, "timed out: it had not booted within 60 s")

    with pytest.raises(Failure, match="it had not booted"):
        command.emulated_if_kvm_hangs(replace(KVM, log=tmp_path / "log"), run)
    assert used == ["kvm", "tcg"]
    assert accelerator.accelerator(X86_64) == "kvm"


@pytest.mark.parametrize(
    ("accelerator_used", "status", "log"),
    [
        ("tcg", TIMED_OUT, ""),
        ("kvm", TIMED_OUT, BOOTS),
        # QEMU has not started.
        ("kvm", NO_STATUS, ""),
    ],
)
def test_any_other_failure_stays_one(
    host: list[bool], tmp_path: Path, accelerator_used: str, status: int, log: str
) -> None:
    host.append(True)
    (tmp_path / "log").write_text(log)
    used = []

    def run(hardware: Hardware) -> int:
        used.append(hardware.accelerator)
        raise Failure(status, "it ended early")

    hardware = replace(KVM, accelerator=accelerator_used, log=tmp_path / "log")
    with pytest.raises(Failure, match="it ended early"):
        command.emulated_if_kvm_hangs(hardware, run)
    assert used == [accelerator_used]
    assert accelerator.accelerator(X86_64) == "kvm"
