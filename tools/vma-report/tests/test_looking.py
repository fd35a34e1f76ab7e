# SPDX-License-Identifier: GPL-2.0
"""Clicks through the page of scripts/vma-report in a headless Chromium: the page has to show the contents of
the file. Pictures go to build/report."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page

import explanations as samples
from explanations import ADVICE, PAGE, Sample
from viewing import click, middle_of, opened, point_to, point_to_nothing, press, settle, text
from vma_report import explain_file
from vma_report.page import page as page_of

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[3] / "build" / "report"
MANY = 100_000

# Milliseconds. Generous, for a machine that is busy with other work.
LONGEST_FRAME = 5000


@cache
def large() -> Sample:
    return samples.large(MANY)


@cache
def large_page() -> bytes:
    return page_of(explain_file.read(large().text()), "a large process")


def small_page(sample: Sample, title: str = "") -> bytes:
    return page_of(explain_file.read(sample.text()), title)


def count(number: int) -> str:
    return f"{number:,}"


def size(pages: int) -> str:
    """Returns a size in words."""
    number, unit = pages * 4.0, 0
    while number >= 1024:
        number /= 1024
        unit += 1
    # Halves are rounded up.
    rounded = int(number * 10 + 0.5) / 10 if number < 10 else int(number + 0.5)
    return f"{rounded:g} {['KiB', 'MiB', 'GiB', 'TiB'][unit]}"


def addresses(pair: dict[str, Any]) -> tuple[int, int, int]:
    return int(pair["lower"][0], 16), int(pair["upper"][0], 16), int(pair["upper"][1], 16)


def sizes(pair: dict[str, Any]) -> tuple[int, int]:
    """Returns the sizes of the lower and the upper VMA, in bytes."""
    lower, upper = ([int(end, 16) for end in pair[side]] for side in ("lower", "upper"))
    return lower[1] - lower[0], upper[1] - upper[0]


def rows(page: Page) -> list[list[str]]:
    """Returns the cells of the rows that are fully visible, from the top."""
    found: list[list[str]] = page.evaluate(
        """(() => {
          const box = document.querySelector("#pairs-scroll").getBoundingClientRect();
          return [...document.querySelectorAll("#pairs-rows [role=row]")]
            .filter((row) => !row.hidden)
            .map((row) => [row.getBoundingClientRect(), row])
            .filter(([at]) => at.top >= box.top - 1 && at.bottom <= box.bottom + 1)
            .sort(([one], [other]) => one.top - other.top)
            .map(([, row]) => [...row.children].map((cell) => cell.textContent));
        })()"""
    )
    return found


def type_filter(page: Page, words: str) -> None:
    page.fill("#filter", words)
    settle(page)


def same_rows(page: Page, pairs: list[dict[str, Any]]) -> None:
    """Checks that the table shows these pairs, from the first one on."""
    shown = rows(page)
    assert len(shown) >= min(10, len(pairs)), f"{len(shown)} rows in sight"
    for row, pair in zip(shown, pairs, strict=False):
        expected = [pair["upper"][0], *(size(each // PAGE) for each in sizes(pair))]
        # A size comes before the description of a VMA.
        found = [" ".join(cell.split(" ")[:2]) for cell in row[:3]]
        assert found == expected, f"{row}, not {expected}"


def test_the_summary_says_what_the_file_does(page: Page) -> None:
    sample = large()
    summary = sample.summary
    with opened(page, large_page()):
        assert text(page, "#heading") == f"Why there are {count(MANY)} VMAs"
        assert text(page, "#process") == "a large process"
        assert text(page, "#answer") == "".join(f"{each}." for each in summary["answer"])
        limit = text(page, "#limit")
        assert f"{count(MANY)} VMAs of at most 262,144 (vm.max_map_count, 38.1% used)" in limit
        for place, each in enumerate(summary["causes"], start=1):
            row = f"#causes tbody tr:nth-child({place})"
            numbers = [text(page, f"{row} > :nth-child({column})") for column in (1, 2, 3, 4)]
            expected = [
                chr(64 + place) + each["cause"] + ADVICE.get(each["cause"], ""),
                *(count(each[name]) for name in ("boundaries", "by_itself", "without")),
            ]
            assert numbers == expected, f"{numbers}, not {expected}"
        for place, run in enumerate(summary["runs"], start=1):
            told = text(page, f"#runs li:nth-child({place})")
            assert f"{run['vmas']} VMAs: {', '.join(run['causes'])}" in told, told
            assert "-".join(run["range"]) in told, told
        page.screenshot(path=PICTURES / "large-light.png", full_page=True)


def test_a_range_has_no_limit(page: Page) -> None:
    sample = samples.tiny()
    sentences = ["main cause: one", "then: another", "there are too many causes"]
    sample.summary |= {"max_map_count": None, "answer": sentences}
    with opened(page, small_page(sample)):
        assert text(page, "#answer") == "".join(f"{each}." for each in sentences)
        limit = text(page, "#limit")
        assert "3 VMAs in the range that was asked about" in limit
        assert "vm.max_map_count" not in limit


def test_without_a_step_nothing_is_said_of_what_would_remain(page: Page) -> None:
    sample = samples.tiny()
    sample.summary |= {"steps": [], "answer": ["nothing is wrong"]}
    with opened(page, small_page(sample)):
        assert text(page, "#answer") == "nothing is wrong."
        assert "without the main cause" not in text(page, "#limit")


def test_there_are_few_elements_for_many_vmas(page: Page) -> None:
    with opened(page, large_page()):
        elements = page.evaluate("document.querySelectorAll('*').length")
        print(f"  {elements} elements for {count(MANY)} VMAs")
        assert elements < 1000


def test_zooming_in_ends_at_one_page(page: Page) -> None:
    sample = large()
    # A pair in the middle of the list. Both of its VMAs are larger than a page.
    pair = next(
        pair
        for pair in sample.pairs[len(sample.pairs) // 2 :]
        if pair["causes"] == ["MADV_DONTFORK"]
        and addresses(pair)[1] - addresses(pair)[0] > PAGE
        and addresses(pair)[2] - addresses(pair)[1] > PAGE
    )
    _, boundary, end = addresses(pair)
    with opened(page, large_page()):
        type_filter(page, f"{boundary:x}")
        assert rows(page)[0][0] == f"{boundary:x}", rows(page)[:2]
        click(page, "#pairs-rows [role=row]")
        assert f"{boundary:x}-{end:x}" in text(page, "#detail")
        page.evaluate("document.querySelector('#strip').focus()")
        press(page, "1")
        where = text(page, "#where")
        one_page = f"{boundary:x}-{boundary + PAGE:x}: 4 KiB of addresses, 1 VMA to be seen"
        assert where == one_page, where
        # The strip does not zoom in any further.
        press(page, "+")
        assert text(page, "#where") == one_page
        page.screenshot(path=PICTURES / "one-page.png")
        press(page, "0")
        first, last = sample.vmas[0].start, sample.vmas[-1].end
        assert text(page, "#where").startswith(f"{first:x}-{last:x}: ")
        assert text(page, "#where").endswith(f"{count(MANY)} VMAs to be seen")


def test_pointing_and_keys_tell_of_vmas(page: Page) -> None:
    sample = samples.tiny()
    lower, middle, upper = sample.vmas
    dontfork = "flags differ (only above: dc (MADV_DONTFORK))"
    mergeable = "mergeable, but no operation has tried"
    with opened(page, small_page(sample)):
        # By size: of sixteen pages, the first and the second VMA have four each.
        for part, vma, below, above in (
            (0.1, lower, "There is none.", mergeable),
            (0.4, middle, mergeable, dontfork),
            (0.9, upper, dontfork, "There is none."),
        ):
            point_to(page, "#strip", part)
            told = [text(page, f"#detail > div:nth-child({place})") for place in (1, 2, 3)]
            assert f"{vma.start:x}-{vma.end:x}" in told[1], told
            assert size((vma.end - vma.start) // PAGE) in told[1], told
            assert below in told[0] and above in told[2], told
        point_to_nothing(page)
        assert "Point to a VMA" in text(page, "#detail")
        # A click keeps the VMA chosen, and arrow keys go on from there.
        click(page, "#strip", 0.1)
        point_to_nothing(page)
        assert f"{lower.start:x}-{lower.end:x}" in text(page, "#detail")
        press(page, "ArrowRight")
        assert f"{middle.start:x}-{middle.end:x}" in text(page, "#detail")
        press(page, "Enter")
        assert text(page, "#where").endswith(": 24 KiB of addresses, 3 VMAs to be seen")
        # With equal widths, each VMA has a third.
        click(page, "#scale-equal")
        click(page, "#zoom-whole")
        point_to(page, "#strip", 0.6)
        assert f"{middle.start:x}-{middle.end:x}" in text(page, "#detail")


def test_a_hole_is_shorter_than_it_is(page: Page) -> None:
    """Two VMAs of a page each, a hole of 64 TiB, and two more VMAs: there is room for all of them."""
    low, high = 0x10000, 0x10000 + (1 << 46)
    vmas = [
        samples.Vma(base + place * PAGE, base + (place + 1) * PAGE, frozenset(flags))
        for base in (low, high)
        for place, flags in enumerate(((), ("dc",)))
    ]
    with opened(page, small_page(Sample(vmas))):
        for part, words in (
            (0.1, f"{low:x}-{low + PAGE:x}"),
            (0.5, f"{low + 2 * PAGE:x}-{high:x}: a hole of 64 TiB,"),
            (0.9, f"{high + PAGE:x}-{high + 2 * PAGE:x}"),
        ):
            point_to(page, "#strip", part)
            assert words in text(page, "#detail"), f"{part}: {text(page, '#detail')}"


def colours_in_the_middle_of(page: Page, canvas: str) -> list[str]:
    """Returns the colours of the pixels in the middle row of a canvas, from left to right."""
    found: list[str] = page.evaluate(
        f"""(() => {{
          const canvas = document.querySelector({json.dumps(canvas)});
          const middle = Math.floor(canvas.height / 2);
          const copy = new OffscreenCanvas(canvas.width, 1);
          const context = copy.getContext("2d", {{ willReadFrequently: true }});
          context.drawImage(canvas, 0, -middle);
          const row = context.getImageData(0, 0, canvas.width, 1).data;
          const hex = (place) => row[place].toString(16).padStart(2, "0");
          return Array.from({{ length: canvas.width }}, (_, x) =>
            "#" + hex(4 * x) + hex(4 * x + 1) + hex(4 * x + 2));
        }})()"""
    )
    return found


def test_vmas_have_the_colours_of_their_causes(page: Page) -> None:
    """A row of VMAs with one cause is followed by a row with another cause: each pixel has one of two
    colours, whether VMAs are wider than a pixel or not."""
    for number in (500, 1000, 3000, 40000):
        flags = [("dc" if place < number // 2 else "dd") for place in range(number)]
        sample = Sample(
            [
                samples.Vma(
                    0x10000 + place * PAGE,
                    0x10000 + (place + 1) * PAGE,
                    frozenset({flag} if place % 2 else {}),
                )
                for place, flag in enumerate(flags)
            ]
        )
        causes = [each["cause"] for each in sample.summary["causes"]]
        expected = dict(zip(causes, ("#0072b2", "#e69f00"), strict=True))
        with opened(page, small_page(sample)):
            for scale in ("scale-size", "scale-equal"):
                click(page, f"#{scale}")
                point_to_nothing(page)
                colours = colours_in_the_middle_of(page, "#strip")
                half = len(colours) // 2
                # The first VMA of the right half differs from the left half: three pixels at most.
                left, right = set(colours[: half - 3]), set(colours[half + 3 :])
                about = f"{number} VMAs, {scale}"
                assert left == {expected["MADV_DONTFORK"]}, f"{about}: {left}"
                assert right == {expected["MADV_DONTDUMP"]}, f"{about}: {right}"


def test_wheel_drag_and_buttons_move_the_view(page: Page) -> None:
    with opened(page, large_page()):

        def told_after(what: str) -> str:
            settle(page)
            now = text(page, "#where")
            assert now != before, f"{what} changed nothing: {now}"
            return now

        before = text(page, "#where")
        at = middle_of(page, "#strip", 0.3)
        page.mouse.move(*at)
        page.mouse.wheel(0, -600)
        before = told_after("the wheel")
        page.mouse.down()
        page.mouse.move(at[0] + 200, at[1])
        page.mouse.up()
        before = told_after("dragging")
        point_to_nothing(page)
        assert "Point to a VMA" in text(page, "#detail"), "dragging is not clicking"
        for button in ("zoom-in", "pan-right", "pan-left", "zoom-out", "zoom-page", "zoom-whole"):
            click(page, f"#{button}")
            before = told_after(button)
        page.mouse.move(*at)
        page.mouse.wheel(0, -600)
        before = told_after("the wheel")
        click(page, "#overview", 0.8)
        before = told_after("the overview")
        click(page, "#runs li:first-child button")
        told_after("a run")


def test_sorting_goes_by_what_is_shown(page: Page) -> None:
    sample = large()

    def lower(pair: dict[str, Any]) -> int:
        return sizes(pair)[0]

    def upper(pair: dict[str, Any]) -> int:
        return sizes(pair)[1]

    with opened(page, large_page()):
        same_rows(page, sample.pairs)
        head = ".pair-head div:nth-child({}) button"
        click(page, head.format(1))
        same_rows(page, sample.pairs[::-1])
        for column, key in ((2, lower), (3, upper)):
            click(page, head.format(column))
            same_rows(page, sorted(sample.pairs, key=key))
            click(page, head.format(column))
            same_rows(page, sorted(sample.pairs, key=lambda pair: -key(pair)))
            state = page.evaluate(
                f"document.querySelector('.pair-head div:nth-child({column})').ariaSort"
            )
            assert state == "descending", state
        click(page, head.format(4))
        assert {row[3] for row in rows(page)} == {"A"}
        click(page, head.format(5))
        words = [row[4] for row in rows(page)]
        assert words == sorted(words), words


def test_filtering_finds_words_causes_and_addresses(page: Page) -> None:
    sample = large()
    pairs = sample.pairs
    offset = [pair for pair in pairs if "page offsets" in pair["causes"]]
    both = [pair for pair in pairs if {"mseal", "mlock"} <= set(pair["causes"])]
    dump = [pair for pair in pairs if "MADV_DONTDUMP" in pair["causes"]]
    may = [pair for pair in pairs if not pair["causes"]]
    inside = sample.vmas[MANY // 3].start + 0x123
    around = [pair for pair in pairs if addresses(pair)[0] <= inside < addresses(pair)[2]]
    assert all((offset, both, dump, may, around))
    with opened(page, large_page()):
        for words, expected in (
            ("PAGE offset", offset),
            ("mseal mlock", both),
            (f"0x{inside:x}", around),
            ("there is no such word", []),
            ("", pairs),
        ):
            type_filter(page, words)
            found = text(page, "#found")
            of = f" of {count(len(pairs))}" if len(expected) < len(pairs) else ""
            assert found == f"{count(len(expected))}{of} boundaries", f"{words}: {found}"
            same_rows(page, expected)
        place = [each["cause"] for each in sample.summary["causes"]].index("MADV_DONTDUMP") + 1
        button = f"#legend button:nth-child({place})"
        click(page, button)
        assert text(page, "#found") == f"{count(len(dump))} of {count(len(pairs))} boundaries"
        same_rows(page, dump)
        page.screenshot(path=PICTURES / "one-cause.png", full_page=True)
        click(page, button)
        click(page, "#legend button:last-child")
        same_rows(page, may)


def test_the_table_scrolls_to_its_end_and_has_keys(page: Page) -> None:
    sample = large()
    last = [f"{addresses(pair)[1]:x}" for pair in sample.pairs[-5:]]
    with opened(page, large_page()):
        page.evaluate("document.querySelector('#pairs-scroll').scrollTop = 1e9")
        settle(page)
        assert [row[0] for row in rows(page)][-5:] == last
        page.evaluate("document.querySelector('#pairs-scroll').scrollTop = 0")
        settle(page)
        page.evaluate("document.querySelector('#pairs').focus()")
        for key in ("ArrowDown", "ArrowDown"):
            press(page, key)
        second = f"{addresses(sample.pairs[1])[1]:x}"
        assert text(page, "#chosen-pair").startswith(second), text(page, "#chosen-pair")
        press(page, "Enter")
        assert f"{second}-" in text(page, "#detail .vma")
        press(page, "End")
        assert text(page, "#chosen-pair").startswith(last[-1])


def test_the_theme_is_the_system_s_until_it_is_chosen(page: Page) -> None:
    light, dark = "rgb(243, 245, 248)", "rgb(15, 19, 24)"

    def expect_ground(colour: str) -> None:
        settle(page)
        found = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert found == colour, f"{found}, not {colour}"

    with opened(page, small_page(samples.tiny())):
        expect_ground(light)
        click(page, "#theme")
        expect_ground(dark)
        click(page, "#theme")
        expect_ground(light)
        page.emulate_media(color_scheme="dark")
        expect_ground(light)
    with opened(page, small_page(samples.tiny())):
        page.emulate_media(color_scheme="dark")
        expect_ground(dark)
    with opened(page, large_page(), dark=True):
        expect_ground(dark)
        page.screenshot(path=PICTURES / "large-dark.png", full_page=True)
        click(page, "#scale-equal")
        for _ in range(10):
            click(page, "#zoom-in")
        click(page, "#strip", 0.4)
        page.screenshot(path=PICTURES / "zoomed-dark.png", full_page=True)


def test_names_stay_text(page: Page) -> None:
    sample = samples.evil()
    with opened(page, small_page(sample, samples.EVIL[0])) as complaints:
        assert page.evaluate("document.title").endswith(samples.EVIL[0])
        elements = page.evaluate("[...document.querySelectorAll('img, iframe, b b')].length")
        assert elements == 0
        assert page.evaluate("document.scripts.length") == 3
        words = [row[4] for row in rows(page)]
        assert any(samples.EVIL[0] in each for each in words), words
        assert any(samples.EVIL[1] in each for each in words), words
        click(page, "#pairs-rows [role=row]")
        assert samples.EVIL[0] in text(page, "#detail")
        assert "\u202e" not in page.evaluate("document.body.textContent")
        # Even if a name were run as a script, the content security policy would block it.
        page.evaluate(
            "(() => { const s = document.createElement('script');"
            "s.textContent = 'document.title = \"broken\"'; document.body.append(s); })()"
        )
        assert page.evaluate("document.title") != "broken"
        assert "Content Security Policy" in complaints.pop()


def test_focusable_elements_have_names(page: Page) -> None:
    with opened(page, small_page(samples.evil())):
        session = page.context.new_cdp_session(page)
        session.send("Accessibility.enable")
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        focusable = [
            node
            for node in nodes
            for each in node.get("properties", [])
            if each["name"] == "focusable" and each["value"]["value"]
        ]
        names = {node["role"]["value"]: node.get("name", {}).get("value", "") for node in focusable}
        assert {"button", "searchbox", "application", "grid"} <= set(names), names
        nameless = [
            node["role"]["value"] for node in focusable if not node.get("name", {}).get("value")
        ]
        assert not nameless, nameless


def test_frames_stay_short(page: Page) -> None:
    """Prints figures; only absurd ones fail."""
    with opened(page, large_page()):
        page.evaluate(
            """(() => {
              globalThis.draws = [];
              globalThis.frames = [];
              for (const kind of [Strip, PairTable]) {
                const draw = kind.prototype.draw;
                kind.prototype.draw = function () {
                  const begun = performance.now();
                  draw.call(this);
                  draws.push(performance.now() - begun);
                };
              }
              const next = (now) => { frames.push(now); requestAnimationFrame(next); };
              requestAnimationFrame(next);
            })()"""
        )
        for scale in ("scale-size", "scale-equal"):
            click(page, f"#{scale}")
            point_to(page, "#strip", 0.37)
            page.evaluate("frames.length = 0; draws.length = 0")
            for turn in (-240, 240):
                for _ in range(30):
                    page.mouse.wheel(0, turn)
                    page.mouse.wheel(turn / 4, 0)
            tell_frames(page, f"zoom and pan, {scale}")
        page.evaluate("frames.length = 0; draws.length = 0")
        point_to(page, "#pairs-scroll")
        for _ in range(40):
            page.mouse.wheel(0, 5000)
        tell_frames(page, "scrolling the pairs")
        tell_time(page, "sorting by why", ".pair-head div:nth-child(5) button", "click()")
        page.evaluate("document.querySelector('#filter').value = 'dontfork 7f0'")
        tell_time(page, "filtering", "#filter", "dispatchEvent(new Event('input'))")


def tell_time(page: Page, what: str, selector: str, action: str) -> None:
    took = page.evaluate(
        f"(() => {{ const begun = performance.now(); document.querySelector('{selector}').{action};"
        "return performance.now() - begun; })()"
    )
    print(f"  {what}: {took:.0f} ms")
    assert took < LONGEST_FRAME


def tell_frames(page: Page, what: str) -> None:
    times = page.evaluate("frames")
    draws = sorted(page.evaluate("draws"))
    frames = sorted(b - a for a, b in pairwise(times))
    assert len(frames) > 10 and draws, f"{what}: {len(frames)} frames, {len(draws)} draws"
    late = frames[int(len(frames) * 0.95)]
    print(
        f"  {what}: {len(frames)} frames, median {median(frames):.1f} ms, 95% within {late:.1f} ms, "
        f"longest {frames[-1]:.1f} ms; to draw one: median {median(draws):.2f} ms, "
        f"longest {draws[-1]:.1f} ms"
    )
    assert frames[-1] < LONGEST_FRAME


def test_a_summary_alone_is_shown(page: Page) -> None:
    sample = samples.tiny()
    sample.pairs = []
    with opened(page, small_page(sample)):
        assert text(page, "#heading") == "Why there are 3 VMAs"
        assert page.locator("#summary-only").is_visible()
        for part in ("#address-space", "#boundaries", "#pairs-rows [role=row]"):
            assert not page.locator(part).is_visible()
        assert page.locator("#runs button:disabled").count() == len(sample.summary["runs"]) > 0
        assert page.get_attribute("#theme", "aria-pressed") == "false"
        click(page, "#theme")
        assert page.get_attribute("#theme", "aria-pressed") == "true"


def test_a_click_shows_what_it_has_changed(page: Page) -> None:
    with opened(page, large_page()):
        for what in ("#runs button", "#pairs-rows [role=row]"):
            page.locator(what).first.scroll_into_view_if_needed()
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            page.locator(what).first.evaluate("(each) => each.click()")
            settle(page)
            place = page.locator("#strip").bounding_box()
            assert place is not None
            assert 0 <= place["y"] and place["y"] + place["height"] <= 1000, what


def test_bars_grow_with_what_removing_a_cause_does(page: Page) -> None:
    with opened(page, large_page()):
        causes = large().summary["causes"]
        widths = page.evaluate(
            "[...document.querySelectorAll('#causes .track div')].map((each) => each.clientWidth)"
        )
        worth = [large().summary["remaining"] - each["without"] for each in causes]
        assert len(widths) == len(causes) > 1
        by_worth = sorted(zip(worth, widths, strict=True))
        assert [width for _, width in by_worth] == sorted(widths)
        assert by_worth[-1][1] > by_worth[0][1]


def test_one_page_is_as_large_as_those_of_the_machine(page: Page) -> None:
    sample = samples.tiny()
    text_of_64k = sample.text().replace(b'{"rules":', b'{"page_size":65536,"rules":', 1)
    for contents, size in ((sample.text(), "4 KiB"), (text_of_64k, "64 KiB")):
        with opened(page, page_of(explain_file.read(contents), "")):
            click(page, "#zoom-page")
            assert size in text(page, "#where"), text(page, "#where")
            click(page, "#scale-equal")
            click(page, "#zoom-page")
            assert "1 VMA to be seen" in text(page, "#where"), text(page, "#where")


@pytest.mark.parametrize("width", [320, 360, 412])
def test_nothing_is_wider_than_a_telephone(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for contents in (large_page(), small_page(samples.evil())):
        with opened(page, contents):
            widest = page.evaluate(
                "[...document.body.querySelectorAll('*')]"
                ".filter((each) => each.checkVisibility() && !each.closest('.unseen'))"
                ".filter((each) => !each.closest('#pairs-scroll, #detail'))"
                ".map((each) => [each.getBoundingClientRect().right, each.outerHTML.slice(0, 80)])"
                ".sort((one, other) => other[0] - one[0])[0]"
            )
            assert widest[0] <= width, widest
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def words_on_the_strip(page: Page) -> list[str]:
    """Draws the strip again, and returns the words that are written on it."""
    page.evaluate(
        """(() => {
          globalThis.written = [];
          const write = CanvasRenderingContext2D.prototype.fillText;
          CanvasRenderingContext2D.prototype.fillText = function (words, ...place) {
            written.push(words);
            write.call(this, words, ...place);
          };
        })()"""
    )
    page.set_viewport_size({"width": 1400, "height": 1000})
    settle(page)
    return list(page.evaluate("written"))


def test_each_vma_says_what_it_is(page: Page) -> None:
    sample = samples.whole_process()
    with opened(page, small_page(sample)):
        click(page, "#scale-equal")
        for place, vma in enumerate(sample.vmas):
            page.evaluate("document.querySelector('#strip').focus()")
            press(page, "ArrowRight")
            told = [text(page, f"#detail > div:nth-child({each})") for each in (1, 2, 3)]
            rights, kind = vma.what().split(" ", 1)
            assert kind in told[1] and f"{rights} (may be read, " in told[1], told
            assert size((vma.end - vma.start) // PAGE) in told[1], told
            if place > 0:
                assert sample.vmas[place - 1].what() in told[0], told
            if place + 1 < len(sample.vmas):
                assert sample.vmas[place + 1].what() in told[2], told
        for row, (lower, upper) in zip(rows(page), pairwise(sample.vmas), strict=False):
            assert row[1].endswith(f" KiB {lower.what()}"), row
            assert row[2].endswith(f" KiB {upper.what()}"), row
        for words, found in (("heap", 2), ("VDSO", 1), ("arena rw-p", 3), ("libc.so", 2)):
            type_filter(page, words)
            assert text(page, "#found") == f"{found} of 8 boundaries", words
        # Narrow VMAs have less room.
        written = words_on_the_strip(page)
        assert "rw-p heap" in written and "rw-p stack" in written, written
        page.screenshot(path=PICTURES / "whole-process.png", full_page=True)


def test_a_vma_that_is_the_only_one_is_shown(page: Page) -> None:
    sample = samples.lone()
    (vma,) = sample.vmas
    with opened(page, small_page(sample)):
        point_to(page, "#strip", 0.5)
        told = text(page, "#detail")
        assert f"{vma.start:x}-{vma.end:x}" in told and "16 KiB" in told
        assert "heap" in told and "rw-p" in told
        assert told.count("There is none.") == 2
        assert text(page, "#where").endswith("1 VMA to be seen")
        assert {"rw-p heap", "16 KiB"} <= set(words_on_the_strip(page))
        assert text(page, "#found") == "0 boundaries"


def test_a_file_that_does_not_say_what_vmas_are(page: Page) -> None:
    sample = samples.whole_process()
    for pair in sample.pairs:
        pair.pop("upper_is", None)
    sample.vmas = []
    with opened(page, small_page(sample)):
        page.locator("#strip").focus()
        press(page, "ArrowRight")
        assert "8 KiB, 2 pages" in text(page, "#detail")
        assert [row[1] for row in rows(page)][:2] == ["8 KiB ", "16 KiB "]


@pytest.mark.parametrize("width", [320, 768, 1360])
def test_columns_stay_apart_and_lines_are_whole(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    with opened(page, small_page(samples.whole_process())):
        too_wide = page.evaluate(
            "[...document.querySelectorAll('.pair-head > *')]"
            ".filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)"
        )
        assert too_wide == []
        lines = page.evaluate(
            "[...document.querySelectorAll('#pairs-rows .why')].filter((each) => each.clientHeight)"
            ".map((each) => each.clientHeight / parseFloat(getComputedStyle(each).lineHeight))"
        )
        assert lines and all(abs(each - round(each)) < 0.1 for each in lines), lines
