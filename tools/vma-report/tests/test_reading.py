# SPDX-License-Identifier: GPL-2.0
"""Tests which files scripts/vma-report accepts, how it refuses others, and which contents the page has. Needs
no browser."""

import base64
import gzip
import html.parser
import json
import os
import pty
import re
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

import explanations as samples
from explanations import ADVICE, HEADER
from vma_report import explain_file
from vma_report.line import readable
from vma_report.page import SCRIPTS, TEMPLATE, page

VMA_REPORT = Path(__file__).parents[3] / "scripts" / "vma-report"

# A boundary and a summary, as in the documentation of rust/explain/json.rs.
PAIR: dict[str, Any] = {
    "lower": ["200000000000", "200000004000"],
    "upper": ["200000004000", "200000008000"],
    "blockers": [{"rule": "flags", "only_lower": "", "only_upper": "dc"}],
    "causes": ["MADV_DONTFORK"],
}
RUN = {"range": ["200000000000", "200000008000"], "vmas": 2, "causes": ["MADV_DONTFORK"]}
STEP = {"causes": ["MADV_DONTFORK"], "remaining": 1}
SUMMARY: dict[str, Any] = {
    "pid": 4711,
    "command": "server <b>",
    "time": "2026-11-29 16:30:00",
    "answer": ["main cause: MADV_DONTFORK, at 1 of 1 boundaries (100%)"],
    "vmas": 2,
    "max_map_count": 65530,
    "boundaries": 1,
    "touching": 1,
    "mergeable": 0,
    "alone": 0,
    "remaining": 2,
    "steps": [STEP],
    "causes": [{"cause": "MADV_DONTFORK", "boundaries": 1, "by_itself": 1, "without": 1}],
    "runs": [RUN],
}


NATURE = {"rights": "rw-p", "kind": "heap", "which": None, "name": None}
VMA: dict[str, Any] = {"vma": ["200000000000", "200000004000"], "is": NATURE}

# Another rule, for a header.
ANY_RULE: dict[str, Any] = {"rule": "any", "words": ""}


def lines(*entries: object) -> bytes:
    return b"".join(
        (entry if isinstance(entry, bytes) else json.dumps(entry).encode()) + b"\n"
        for entry in entries
    )


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [str(VMA_REPORT), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in entry.items() if each != name}


def blocked(**blocker: object) -> dict[str, Any]:
    return PAIR | {"blockers": [blocker]}


# Wrong input, and words that have to be in the message about it.
BAD: list[tuple[bytes, list[str]]] = [
    (b"", ["the file is empty", "explain.jsonl"]),
    (b"\n\n", ["the file is empty"]),
    (b"hello\n", ["line 1:", "not JSON", '"lower"']),
    (
        b"200000000000-200000004000-200000008000 apart: anon_vmas differ\n",
        ["line 1:", "this is the output of explain, not of explain.jsonl"],
    ),
    (
        b"main cause: mlock, in 1 of 1 pairs\n",
        ["line 1:", "this is the output of explain, not of explain.jsonl"],
    ),
    (b"\xff\xfe\n", ["line 1:", "not JSON"]),
    (lines(PAIR, b"{", SUMMARY), ["line 2:", "not JSON"]),
    (lines(PAIR, b"", SUMMARY), ["line 2:", "not JSON"]),
    (lines(b"[" * 100000), ["line 1:", "not JSON"]),
    (lines(b"1" * 5000), ["line 1:", "not JSON"]),
    (lines([1]), ["line 1:", "not an object"]),
    (lines(None), ["line 1:", "not an object"]),
    (lines({}), ["line 1:", "is missing", "another version"]),
    (lines(without(PAIR, "causes")), ["line 1:", "'causes': is missing", "another version"]),
    (lines(PAIR | {"lower": "x"}), ["line 1:", "'lower'", "hexadecimal"]),
    (lines(PAIR | {"lower": ["0x1000", "200000004000"]}), ["line 1:", "'lower'", "hexadecimal"]),
    (
        lines(PAIR | {"lower": ["1001", "200000004000"]}),
        ["line 1:", "'lower'", "multiples of 1000"],
    ),
    (lines(PAIR | {"lower": ["200000004000"] * 2}), ["line 1:", "'lower'", "lower one first"]),
    (
        lines(PAIR | {"lower": ["200000000000", "200000005000"]}),
        ["line 1:", "overlap", "should not begin"],
    ),
    (
        lines(PAIR | {"lower": ["1000", "2000"], "blockers": [], "causes": []}),
        ["line 1:", "a hole", "no blocker"],
    ),
    (lines(PAIR | {"blockers": {}}), ["line 1:", "'blockers'", "list"]),
    (lines(PAIR | {"blockers": ["x"]}), ["line 1:", "'blockers.0'", "dictionary"]),
    (lines(PAIR | {"blockers": []}), ["line 1:", "'causes' should be empty if 'blockers' is"]),
    (lines(PAIR | {"causes": []}), ["line 1:", "'causes' should be empty if 'blockers' is"]),
    (lines(PAIR | {"causes": [1]}), ["line 1:", "'causes.0'", "string"]),
    (lines(blocked(rule=1)), ["line 1:", "'blockers.0.rule'", "string"]),
    (
        lines(HEADER, blocked(rule="<b>\n")),
        ["line 2:", "the header has no rule '<b>\\n'", "only flags, not-adjacent"],
    ),
    (
        lines(HEADER, blocked(rule="flags", only_lower="")),
        ["line 2:", "the blocker 'flags'", "no 'only_upper'"],
    ),
    (
        lines(HEADER, blocked(rule="pgoff", expected="1", found=2)),
        ["line 2:", "'blockers.0.found'", "string"],
    ),
    (lines(blocked(rule="pgoff", found=2)), ["line 1:", "'blockers.0.found'", "string"]),
    (
        lines(blocked(rule="name", lower=[], upper=None)),
        ["line 1:", "'blockers.0.lower'", "string"],
    ),
    (lines(PAIR, HEADER, SUMMARY), ["line 2:", "header", "the first line"]),
    (lines(HEADER, HEADER, PAIR, SUMMARY), ["line 2:", "header", "the first line"]),
    (lines({"rules": {}}), ["line 1:", "'rules'", "list"]),
    (lines({"rules": [1]}), ["line 1:", "'rules.0'", "dictionary"]),
    (lines({"rules": [{}]}), ["line 1:", "'rules.0.rule': is missing"]),
    (lines({"rules": [{"rule": "a"}]}), ["line 1:", "'rules.0.words': is missing"]),
    (lines({"rules": [ANY_RULE, ANY_RULE]}), ["line 1:", "'rules'", "once"]),
    (lines({"rules": [ANY_RULE | {"details": {}}]}), ["line 1:", "'rules.0.details'", "list"]),
    (
        lines({"rules": [ANY_RULE | {"details": [{}]}]}),
        ["line 1:", "'rules.0.details.0.member': is missing"],
    ),
    (
        lines({"rules": [ANY_RULE | {"details": [{"member": "x", "words": "", "kind": "y"}]}]}),
        ["line 1:", "'rules.0.details.0.kind'", "'flags' or 'name'"],
    ),
    (lines({"rules": [], "flags": []}), ["line 1:", "'flags'", "dictionary"]),
    (lines({"rules": [], "causes": {"a": 1}}), ["line 1:", "'causes.a'", "dictionary"]),
    (lines({"rules": [], "causes": {"a": {}}}), ["line 1:", "'causes.a.helps': is missing"]),
    (lines({"rules": [], "mergeable": 1}), ["line 1:", "'mergeable'", "string"]),
    (lines(HEADER), ["line 2:", "summary is missing"]),
    (
        lines({"refused": "ESRCH", "reason": "there is no process 4711"}),
        ["line 1:", "the question was refused (ESRCH): there is no process 4711"],
    ),
    (b"refused (ESRCH): there is no process 4711\n", ["line 1:", "this is the output of explain"]),
    (lines(PAIR, PAIR, SUMMARY), ["line 2:", "order of their addresses"]),
    (lines(VMA | {"is": 1}), ["line 1:", "'is'", "dictionary"]),
    (lines({"vma": VMA["vma"]}), ["line 1:", "'is': is missing"]),
    (lines(VMA | {"vma": ["1000"]}), ["line 1:", "'vma'", "hexadecimal"]),
    (lines(VMA | {"is": without(NATURE, "name")}), ["line 1:", "has no 'name'"]),
    (lines(VMA | {"is": without(NATURE, "which")}), ["line 1:", "'is'", "'kind' and 'which'"]),
    (lines(VMA | {"is": NATURE | {"rights": "rwxy"}}), ["line 1:", "'is.rights'", "pattern"]),
    (lines(VMA | {"is": NATURE | {"rights": None}}), ["line 1:", "'is'", "not be null", "rights"]),
    (lines(VMA | {"is": NATURE | {"kind": None}}), ["line 1:", "'is'", "not be null"]),
    (lines(VMA | {"is": NATURE | {"which": 1}}), ["line 1:", "'is.which'", "string"]),
    (
        lines(HEADER, VMA | {"is": NATURE | {"kind": "\n"}}),
        ["line 2:", "the header has no kind '\\n'", "only anonymous, heap"],
    ),
    (lines(PAIR | {"upper_is": {"kind": "heap"}}), ["line 1:", "'upper_is'", "'kind' and 'which'"]),
    (lines(PAIR | {"upper_is": {"rights": "rw"}}), ["line 1:", "'upper_is.rights'", "pattern"]),
    (lines(PAIR | {"upper_is": []}), ["line 1:", "'upper_is'", "dictionary"]),
    (
        lines(HEADER, PAIR | {"upper_is": {"kind": "x", "which": None}}),
        ["line 2:", "the header has no kind 'x'"],
    ),
    (lines(PAIR, VMA, SUMMARY), ["line 2:", "should not lie below", "order of their addresses"]),
    (lines(PAIR), ["line 2:", "summary is missing", '"pid"']),
    (lines(PAIR)[:-10], ["line 1:", "cut off", "a newline"]),
    (lines(PAIR, SUMMARY)[:-10], ["line 2:", "cut off", "a newline"]),
    (lines(PAIR, SUMMARY, PAIR), ["line 3:", "line 2", "should be the last"]),
    (lines(PAIR, SUMMARY | {"boundaries": 2}), ["line 2:", "2 boundaries", "are 1", "missing"]),
    (lines(PAIR, SUMMARY | {"vmas": True}), ["line 2:", "'vmas'", "integer"]),
    (lines(PAIR, SUMMARY | {"vmas": -1}), ["line 2:", "'vmas'", "greater than or equal to 0"]),
    (lines(PAIR, SUMMARY | {"vmas": 1.5}), ["line 2:", "'vmas'", "integer"]),
    (lines(PAIR, SUMMARY | {"vmas": 1 << 53}), ["line 2:", "'vmas'", "less than"]),
    (
        lines(PAIR, without(SUMMARY, "remaining")),
        ["line 2:", "'remaining': is missing", "another version"],
    ),
    (lines(PAIR, SUMMARY | {"causes": [1]}), ["line 2:", "'causes.0'", "dictionary"]),
    (
        lines(PAIR, SUMMARY | {"causes": [{"cause": "x"}]}),
        ["line 2:", "'causes.0.boundaries': is missing"],
    ),
    (lines(PAIR, SUMMARY | {"causes": []}), ["line 2:", "but has no 'MADV_DONTFORK'"]),
    (lines(SUMMARY | {"runs": [RUN | {"causes": ["x"]}]}), ["line 1:", "but has no 'x'"]),
    (lines(SUMMARY | {"steps": [STEP | {"causes": ["x"]}]}), ["line 1:", "but has no 'x'"]),
    (lines(SUMMARY | {"answer": "x"}), ["line 1:", "'answer'", "list"]),
    (lines(without(SUMMARY, "pid")), ["line 1:", "'pid': is missing"]),
    (lines(SUMMARY | {"command": None}), ["line 1:", "'command'", "string"]),
    (lines(SUMMARY | {"max_map_count": "x"}), ["line 1:", "'max_map_count'", "integer"]),
    (lines(blocked(rule="a", **{"x\n": 1})), ["line 1:", "'blockers.0.x\\n'"]),
    (lines(PAIR, SUMMARY | {"runs": [{"vmas": 2}]}), ["line 2:", "'runs.0.range': is missing"]),
]


def refusal_of(data: bytes) -> str:
    with pytest.raises(explain_file.BadInput) as refused:
        explain_file.read(data)
    return str(refused.value)


def as_written(data: bytes) -> bytes:
    """Returns the same lines without blanks, as the module writes them."""

    def compact(line: bytes) -> bytes:
        try:
            return json.dumps(json.loads(line), separators=(",", ":")).encode() + b"\n"
        except (ValueError, RecursionError):
            return line

    return b"".join(compact(line) for line in data.splitlines(keepends=True))


@pytest.mark.parametrize(("data", "words"), BAD)
def test_bad_input_is_told_by_its_line(data: bytes, words: list[str]) -> None:
    for said in (refusal_of(data), refusal_of(as_written(data))):
        assert all(word in said for word in words)
        assert said.isprintable()


def place(first: int, end: int, second: int, last: int, **why: object) -> dict[str, Any]:
    lower, upper = ([f"{page}000" for page in pair] for pair in ((first, end), (second, last)))
    return {"lower": lower, "upper": upper} | (why or {"blockers": [], "causes": []})


def test_a_reason_that_is_known_does_not_excuse_the_rest() -> None:
    apart = {each: PAIR[each] for each in ("blockers", "causes")}
    before = [place(1, 2, 2, 3), place(2, 3, 3, 4, **apart)]
    for bad, words in (
        (place(4, 5, 6, 7), "a hole"),
        (place(4, 6, 5, 7), "overlap"),
        (place(4, 5, 5, 5), "lower one first"),
        (place(2, 3, 3, 4), "order of their addresses"),
        (place(1, 5, 5, 6) | {"upper": ["5001", "6000"]}, "multiples of 1000"),
    ):
        for why in ({}, apart):
            if not (why and words == "a hole"):
                said = refusal_of(as_written(lines(*before, bad | why, SUMMARY)))
                assert said.startswith("line 3: ") and words in said, said
    good = [place(4, 5, 5, 6), place(5, 6, 8, 9, **apart)]
    counted = SUMMARY | {"boundaries": 4, "vmas": 5}
    found = explain_file.read(as_written(lines(*before, *good, counted))).boundaries
    assert list(found.reason_of) == [0, 1, 0, 1]
    assert list(found.holes) == [0, 0, 0, 2]


def descriptions_of(*entries: object) -> tuple[list[object], dict[str, Any]]:
    """Returns the page's descriptions of all upper VMAs, and all contents of the page. Checks that compact
    lines and others lead to the same contents."""
    data = lines(HEADER, *entries)
    contents, other = (
        contents_of(page(explain_file.read(each), "")) for each in (data, as_written(data))
    )
    assert contents == other
    natures = contents["natures"]
    return [natures[each] if each >= 0 else None for each in contents["natureOf"]], contents


def test_each_vma_is_what_the_one_below_is_but_for_what_is_told() -> None:
    apart = {each: PAIR[each] for each in ("blockers", "causes")}
    pairs = [place(each, each + 1, each + 1, each + 2, **apart) for each in range(1, 8)]
    first = {"vma": ["1000", "2000"], "is": NATURE}
    changes: tuple[tuple[dict[str, Any] | None, list[str]], ...] = (
        (None, ["rw-p", "heap"]),
        ({"rights": "r--p"}, ["r--p", "heap"]),
        ({"kind": "file", "which": "/a b"}, ["r--p", "file /a b"]),
        ({"name": 'a "b"'}, ["r--p", 'file /a b "a \\"b\\""']),
        (None, ["r--p", 'file /a b "a \\"b\\""']),
        ({"kind": "anonymous", "which": None, "name": None}, ["r--p", "anonymous memory"]),
        ({"rights": "rw-p", "kind": "heap", "which": None}, ["rw-p", "heap"]),
    )
    counted = SUMMARY | {"boundaries": 7, "vmas": 8}
    for pair, (change, _) in zip(pairs, changes, strict=True):
        pair |= {"upper_is": change} if change else {}
    told, contents = descriptions_of(first, *pairs, counted)
    assert told == [expected for _, expected in changes]
    assert contents["told"] == [[0, 1, 2, told.index(["rw-p", "heap"])]]
    assert contents["rights"] == HEADER["rights"]
    # If a VMA is described again, the new description counts from there on.
    again = {"vma": ["4000", "5000"], "is": NATURE | {"rights": "---p", "kind": "stack"}}
    told, contents = descriptions_of(first, *pairs[:3], again, *pairs[3:], counted)
    assert told[2:5] == [
        ["r--p", "file /a b"],
        ["---p", 'stack "a \\"b\\""'],
        ["---p", 'stack "a \\"b\\""'],
    ]
    assert [each[:3] for each in contents["told"]] == [[0, 1, 2], [3, 4, 5]]
    # An old file has no descriptions, and a file that begins with a change has incomplete ones.
    told, contents = descriptions_of(*pairs, counted)
    assert told == [None] * 7 and contents["told"] == contents["natures"] == []


def test_without_a_header_kinds_are_told_as_they_are() -> None:
    data = lines(VMA, PAIR, SUMMARY)
    assert contents_of(page(explain_file.read(data), ""))["natures"] == [["rw-p", "heap"]]


def test_one_vma_needs_no_boundary() -> None:
    contents = contents_of(page(explain_file.read(samples.lone().text()), ""))
    assert contents["told"] == [[0, 0x200000000, 0x200000004, 0]]
    assert contents["natures"] == [["rw-p", "heap"]]


@pytest.mark.parametrize("data", [b"", b"hello\n", lines(PAIR), lines(PAIR, SUMMARY)[:-10]])
def test_bad_input_leaves_the_output_as_it_was(tmp_path: Path, data: bytes) -> None:
    output = tmp_path / "report.html"
    output.write_text("as before")
    for arguments in (["-o", str(output)], ["-o", str(tmp_path / "new.html")], []):
        finished = run(*arguments, stdin=data)
        said = finished.stderr.decode()
        assert finished.returncode == 1, said
        assert finished.stdout == b""
        assert said == f"vma-report: stdin: {refusal_of(data)}\n"
    assert output.read_text() == "as before"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_truncated_files_are_refused() -> None:
    text = samples.tiny().text()
    # Only the last newline may be missing.
    for length in range(len(text) - 1):
        try:
            explain_file.read(text[:length])
        except explain_file.BadInput:
            continue
        raise AssertionError(f"{length} of {len(text)} bytes are taken for all of it")
    assert explain_file.read(text[:-1]) == explain_file.read(text)


def test_other_bytes_are_refused_or_make_a_page() -> None:
    text = samples.evil().text()
    random = Random(1)
    refused = 0
    for _ in range(3000):
        changed = bytearray(text)
        for _ in range(random.randint(1, 3)):
            changed[random.randrange(len(changed))] = random.choice(b'"\\{}[]:,0f\n\xff \x00x')
        try:
            page(explain_file.read(bytes(changed)), "")
        except explain_file.BadInput:
            refused += 1
    assert refused > 1000, f"{refused} were refused"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["/nonexistent"], 1, "/nonexistent: No such file"),
        (["."], 1, "Is a directory"),
        (["explain.jsonl", "-o", "/nonexistent/report.html"], 1, "No such file"),
        (["explain.jsonl", "-o", "."], 1, "Is a directory"),
        (["explain.jsonl", "other"], 2, "usage: "),
        (["--colour"], 2, "usage: "),
    ],
)
def test_files_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("explain.jsonl").write_bytes(samples.tiny().text())
    finished = run(*arguments)
    said = finished.stderr.decode()
    assert finished.returncode == status
    assert words in said and "Traceback" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["explain.jsonl"]


def test_output_goes_where_it_should(tmp_path: Path) -> None:
    source, target, link = (tmp_path / name for name in ("in", "target", "link"))
    source.write_bytes(samples.tiny().text())
    target.write_text("old")
    link.symlink_to(target)
    printed = run(stdin=source.read_bytes()).stdout
    assert printed.startswith(b"<!DOCTYPE html>") and printed.endswith(b"</html>\n")
    assert run(str(source), "-o", str(link)).returncode == 0
    assert link.is_symlink() and target.read_bytes() == printed
    assert run(str(source), "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.write_bytes(samples.tiny().text())
    output.write_text("as before")
    # The page is larger than 16 KiB.
    limited = ["bash", "-c", 'ulimit -f 16 && exec "$@"', "-"]
    command = [*limited, str(VMA_REPORT), str(source), "-o", str(output)]
    finished = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert (finished.returncode, output.read_text()) == (1, "as before")
    assert "File too large" in finished.stderr
    assert {each.name for each in tmp_path.iterdir()} == {"in", "out"}


def test_nobody_reads_the_output(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(samples.tiny().text())
    reader, writer = os.pipe()
    os.close(reader)
    broken = subprocess.run(
        [VMA_REPORT, source], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (broken.returncode, broken.stderr) == (141, b"")


def test_a_summary_alone_makes_a_page() -> None:
    data = lines(samples.tiny().summary)
    assert run(stdin=data).returncode == 0


def test_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    file = tmp_path / "explain.jsonl"
    file.write_bytes(samples.tiny().text())
    ours, theirs = pty.openpty()
    command = [str(VMA_REPORT), str(file), "-o", str(tmp_path / "report.html")]
    assert subprocess.run(command, stderr=theirs, check=False).returncode == 0
    os.close(theirs)
    shown = os.read(ours, 1000)
    os.close(ours)
    assert shown.startswith(b"\rreading: 0 %") and shown.endswith(b"\r\x1b[K")
    assert run(str(file)).stderr == b""
    # An error is on a separate line.
    file.write_bytes(b"{\n")
    ours, theirs = pty.openpty()
    assert subprocess.run(command, stderr=theirs, check=False).returncode == 1
    os.close(theirs)
    shown = os.read(ours, 1000)
    os.close(ours)
    assert b"\r\x1b[Kvma-report: " in shown


class Elements(html.parser.HTMLParser):
    """A parser that collects the elements of a page, as a browser finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            tag, attributes = self.tags[-1]
            self.texts.setdefault(attributes.get("id") or tag, data)


def parsed(text: bytes) -> Elements:
    elements = Elements()
    elements.feed(text.decode())
    elements.close()
    return elements


def contents_of(text: bytes) -> dict[str, Any]:
    contents: dict[str, Any] = {}
    for name in ("summary-data", "boundaries-data"):
        packed = parsed(text).texts[name]
        assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed), packed[:80]
        contents |= json.loads(gzip.decompress(base64.b64decode(packed)))
    return contents


def test_names_are_text_in_the_page() -> None:
    sample = samples.evil()
    explanation = explain_file.read(sample.text())
    evil, plain = (
        page(explanation, samples.EVIL[0]),
        page(explain_file.read(lines(PAIR, SUMMARY)), ""),
    )
    assert parsed(evil).tags == parsed(plain).tags
    assert b"title='broken'" not in evil
    told = [words for reason in contents_of(evil)["reasons"] for words in reason["words"]]
    told += [what for _, what in contents_of(evil)["natures"]]
    for name in samples.EVIL:
        shown = name.replace("\u202e", "\\u202e").replace("\n", "\\n").replace("\x00", "\\x00")
        shown = shown.replace("\x7f", "\\x7f")
        if name.endswith("\\"):
            shown += "\\"
        quoted = shown.replace('"', '\\"')
        natures = f'anonymous memory "{quoted}"', f"file /{shown}"
        for detail in (f'below: "{quoted}", above: none)', f"above: /{shown})", *natures):
            assert any(detail in words for words in told), f"{detail!r} is not in {told}"


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert readable("a\xffb") == "a\\xffb"
    assert readable("\xc3\xa9") == "\u00e9"
    assert readable("\u6f22\ud800") == "\u6f22\\ud800"
    assert readable("a\\b") == "a\\\\b"
    assert readable("\\\xff") == "\\\\\\xff"


def sentence(blocker: dict[str, str | None]) -> str:
    """Returns the sentence for a blocker in the words of the header, for the rules of samples.large()."""

    def flags(side: str, names: str | None) -> list[str]:
        words = {"dc": "dc (MADV_DONTFORK)", "dd": "dd (MADV_DONTDUMP)"}
        told = " ".join(words.get(name, name) for name in (names or "").split())
        return [f"only {side}: {told}"] if told else []

    def name(value: str | None) -> str:
        return "none" if value is None else f'"{value}"'

    match blocker:
        case {"rule": "flags", "only_lower": below, "only_upper": above}:
            return f"flags differ ({', '.join(flags('below', below) + flags('above', above))})"
        case {"rule": "not-adjacent", "size": size}:
            return f"nothing is mapped between them (size: {size})"
        case {"rule": "file", "lower": below, "upper": above}:
            return f"files differ (below: {below or 'none'}, above: {above or 'none'})"
        case {"rule": "pgoff", "expected": expected, "found": found}:
            return f"page offsets do not continue (found: {found}, expected: {expected})"
        case {"rule": "name", "lower": below, "upper": above}:
            return f"names differ (below: {name(below)}, above: {name(above)})"
    raise AssertionError(blocker)


def test_a_flag_with_a_number_has_the_words_of_its_name() -> None:
    blocker = blocked(rule="flags", only_lower="dc key:5", only_upper="key:0")
    contents = contents_of(page(explain_file.read(lines(HEADER, blocker, SUMMARY)), ""))
    below = "dc (MADV_DONTFORK) key:5 (the protection key)"
    assert [reason["words"] for reason in contents["reasons"]] == [
        [f"flags differ (only below: {below}, only above: key:0 (the protection key))"]
    ]


@pytest.mark.parametrize(
    ("blocker", "words"),
    [
        ({"rule": "special"}, "special"),
        ({"rule": "pgoff", "expected": "10", "found": "20"}, "pgoff (expected: 10, found: 20)"),
        ({"rule": "name", "lower": None, "upper": "a"}, "name (lower: none, upper: a)"),
        ({"rule": "flags", "only_lower": "", "only_upper": "dc"}, "flags (only_upper: dc)"),
        ({"rule": "a rule of tomorrow", "x": "\u0007"}, "a rule of tomorrow (x: \\x07)"),
    ],
)
def test_without_a_header_rules_are_told_as_they_are(blocker: dict[str, Any], words: str) -> None:
    contents = contents_of(page(explain_file.read(lines(blocked(**blocker), SUMMARY)), ""))
    assert [reason["words"] for reason in contents["reasons"]] == [[words]]
    mergeable = PAIR | {"blockers": [], "causes": []}
    counted = SUMMARY | {"causes": [], "steps": [], "runs": [], "mergeable": 1}
    contents = contents_of(page(explain_file.read(lines(mergeable, counted)), ""))
    assert [reason["words"] for reason in contents["reasons"]] == [["mergeable"]]


def test_advice_is_that_of_the_header() -> None:
    def advice(*entries: object) -> object:
        return contents_of(page(explain_file.read(lines(*entries)), ""))["advice"]

    assert advice(PAIR, SUMMARY) == [""]
    assert advice(HEADER, PAIR, SUMMARY) == [ADVICE["MADV_DONTFORK"]]
    sealed = json.loads(json.dumps([PAIR, SUMMARY]).replace("MADV_DONTFORK", "mseal"))
    assert advice(HEADER, *sealed) == [ADVICE["mseal"]]


def test_keys_for_others_in_a_header_are_ignored() -> None:
    rules = [{"rule": "flags", "words": "flags differ", "vma-explain": 1}]
    data = lines({"rules": rules, "since": "7.3"}, PAIR, SUMMARY)
    contents = contents_of(page(explain_file.read(data), ""))
    assert contents["reasons"][0]["words"] == ["flags differ"]


def test_the_page_holds_what_the_file_says() -> None:
    sample = samples.large(3000)
    contents = contents_of(page(explain_file.read(sample.text()), ""))
    start = 0
    for number, pair in enumerate(sample.pairs):
        start += contents["lowerStarts"][number] * samples.PAGE
        boundary = start + contents["lowerSizes"][number] * samples.PAGE
        upper = boundary + contents["holes"][number] * samples.PAGE
        end = upper + contents["upperSizes"][number] * samples.PAGE
        assert pair["lower"] == [f"{start:x}", f"{boundary:x}"], f"pair {number}"
        assert pair["upper"] == [f"{upper:x}", f"{end:x}"], f"pair {number}"
        reason = contents["reasons"][contents["reasonOf"][number]]
        places = [contents["causes"][cause] for cause in reason["causes"]]
        causes = [contents["summary"]["causes"][place]["cause"] for place in places]
        expected = [sentence(blocker) for blocker in pair["blockers"]] or [HEADER["mergeable"]]
        assert reason["words"] == expected, f"pair {number}"
        assert sorted(causes) == pair["causes"], f"pair {number}"


def test_the_page_says_whose_it_is() -> None:
    for title, shown in (
        ("", "process 4711 (server <b>), 2026-11-29 16:30:00 UTC"),
        ("database", "database"),
    ):
        elements = parsed(page(explain_file.read(lines(PAIR, SUMMARY)), title))
        assert elements.texts["process"] == shown
        assert shown in elements.texts["title"]


def test_the_page_refers_to_nothing_else() -> None:
    text = page(explain_file.read(samples.tiny().text()), "").decode()
    elements = parsed(text.encode())
    for tag, attributes in elements.tags:
        assert tag not in ("link", "iframe", "img", "object", "base"), tag
        assert not {"src", "href", "style", "srcset", "action"} & set(attributes), attributes
    policy = next(
        attributes["content"] or ""
        for tag, attributes in elements.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy, policy
    for forbidden in (
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "fetch(",
        "url(",
    ):
        assert forbidden not in text, forbidden


def test_every_script_is_in_the_page() -> None:
    assert sorted(SCRIPTS) == sorted(each.name for each in TEMPLATE.glob("*.js"))


def luminance(colour: str) -> float:
    """Returns the relative luminance that WCAG defines."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_has_contrast() -> None:
    style = (TEMPLATE / "page.css").read_text()
    themes = re.findall(r":root[^{]*\{([^}]*)\}", style)
    assert len(themes) == 2
    for theme in themes:
        colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", theme))
        for text, ground in (
            *(("ink", ground) for ground in ("card", "ground", "button", "button-hover")),
            *(("ink", ground) for ground in ("row-hover", "row-chosen", "mergeable")),
            *(("quiet", ground) for ground in ("card", "ground", "hole")),
            *(("quiet", ground) for ground in ("row-hover", "row-chosen")),
            ("accent-ink", "accent"),
            ("alarm", "ground"),
        ):
            ratio = contrast(colour[text], colour[ground])
            assert ratio >= 4.5, f"{text} on {ground}: {ratio:.1f}, which should be 4.5"
    colours = (TEMPLATE / "colours.js").read_text()
    of_causes = re.findall(r'"(#[0-9a-f]{6})"', colours.split("const INK")[0])
    assert len(of_causes) == 8
    for place, ground in enumerate(of_causes):
        ink = "#ffffff" if place == 0 else "#000000"
        ratio = contrast(ink, ground)
        assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.1f}, which should be 4.5"
