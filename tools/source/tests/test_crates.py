# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/rustdoc and scripts/rust-analyzer use the output of the kernel's make."""

import json
import os
from pathlib import Path

import pytest

from source import rust_analyzer, rustdoc

COMMAND = """\
savedcmd_rust/rust_vma.o := OBJTREE=/k RUST_MODFILE=./rust_vma rustc --edition=2021 --cfg 'a="$(pound)$$"' \
--remap-path-prefix=/top/= --remap-path-scope=macro -L /k/rust/ --out-dir rust/ --emit=dep-info=rust/.d \
--emit=obj=rust/rust_vma.o /top/rust/rust_vma.rs ; objtool rust/rust_vma.o

source_rust/rust_vma.o := /top/rust/rust_vma.rs
"""
BINDINGS = "rust/helpers/bindings_generated.rs"
CRATES = (("rust_vma", "rust"), ("rust_vma_kunit", "kunit"), ("rust_vma_sample", "samples"))


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a folder that stands for every output of make."""
    for module in (rust_analyzer, rustdoc):
        monkeypatch.setattr(module, "output_of_make", lambda *_: tmp_path)
        monkeypatch.setattr(module, "kernel_from_arguments", lambda *_: ())
    return tmp_path


def test_rustdoc_is_told_what_rustc_was() -> None:
    environment, arguments = rustdoc.compiler_arguments(COMMAND)
    assert environment == {"OBJTREE": "/k", "RUST_MODFILE": "./rust_vma"}
    assert rustdoc.without_output(arguments) == [
        *("--edition=2021", "--cfg", 'a="#$"', "-L", "/k/rust/", "/top/rust/rust_vma.rs")
    ]


def rustdoc_that(ends_with: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a rustdoc into the PATH that records its arguments and its environment, for each crate."""
    program = folder / "rustdoc"
    program.write_text(
        "#!/bin/sh\nfor word; do case $word in --crate-name=*) crate=${word#*=} ;; esac; done\n"
        f'echo "$RUST_MODFILE $RUSTC_BOOTSTRAP $RUST_VMA_BINDINGS $*" >"$crate.told"; exit {ends_with}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("status", [0, 101])
def test_rustdoc_documents_each_crate_until_one_fails(
    make: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
) -> None:
    for crate, folder in CRATES:
        (make / folder).mkdir()
        (make / folder / f".{crate}.o.cmd").write_text(COMMAND.replace("rust_vma ", f"{crate} "))
    rustdoc_that(status, make, monkeypatch)
    assert rustdoc.main() == status
    told = (make / "rust_vma.told").read_text()
    assert told.startswith(f"./rust_vma 1 {make / BINDINGS} --edition=2021")
    assert "--document-private-items -Dwarnings -o " in told
    for crate, _ in CRATES[1:]:
        assert (make / f"{crate}.told").exists() == (status == 0)
    assert capsys.readouterr().out.endswith("rust_vma/index.html\n") == (status == 0)


def test_editors_know_our_crates_like_the_kernel_crate(
    make: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["zerocopy_derive", "zerocopy", "pin_init", "core", "kernel"]
    kernels = [{"display_name": name, "cfg": [name], "deps": []} for name in names]
    (make / "rust-project.json").write_text(json.dumps({"sysroot": "/r", "crates": kernels}))
    monkeypatch.setattr(rust_analyzer, "TOP", make)
    rust_analyzer.main()
    project = json.loads((make / "rust-project.json").read_text())
    assert project["sysroot"] == "/r"
    assert project["crates"][:5] == kernels
    module, kunit, sample = project["crates"][5:]
    assert module["cfg"] == ["kernel"]
    assert module["root_module"] == str(make / "rust/rust_vma.rs")
    assert kunit["root_module"] == str(make / "kunit/rust_vma_kunit.rs")
    assert sample["root_module"] == str(make / "samples/rust_vma_sample.rs")
    assert {each["name"]: each["crate"] for each in kunit["deps"]} == {
        name: number for number, name in enumerate(names)
    }
    bindings = str(make / BINDINGS)
    assert kunit["env"] == {"RUST_MODFILE": "rust_vma_kunit", "RUST_VMA_BINDINGS": bindings}
