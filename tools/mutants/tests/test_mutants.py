# SPDX-License-Identifier: GPL-2.0
"""Tests scripts/mutants on an engine of three lines of shell, each of which one test executes. make and cargo
are also scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mutants import command

ENGINE = """\
[ "$1" != upstream ] || exit 0
[ "$1" != pure ] || exit 0
[ "$1" != differential ] || exit 0
"""
MAKE = """\
while [ $# -gt 0 ]; do
    case $1 in
    -C) folder=$2 ;;
    OUT=*) output=${1#OUT=} ;;
    esac
    shift
done
engine=$folder/../../../rust/engine
if grep broken "$engine"; then exit 2; fi
mkdir -p "$output"
(echo "#!/bin/sh"; echo "set -- ${folder##*/}"; cat "$engine") >"$output/program"
chmod +x "$output/program"
"""
CARGO = """\
if [ "$1" = mutants ]; then
    cp -r rust/outcomes mutants.out
    exit "$(cat rust/status)"
fi
case $* in
*--no-run*) exit 0 ;;
esac
for word; do
    case $word in
    --manifest-path=*/tests/host/Cargo.toml) tree=${word#*=} ;;
    esac
done
exec sh "${tree%/tests/*}/rust/engine" pure
"""
PROFILE = """\
[profile.dev]
opt-level = 1
"""
PACKAGE = f"""\
[package]
name = "pure"

{PROFILE}"""
Run = Callable[..., tuple[int, str, str]]


def entry(name: str, program: str, instead: str, *more: str) -> str:
    old = f'-[ "$1" != {program} ] || exit 0'
    return "\n".join([f"rust/engine: {name}", old, f"+{instead}", *more, "", ""])


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("rust", "tests/host", "tests/userland/upstream", "tests/userland/differential"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "rust" / "engine").write_text(ENGINE)
    (tmp_path / "tests" / "host" / "equivalent.txt").touch()
    (tmp_path / "tests" / "host" / "Cargo.toml").write_text(PACKAGE)
    executable(tmp_path / "bin" / "make", MAKE)
    executable(tmp_path / "bin" / "cargo", CARGO)
    executable(tmp_path / "scripts" / "setup", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setattr(command, "TOP", tmp_path)
    monkeypatch.setattr(command, "folder_from", lambda *_: Path("/linux"))
    return tmp_path


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command with a list of mutants. Returns its status, stdout and stderr."""

    def run(entries: str, *options: str) -> tuple[int, str, str]:
        (project / "tests" / "userland" / "mutants.txt").write_text(entries)
        counts = ["--counts", str(project / "counts")]
        monkeypatch.setattr("sys.argv", ["mutants", *counts, *options])
        status = command.main()
        said = capfd.readouterr()
        return status, said.out, said.err

    return run


def test_each_mutant_is_put_to_the_tests_until_one_of_ours_kills_it(
    project: Path, run: Run
) -> None:
    entries = [
        entry("by upstream alone", "upstream", "[ $1 != upstream ] || exit 1"),
        entry("by a pure test", "pure", "[ $1 != pure ] || exit 1"),
        entry("by a history", "differential", "[ $1 != differential ] || exit 1"),
        entry("by all", "upstream", "exit 1"),
    ]
    status, out, _ = run("".join(entries))
    assert out.splitlines() == [
        "killed         rust/engine: by upstream alone  [upstream]",
        "killed         rust/engine: by a pure test  [pure]",
        "killed         rust/engine: by a history  [differential]",
        "killed         rust/engine: by all  [upstream, pure]",
        "4 mutants: 4 killed, 0 equivalent, 0 not as they should be; upstream's own tests kill 2",
    ]
    assert status == 0
    assert (project / "counts").read_text() == "4 0\n"


def test_a_survivor_is_a_failure_unless_the_list_says_why(project: Path, run: Run) -> None:
    same = ("pure", "[ $1 != pure ] || exit 0")
    survivor, equivalent = (
        entry("no change", *same),
        entry("none either", *same, "= It is the same."),
    )
    status, out, _ = run(survivor + equivalent)
    assert out.splitlines() == [
        "SURVIVED       rust/engine: no change  []",
        "equivalent     rust/engine: none either  []",
        "2 mutants: 0 killed, 1 equivalent, 1 not as they should be; upstream's own tests kill 0",
    ]
    assert status == 1
    assert (project / "counts").read_text() == "1 1\n"
    assert run(equivalent)[0] == 0


def test_one_that_a_test_kills_is_not_equivalent(run: Run) -> None:
    status, out, _ = run(entry("a change", "pure", "exit 1", "= It is the same."))
    assert out.startswith("NOT EQUIVALENT rust/engine: a change")
    assert status == 1


def test_one_that_does_not_build_is_a_failure_and_shows_why(run: Run) -> None:
    status, out, _ = run(entry("nonsense", "pure", "broken"))
    assert out.splitlines()[:2] == ["NOT BUILT      rust/engine: nonsense  []", "broken"]
    assert status == 1


@pytest.mark.parametrize(
    ("engine", "told"),
    [(f"exit 1\n{ENGINE}", "upstream, pure fails"), (f"{ENGINE}# broken\n", "# broken")],
)
def test_nothing_is_tried_if_the_tests_fail_without_a_mutant(
    project: Path, run: Run, engine: str, told: str
) -> None:
    (project / "rust" / "engine").write_text(engine)
    status, out, err = run(entry("by a pure test", "pure", "exit 1"))
    assert (status, out) == (1, "")
    assert f"without any mutant, the tests fail: {told}" in err


def test_only_those_wanted_are_tried(run: Run) -> None:
    entries = entry("one", "pure", "exit 1") + entry("another", "pure", "exit 1")
    status, out, _ = run(entries, "--only", "other")
    assert "1 mutants: 1 killed" in out
    assert status == 0
    # A run that tries nothing is a failure.
    assert run(entries, "--only", "third")[0] == 1


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        (entry("lost", "nobody", "exit 1"), "rust/engine has no such place: lost"),
        ("rust/engine: unreadable\n", "unreadable"),
        (entry("a file", "pure", "exit 1").replace("engine", "motor", 1), "motor"),
    ],
    ids=["no such place", "unreadable", "no such file"],
)
def test_nothing_is_built_if_the_list_is_wrong(
    project: Path, run: Run, entries: str, complaint: str
) -> None:
    status, out, err = run(entry("fine", "pure", "exit 1") + entries)
    assert (status, out) == (1, "")
    assert complaint in err
    assert not (project / "build").exists()


def cargo_mutants_says(project: Path, status: int, **ends: str) -> None:
    (project / "rust" / "outcomes").mkdir()
    for end in ("caught", "timeout", "missed", "unviable"):
        (project / "rust" / "outcomes" / f"{end}.txt").write_text(ends.get(end, ""))
    (project / "rust" / "status").write_text(str(status))


def test_pure_files(project: Path, run: Run) -> None:
    killed, other = "rust/a.rs:1:2: replace + with -\n", "rust/a.rs:1:2: replace + with *\n"
    (project / "tests" / "host" / "equivalent.txt").write_text("rust/b.rs: replace A::b with ()\n")
    cargo_mutants_says(project, 2, caught=killed, missed=other)
    status, out, _ = run("", "--pure")
    assert out.splitlines() == [
        "SURVIVED       rust/a.rs: replace + with *",
        "NOT EQUIVALENT rust/b.rs: replace A::b with ()",
        "2 mutants of the pure files: 1 killed, 0 equivalent, 2 not as they should be",
    ]
    assert status == 1
    assert (project / "counts").read_text() == "1 2\n"


def test_pure_files_that_are_well_tested(project: Path, run: Run) -> None:
    cargo_mutants_says(project, 3, timeout="rust/a.rs:1:2: replace + with -\n")
    status, out, _ = run("", "--pure", "--only", "A::")
    assert "1 killed, 0 equivalent, 0 not as they should be" in out
    assert status == 0


def test_pure_files_are_built_as_their_package_says(project: Path, run: Run) -> None:
    cargo_mutants_says(project, 0, caught="rust/a.rs:1:2: replace + with -\n")
    assert run("", "--pure")[0] == 0
    workspace = (project / "build" / "mutants" / "pure" / "Cargo.toml").read_text()
    assert workspace.startswith("[workspace]\n")
    assert workspace.endswith(PROFILE)


@pytest.mark.parametrize(("cargo", "complaint"), [(4, "fail without a mutant"), (70, "with 70")])
def test_cargo_mutants_has_to_come_to_its_end(
    project: Path, run: Run, cargo: int, complaint: str
) -> None:
    cargo_mutants_says(project, cargo, caught="rust/a.rs:1:2: replace + with -\n")
    status, out, err = run("", "--pure")
    assert (status, out) == (1, "")
    assert complaint in err
