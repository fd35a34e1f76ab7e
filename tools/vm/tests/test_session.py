# SPDX-License-Identifier: GPL-2.0
"""Tests how the streams of a guest are read, and how QEMU is called."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from vm.architecture import ARM64, X86_64, Architecture
from vm.failure import Failure
from vm.qemu import Hardware, command_line
from vm.session import Messages, Output

END = b"<the end>"

HARDWARE = Hardware(
    architecture=X86_64,
    accelerator="tcg",
    memory=512,
    processors=3,
    kernel=Path("/kernel"),
    initramfs=Path("/initramfs"),
    log=Path("/a,b/log"),
    overlay=None,
    disk=None,
    parameters="slab_debug=F",
    counts_instructions=False,
    counts_by_place=None,
)


def passed_on(chunks: list[bytes]) -> tuple[bytes, bool]:
    """Passes on a stream that arrives in these chunks. Returns its output, and whether its end was found."""
    reader, writer = os.pipe()
    output = Output(writer, END)
    for chunk in chunks:
        output.feed(chunk)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        return file.read(), output.complete


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_the_mark_is_found_in_whatever_pieces_it_comes(size: int) -> None:
    stream = b"hello <the <the enx\n" + END
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert passed_on(chunks) == (b"hello <the <the enx\n", True)


def test_without_the_mark_the_stream_goes_on() -> None:
    assert passed_on([b"hello ", b"<the end"]) == (b"hello ", False)
    assert passed_on([END, b"more"]) == (END + b"more", False)


def test_messages_are_whole_lines() -> None:
    messages = Messages()
    messages.feed(b"rea")
    assert messages.find("ready") is None
    messages.feed(b"dy")
    assert messages.find("ready") is None
    messages.feed(b"\nexit 7")
    assert messages.find("ready") == ""
    assert messages.find("exit") is None
    messages.feed(b"\n")
    assert messages.find("exit") == "7"


def test_a_guest_that_fails_to_start_says_why() -> None:
    messages = Messages()
    messages.feed(b"failed to load the module\n")
    with pytest.raises(Failure, match="the guest failed to start: to load the module"):
        messages.find("ready")


def options(hardware: Hardware) -> list[tuple[str, str]]:
    """Returns each word of QEMU's command line, with the word after it."""
    words = command_line(hardware, {"terminal": 5, "control": 6})
    return [(word, value) for word, value in zip(words, [*words[1:], ""], strict=True)]


def test_memory_and_processors_are_shared_by_two_nodes() -> None:
    found = options(HARDWARE)
    assert ("-numa", "node,nodeid=0,memdev=memory0,cpus=0-1") in found
    assert ("-numa", "node,nodeid=1,memdev=memory1,cpus=2-2") in found
    assert ("-object", "memory-backend-ram,id=memory1,size=256M") in found
    # A single processor is in the first node; the second node only has memory.
    found = options(replace(HARDWARE, processors=1))
    assert ("-numa", "node,nodeid=0,memdev=memory0,cpus=0-0") in found
    assert ("-numa", "node,nodeid=1,memdev=memory1") in found


def test_commas_in_paths_are_no_separators() -> None:
    assert ("-chardev", "file,id=log,path=/a,,b/log") in options(HARDWARE)
    overlay = options(replace(HARDWARE, overlay=Path("/c,d")))
    assert ("-fsdev", "local,id=overlay,path=/c,,d,security_model=none") in overlay

    disk = options(replace(HARDWARE, disk=Path("/e,f")))
    assert ("-drive", "if=none,id=disk,format=raw,snapshot=on,file=/e,,f") in disk


def test_each_channel_has_its_port() -> None:
    found = options(HARDWARE)
    assert ("-chardev", "socket,id=control,fd=6") in found
    assert ("-device", "virtconsole,chardev=terminal,name=terminal,nr=0") in found
    assert ("-device", "virtserialport,chardev=control,name=control,nr=1") in found


def test_the_clock_counts_instructions_if_told_to() -> None:
    assert ("-icount", "shift=0,sleep=off") in options(replace(HARDWARE, counts_instructions=True))
    assert not [word for word, _ in options(HARDWARE) if word == "-icount"]


@pytest.mark.parametrize(
    ("architecture", "accelerator", "cpu"),
    [(X86_64, "tcg", "max"), (X86_64, "kvm", "host"), (ARM64, "tcg", "max,pauth-impdef=on")],
)
def test_the_kernel_is_told_where_its_console_is(
    architecture: Architecture, accelerator: str, cpu: str
) -> None:
    hardware = replace(HARDWARE, architecture=architecture, accelerator=accelerator)
    found = options(hardware)
    (words,) = (value.split() for word, value in found if word == "-append")
    assert f"console={hardware.architecture.console}" in words
    assert words[-1] == "slab_debug=F"
    assert ("-cpu", cpu) in found
