# SPDX-License-Identifier: GPL-2.0
"""Tests how scripts/mutants --pure evaluates the files that cargo-mutants writes."""

from collections import Counter
from pathlib import Path

from mutants.pure import Tally, judge, read_equivalent

LISTED = "rust/vma/plan.rs: replace + with - in Plan::cut"
OTHER = "rust/vma/plan.rs: replace a: b with <A<'_> as B>::c in Plan::cut"
LIST = f"""\
# Why is said below.

{LISTED}
\tIt is the same.
 It is.

{LISTED}
\tThere, too.
"""


def tally_of(folder: Path, **ends: list[str]) -> Tally:
    """Returns the tally of these mutants. `ends` has the mutants by their outcome."""
    for end in ("caught", "timeout", "missed", "unviable"):
        lines = [
            mutant.replace("rust/vma/plan.rs", f"tests/host/src/../../../rust/vma/plan.rs:{n}:9")
            for n, mutant in enumerate(ends.get(end, []))
        ]
        (folder / f"{end}.txt").write_text("".join(f"{line}\n" for line in lines))
    return judge(folder, read_equivalent(LIST), only_some=False)


def test_a_list_has_a_line_for_each_place() -> None:
    assert read_equivalent(LIST) == Counter({LISTED: 2})


def test_those_that_do_not_build_are_not_counted(tmp_path: Path) -> None:
    tally = tally_of(
        tmp_path,
        caught=[OTHER, OTHER],
        timeout=[OTHER],
        missed=[LISTED, LISTED],
        unviable=[OTHER],
    )
    assert tally == Tally(3, 2, [], [])


def test_survivors_have_to_be_listed_as_often_as_there_are(tmp_path: Path) -> None:
    tally = tally_of(tmp_path, missed=[LISTED, LISTED, LISTED, OTHER])
    assert tally == Tally(0, 2, [LISTED, OTHER], [])


def test_those_listed_have_to_survive_if_they_were_tried(tmp_path: Path) -> None:
    tally = tally_of(tmp_path, caught=[LISTED], missed=[LISTED])
    assert tally == Tally(1, 1, [], [LISTED])
    assert judge(tmp_path, read_equivalent(LIST), only_some=True) == Tally(1, 1, [], [])
