# SPDX-License-Identifier: GPL-2.0
"""Checks the output of vma-explain for programs against its schema."""

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from vm.places import BUILD, TOP

PROGRAM = BUILD / "vma-explain"
SCHEMA = json.loads((TOP / "tools" / "vma-explain" / "explain.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def lines(*arguments: str) -> list[str]:
    finished = subprocess.run(
        [PROGRAM, *arguments, "--json"], capture_output=True, text=True, check=True
    )
    return finished.stdout.splitlines()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_answers_of_one_object(tmp_path: Path) -> None:
    answers = [tmp_path / name for name in ("before", "after")]
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            pid = str(process.pid)
            for answer in answers:
                answer.write_text("\n".join(lines("--boundaries", pid)) + "\n")
            told = [
                lines("--groups", pid),
                lines("diff", *map(str, answers)),
                lines("trace", "--seconds", "1", pid),
            ]
        finally:
            process.kill()
    for only in told:
        assert len(only) == 1
        VALIDATOR.validate(json.loads(only[0]))


@pytest.mark.parametrize("source", ["bpf", "smaps"])
def test_each_line_is_in_the_schema(source: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            told = lines("--source", source, "--boundaries", str(process.pid))
        finally:
            process.kill()
    assert len(told) > 2
    for line in told:
        VALIDATOR.validate(json.loads(line))


def test_a_saved_file_is_in_the_schema(tmp_path: Path) -> None:
    saved = tmp_path / "smaps"
    saved.write_bytes(Path("/proc/self/smaps").read_bytes())
    for line in lines("--boundaries", "--smaps", str(saved)):
        VALIDATOR.validate(json.loads(line))


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        '{"vma":["1000"],"is":{"rights":"rw-p","kind":"heap","which":null,"name":null}}',
        '{"vma":["1000","2000"],"is":{"rights":"rw-p","kind":"heap","which":null}}',
        '{"lower":["1","2"],"upper":["2","3"],"blockers":[],"causes":[],"more":1}',
        '{"lower":["1","2"],"upper":["2","3"],"blockers":[],"causes":[],"upper_is":{}}',
        '{"lower":["1","2"],"upper":["2","3"],"blockers":[{}],"causes":[]}',
        '{"refused":"ESRCH","reason":"x"}',
        '{"pid":1,"command":"x","time":"x","vmas":1,"groups":[{"is":"x","vmas":0,"size":1,"resident":1}]}',
        '{"before":1,"after":1,"not_alike":[],"causes":[{"cause":"x","before":1}],"vmas":null}',
    ],
)
def test_other_lines_are_not(line: str) -> None:
    assert not VALIDATOR.is_valid(json.loads(line))
