# SPDX-License-Identifier: GPL-2.0
"""Tests the page without looking at it: its contents for a screen reader, and its use with a keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

import explanations as samples
from accessibility import Node, ScreenReader
from explanations import ADVICE
from viewing import opened, press, settle
from vma_report import explain_file
from vma_report.page import page as page_of

pytestmark = pytest.mark.browser

# The widths of a telephone, a tablet and a desktop.
WIDTHS = pytest.mark.parametrize("width", [320, 768, 1360])

COLUMNS = ["The upper VMA starts at", "Lower VMA", "Upper VMA", "Causes", "Why they are apart"]


def contents(sample: samples.Sample) -> bytes:
    return page_of(explain_file.read(sample.text()), "")


def size(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})


@WIDTHS
def test_parts_have_headings_and_names(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    with opened(page, contents(sample)):
        press_on(page, "strip", "ArrowRight")
        tree = ScreenReader(page).tree()
        headings = [(each.properties["level"], each.name) for each in tree.all("heading")]
        assert headings == [
            (1, f"Why there are {len(sample.vmas)} VMAs"),
            (2, "The address space"),
            (3, "To the one below"),
            (3, "The VMA"),
            (3, "Kept from the one above because"),
            (2, "Causes"),
            (2, "Longest runs"),
            (2, "Boundaries"),
        ]
        assert len(tree.all("banner")) == len(tree.all("main")) == 1
        regions = ["Verdict", "The address space", "Causes", "Longest runs"]
        assert tree.one("main").names("region") == [*regions, "Boundaries"]
        assert sample.summary["answer"][0] in tree.one("region", "Verdict").text()
        assert tree.one("meter").name == "VMAs in use"
        assert tree.one("meter").properties["valuemax"] == sample.summary["max_map_count"]


@WIDTHS
def test_buttons_say_what_they_do(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    causes = [each["cause"] for each in sample.summary["causes"]]
    with opened(page, contents(sample)):
        reader = ScreenReader(page)
        tree = reader.tree()
        assert tree.one("banner").names("button") == ["Dark colours"]
        assert tree.one("group", "Scale").names("button") == ["by size", "all VMAs alike"]
        zoom = tree.one("group", "Zoom").names("button")
        assert zoom == [
            "to lower addresses",
            "to higher addresses",
            "zoom out",
            "zoom in",
            "zoom to one page",
            "zoom out to all",
        ]
        legend = tree.one("group", "Causes, to show some of them only")
        assert legend.names("button") == causes
        # Each item has the causes and addresses of a run.
        runs = tree.one("list", "Longest runs").all("listitem")
        for item, run in zip(runs, sample.summary["runs"], strict=True):
            told = f"Show {run['vmas']} VMAs: {', '.join(run['causes'])} {'-'.join(run['range'])}"
            assert item.one("button").name == told
            assert item.one("button").refers["controls"] == ["strip", "where"]

        def pressed() -> list[str]:
            buttons = reader.tree().all("button")
            return [each.name for each in buttons if each.properties.get("pressed") == "true"]

        assert pressed() == ["by size"]
        for name in ("all VMAs alike", causes[1], "Dark colours"):
            page.get_by_role("button", name=name, exact=True).focus()
            press(page, "Space")
        assert pressed() == ["Dark colours", "all VMAs alike", causes[1]]


@WIDTHS
def test_causes_are_a_table(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    with opened(page, contents(sample)):
        table = ScreenReader(page).tree().one("table", "Causes")
        heads = ["Cause", "Boundaries", "By itself", "VMAs without it"]
        bar = ["VMAs that disappear without it, as a bar"] if width > 600 else []
        assert table.names("columnheader") == heads + bar
        rows = table.all("row")[1:]
        for row, cause in zip(rows, sample.summary["causes"], strict=True):
            advice = ADVICE.get(cause["cause"], "")
            assert row.one("rowheader").name == f"{cause['cause']} {advice}".strip()
            numbers = [str(cause[each]) for each in ("boundaries", "by_itself", "without")]
            disappearing = str(sample.summary["remaining"] - cause["without"])
            assert row.names("cell") == numbers + [disappearing] * len(bar)
            assert row.names("image") == [disappearing] * len(bar)


def cells(sample: samples.Sample, pair: int, width: int) -> list[str]:
    """Returns the cells of a row, as a screen reader reads them."""
    sizes = [f"{(vma.end - vma.start) // 1024} KiB" for vma in sample.vmas[pair : pair + 2]]
    lower, upper = (
        f"{size} {vma.what()}" for size, vma in zip(sizes, sample.vmas[pair:], strict=False)
    )
    if width <= 600:
        lower, upper = f"lower: {lower}", f"upper: {upper}"
    return [sample.pairs[pair]["upper"][0], lower, upper]


@WIDTHS
def test_boundaries_are_a_grid_that_is_read_row_by_row(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    with opened(page, contents(sample)):
        reader = ScreenReader(page)
        grid = reader.tree().one("grid", "Boundaries")
        assert "Enter: show it in the address space" in grid.description
        assert grid.refers["controls"] == ["strip", "detail"]
        assert grid.names("columnheader") == COLUMNS
        assert page.get_attribute("#pairs", "aria-rowcount") == str(len(sample.pairs) + 1)
        rows = grid.all("row")[1:]
        assert len(rows) >= 4
        for place, row in enumerate(rows):
            assert row.names("gridcell")[:3] == cells(sample, place, width)
            # The names of the causes are the text for the letters.
            (letters,) = row.names("image")
            assert sorted(letters.split(", ")) == sorted(sample.pairs[place]["causes"])
            assert row.names("gridcell")[4], "a reason"
        # The grid names the row that the keys have reached. The row is selected, and Enter opens it.
        page.locator("#pairs").focus()
        for _ in range(3):
            press(page, "ArrowDown")
        grid = reader.tree().one("grid", "Boundaries")
        assert grid.refers["activedescendant"] == ["chosen-pair"]
        selected = [row for row in grid.all("row") if row.properties.get("selected")]
        assert [row.names("gridcell")[:3] for row in selected] == [cells(sample, 2, width)]
        assert page.get_attribute("#chosen-pair", "aria-rowindex") == "4"
        press(page, "Enter")
        detail = reader.tree().one("group", "Details of the VMA")
        assert sample.pairs[2]["upper"][0] in detail.text()
        # The column headers tell the order, without an arrow.
        page.get_by_role("button", name="Lower VMA").focus()
        press(page, "Enter")
        assert reader.tree().one("grid", "Boundaries").names("columnheader") == COLUMNS
        sorting = page.locator(".pair-head [role=columnheader]").evaluate_all(
            "(heads) => heads.map((each) => each.ariaSort)"
        )
        assert sorting == ["none", "ascending", "none", "none", "none"]


@WIDTHS
def test_keys_on_the_strip_read_out_each_vma(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    with opened(page, contents(sample)):
        reader = ScreenReader(page)
        strip = reader.tree().one("application", "The address space")
        assert "Enter" in strip.description and "the VMA below, above" in strip.description
        assert strip.refers["controls"] == ["where", "detail"]
        for place, vma in enumerate(sample.vmas):
            press_on(page, "strip", "ArrowRight")
            detail = reader.tree().one("group", "Details of the VMA")
            assert detail.properties["live"] == "polite"
            told = detail.text()
            rights, kind = vma.what().split(" ", 1)
            assert f"{vma.start:x}-{vma.end:x} {kind} {rights} (may be read" in told, told
            for beside in sample.vmas[max(place - 1, 0) : place + 2]:
                assert beside.what() in told or beside is vma, f"{beside.what()}: {told}"


def press_on(page: Page, element: str, key: str) -> None:
    page.locator(f"#{element}").focus()
    press(page, key)


def live(tree: Node) -> list[tuple[str, str]]:
    """Returns the parts that are read out when they change, with their texts."""
    return [
        (each.role, each.text()) for each in tree.walk() if each.properties.get("live") == "polite"
    ]


@WIDTHS
def test_changes_by_an_action_are_read_out(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    with opened(page, contents(sample)):
        reader = ScreenReader(page)

        def changed_by(button: str, key: str = "Enter") -> str:
            before = live(reader.tree())
            page.get_by_role("button", name=button, exact=True).first.focus()
            press(page, key)
            after = live(reader.tree())
            return " ".join(
                told for was, (_, told) in zip(before, after, strict=True) if was[1] != told
            )

        run = f"Show 2 VMAs: {', '.join(sample.summary['runs'][1]['causes'])}"
        button = next(each for each in reader.tree().names("button") if each.startswith(run))
        assert changed_by(button).endswith(" VMAs to be seen")
        assert changed_by("zoom out to all").endswith("9 VMAs to be seen")
        assert changed_by("MADV_DONTFORK", "Space") == "2 of 8 boundaries"
        page.locator("#filter").focus()
        page.keyboard.type("vdso")
        settle(page)
        assert ("status", "0 of 8 boundaries") in live(reader.tree())


def test_unpacking_is_told_while_the_answer_is_there(page: Page, tmp_path: Path) -> None:
    # The page gets the second piece of data when the test releases it.
    page.add_init_script(
        """(() => {
          const held = new Promise((release) => { globalThis.release = release; });
          const json = Response.prototype.json;
          let pieces = 0;
          Response.prototype.json = async function () {
            const contents = await json.call(this);
            if (++pieces === 2) await held;
            return contents;
          };
        })()"""
    )
    file = tmp_path / "report.html"
    sample = samples.whole_process()
    file.write_bytes(contents(sample))
    page.goto(file.as_uri())
    reader = ScreenReader(page)
    page.locator("#runs button").first.wait_for()
    settle(page)
    tree = reader.tree()
    assert tree.all("heading")[0].name == "Why there are 9 VMAs"
    assert tree.one("progressbar").name == "Unpacking the boundaries"
    assert ("status", "Unpacking the boundaries") in live(tree)
    assert page.locator("#loading").is_visible()
    assert not tree.one("grid").all("gridcell")
    page.evaluate("release()")
    page.locator("#contents[data-is-shown]").wait_for()
    settle(page)
    tree = reader.tree()
    assert not tree.all("progressbar")
    assert ("status", "Everything is unpacked.") in live(tree)
    assert tree.one("grid").all("gridcell")


@WIDTHS
def test_tab_reaches_all_in_the_order_in_which_it_is_read(page: Page, width: int) -> None:
    size(page, width)
    sample = samples.whole_process()
    with opened(page, contents(sample)):
        tree = ScreenReader(page).tree()
        roles = ("button", "application", "searchbox", "grid")
        readable = [each.name for each in tree.walk() if each.role in roles]
        reached: list[str] = []
        session = page.context.new_cdp_session(page)
        session.send("Accessibility.enable")
        for _ in range(len(readable)):
            press(page, "Tab")
            found = session.send("Runtime.evaluate", {"expression": "document.activeElement"})
            node = session.send(
                "Accessibility.getPartialAXTree",
                {"objectId": found["result"]["objectId"], "fetchRelatives": False},
            )["nodes"][0]
            reached.append(node["name"]["value"])
            focused = page.evaluate("document.activeElement.matches(':focus-visible')")
            assert focused, f"{reached[-1]} does not show that it is reached"
        assert reached == readable
