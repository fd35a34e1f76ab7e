# SPDX-License-Identifier: GPL-2.0
"""Tests the figures of scripts/bench-report. Expected values were worked out by hand."""

import json
from pathlib import Path

from bench.own import own
from bench.report import goals, lines, run_file
from bench.report.comparison import comparison
from bench.report.rows import spread
from bench.report.run_file import Result
from bench.report.table import table
from measured import row_of, rows_of, run, sides, steady

# Both sides store to the tree, C more often; both allocate, Rust more. The own instructions are 100 + 30 + 20
# of C, and 70 + 10 of Rust.
PROFILE = """\
profile helpers extend/10 c vma_modify 100
profile helpers extend/10 c mas_store 150
profile helpers extend/10 c mas_store 50
profile helpers extend/10 c kmem_cache_alloc 50
profile helpers extend/10 c only_c 30
profile helpers extend/10 rust <rust_vma::Vma as Merge>::modify[rust_vma_kunit] 70
profile helpers extend/10 rust mas_store 180
profile helpers extend/10 rust kmem_cache_alloc 60
"""


def test_medians_and_spreads() -> None:
    odd = spread([50, 10, 40, 20, 30])
    assert odd.median == 30
    assert odd.quartiles == (20, 40)
    assert odd.interquartile_range == 20
    assert odd.extremes == (10, 50)
    # The quartiles lie between samples: 1 + 3/4 of 1, and 3 + 1/4 of 7.
    even = spread([10, 1, 3, 2])
    assert even.median == 2.5
    assert even.quartiles == (1.75, 4.75)
    alone = spread([7])
    assert (alone.median, alone.quartiles, alone.extremes) == (7, (7, 7), (7, 7))


def test_one_sample_that_is_far_off_changes_little() -> None:
    row = row_of(sides("syscalls brk", [200] * 29 + [90000], [210] * 30))
    assert (row.c.median, row.rust.median, row.ratio) == (200, 210, 1.05)
    assert row.c.interquartile_range == 0
    assert row.c.extremes == (200, 90000)
    assert row.alternations == 30


def test_own_is_without_what_both_do() -> None:
    row = row_of(steady("helpers extend/10", 400, 300) + PROFILE)
    assert row.own is not None
    assert (row.own.c, row.own.rust) == (150, 80)
    assert row.own_ratio == 80 / 150
    assert row.ratio == 0.75


def test_nothing_own_has_no_ratio() -> None:
    same = {"mas_store": 5.0}
    assert own(same, same).ratio is None
    assert row_of(steady("helpers extend/10", 400, 300)).own_ratio is None


def test_the_code_that_is_compared_is_never_common() -> None:
    # Rust calls a function of mm/vma.c: 20 of its 50 instructions are there.
    c = {"vma_prepare[mm/vma.c]": 20.0, "vma_modify[mm/vma.c]": 80.0, "mas_store": 9.0}
    rust = {"vma_prepare[mm/vma.c]": 20.0, "modify[rust_vma]": 30.0, "mas_store": 9.0}
    pair = own(c, rust)
    assert (pair.c, pair.rust) == (100, 50)


def test_instructions_a_hooked_call() -> None:
    row = row_of(steady("hook brk", 1000, 1006) + "calls hook brk 4\n")
    assert row.a_call == 1.5
    assert not goals.missed(row)
    row = row_of(steady("hook brk", 1000, 1009) + "calls hook brk 4\n")
    assert goals.missed(row)


def test_times_are_shown_and_no_more(tmp_path: Path) -> None:
    text = steady("userland modify", 500, 450.25, times=1)
    text += sides("userland-ns all", [3, 1, 2] * 10, [4, 9, 4] * 10)
    samples, output, picture = (tmp_path / name for name in ("samples", "json", "svg"))
    samples.write_text(text)
    finished = run(str(samples), "--json", str(output), "--svg", str(picture))
    assert finished.returncode == 0, finished.stderr
    found = [line.split() for line in finished.stdout.splitlines()]
    # The quartiles of ten times 1, 2 and 3 are 1 and 3; those of twenty times 4 and ten times 9 are 4 and 9.
    assert ["all", "2", "(2)", "4", "(5)", "2.000", "30"] in found
    (row,) = json.loads(output.read_text())
    assert (row["name"], row["rust"], row["alternations"]) == ("modify", 450.25, 1)
    assert "userland-ns" not in picture.read_text()


def test_kernel_logs_have_them_behind_a_mark() -> None:
    log = "SeaBIOS\nsample helpers split/10 c 1\n[    0.000000] Linux version 7.3: sample text\n"
    for line in steady("helpers split/10", 8, 6, times=2).splitlines():
        log += f"[   12.345678] rust_vma_kunit: bench: {line}\n"
    row = row_of(log, fewest=2)
    assert (row.alternations, row.c.median, row.rust.median) == (2, 8, 6)


def test_several_files_make_one_table(tmp_path: Path) -> None:
    texts = [
        ("first", steady("syscalls brk", 4, 5)),
        ("second", steady("helpers split/10", 8, 6) + "module text 1000 bytes\n"),
    ]
    measured = lines.read(texts)
    assert measured.module == {("text", "bytes"): [1000]}
    for name, text in texts:
        (tmp_path / name).write_text(text)
    said = run(*(str(tmp_path / name) for name, _ in texts)).stdout
    # Rows are in the order of the groups, not of the files.
    assert said.index("split/10") < said.index("brk")


def test_the_table_has_each_figure() -> None:
    text = sides("helpers split/10", [8000, 8000, 8004, 8008, 8008], [6000] * 5)
    text += steady("hook brk", 1000, 1006, times=5) + "calls hook brk 4\n"
    text += "module insmod 100 instructions\nmodule insmod 300 instructions\n"
    measured = lines.read([("samples", text)])
    found = [line.split() for line in table(rows_of(text, 5), measured.module).splitlines()]
    assert ["split/10", "8,004", "(8)", "6,000", "(0)", "0.750", "5"] in found
    assert ["brk", "1,000", "(0)", "1,006", "(0)", "1.006", "4", "1.50", "5"] in found
    assert ["insmod", "200", "instructions"] in found
    assert any("cache misses" in " ".join(line) for line in found)


def test_the_columns_of_the_table_end_below_each_other() -> None:
    text = steady("helpers short/10", 8, 6) + steady("helpers much-longer/10", 80000, 60000)
    text += "module text 1000 bytes\nmodule insmod 100 instructions\n"
    lines_ = table(rows_of(text), lines.read([("samples", text)]).module).splitlines()
    head, short, longer = lines_[1:4]
    ends = {line.index(word) + len(word) for line, word in ((short, "0.750"), (longer, "0.750"))}
    assert ends == {head.index("ratio") + len("ratio")}
    assert len(head) == len(short) == len(longer)
    of_module = [line for line in lines_ if line.endswith((" bytes", " instructions"))]
    # The unit follows two blanks, "insmod", two blanks, and "1,000".
    assert [line.rindex(" ") for line in of_module] == [15, 15]


def test_goals_are_met_or_missed() -> None:
    rows = rows_of(
        steady("helpers equal/10", 100, 100)
        + steady("helpers over/10", 1000, 1001)
        + steady("syscalls equal", 100, 102)
        + steady("syscalls over", 10000, 10201)
        + steady("hook equal", 100, 104)
        + steady("hook over", 100, 105)
        + steady("userland slow", 100, 200, times=1)
        + "calls hook equal 2\ncalls hook over 2\n"
    )
    assert [row.name for row in rows if goals.missed(row)] == ["over/10", "over", "over"]
    said = goals.verdicts(rows).splitlines()
    assert said == [
        "missed: helpers, ratio of at most 1.00 on every row; 1 of 2 rows:",
        "  over/10 (1.001; C 1,000, Rust 1,001)",
        "not measured: helpers, own ratio of at most 0.95 on at least half of the rows",
        "missed: syscalls, ratio of at most 1.02 on every row; 1 of 2 rows:",
        "  over (1.020; C 10,000, Rust 10,201)",
        "missed: hook, at most 2 instructions more a hooked call on every row; 1 of 2 rows:",
        "  over (2.50 a call; C 100, Rust 105)",
    ]
    met = goals.verdicts(rows_of(steady("helpers equal/10", 100, 100))).splitlines()
    assert met[0] == "met: helpers, ratio of at most 1.00 on every row (1 row)"
    assert met[2].startswith("not measured: syscalls")


def test_half_of_the_rows_is_enough_for_own() -> None:
    text = ""
    for name, c, rust in (("a", 100, 95), ("b", 100, 96)):
        text += steady(f"helpers {name}", 100, 100)
        text += f"profile helpers {name} c ours {c}\nprofile helpers {name} rust theirs {rust}\n"
    said = goals.verdicts(rows_of(text)).splitlines()[1]
    assert said.startswith("met: ") and said.endswith("1 of 2"), said
    # A row without a measured own ratio does not count as reached.
    text += steady("helpers c", 100, 100)
    said = goals.verdicts(rows_of(text)).splitlines()[1]
    assert said.startswith("missed: ") and said.endswith("1 of 3"), said


def test_a_miss_is_no_failure(tmp_path: Path) -> None:
    samples, output = tmp_path / "samples", tmp_path / "run.json"
    samples.write_text(steady("helpers split/10", 100, 200))
    finished = run(str(samples), "--json", str(output))
    assert finished.returncode == 0, finished.stderr
    assert "missed: helpers" in finished.stdout
    (row,) = json.loads(output.read_text())
    assert row["ratio"] == 2


def test_the_file_for_programs() -> None:
    text = sides("helpers extend/10", [10, 20, 30, 40, 50], [15] * 5) + PROFILE
    text += steady("hook brk", 100, 103, times=5) + "calls hook brk 2\n"
    assert json.loads(run_file.text(rows_of(text, 5))) == [
        {
            "name": "extend/10",
            "group": "helpers",
            "c": 30,
            "rust": 15,
            "ratio": 0.5,
            "own_ratio": 80 / 150,
            "alternations": 5,
            "c_quartiles": [20, 40],
            "rust_quartiles": [15, 15],
            "c_extremes": [10, 50],
            "rust_extremes": [15, 15],
            "c_own": 150,
            "rust_own": 80,
            "hooked_calls": None,
            "instructions_a_hooked_call": None,
        },
        {
            "name": "brk",
            "group": "hook",
            "c": 100,
            "rust": 103,
            "ratio": 1.03,
            "own_ratio": None,
            "alternations": 5,
            "c_quartiles": [100, 100],
            "rust_quartiles": [103, 103],
            "c_extremes": [100, 100],
            "rust_extremes": [103, 103],
            "c_own": None,
            "rust_own": None,
            "hooked_calls": 2,
            "instructions_a_hooked_call": 1.5,
        },
    ]


def test_the_file_is_read_again() -> None:
    written = run_file.text(rows_of(steady("helpers extend/10", 400, 300) + PROFILE))
    (read,) = run_file.read(written.encode())
    assert read == Result("helpers", "extend/10", 400, 300, 0.75, 80 / 150)


def test_two_runs_are_compared() -> None:
    first = [
        Result("helpers", "a", 100, 100, 1.0, 0.8),
        Result("syscalls", "b", 100, 50, 0.5, None),
    ]
    second = [
        Result("syscalls", "b", 100, 50, 0.5, None),
        Result("helpers", "a", 100, 99.5, 0.995, 0.804),
    ]
    text, agree = comparison(first, second)
    assert agree
    assert [line.split() for line in text.splitlines()[:3]] == [
        ["0.50", "%", "1.000", "0.995", "helpers", "a"],
        ["0.50", "%", "0.800", "0.804", "helpers", "a,", "own"],
        ["0.00", "%", "0.500", "0.500", "syscalls", "b"],
    ]
    assert "The largest difference: 0.50 %." in text
    assert text.endswith("The two runs agree within 1 % on every ratio (3 ratios).")
    second[0] = Result("syscalls", "b", 100, 50.6, 0.506, None)
    text, agree = comparison(first, second)
    assert not agree
    assert text.endswith("The two runs differ by more than 1 % on 1 of 3 ratios.")
