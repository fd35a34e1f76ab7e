# SPDX-License-Identifier: GPL-2.0
"""The page of scripts/vma-report in a headless Chromium, clicked through: what it shows has to be what is
in the file. Pictures go to build/report."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from machine.places import BUILD
from report import explain_file
from report.page import page
from vma_report import samples
from vma_report.chromium import Chromium
from vma_report.samples import PAGE, Sample

PICTURES = BUILD / "report"
WIDTH, HEIGHT = 1360, 1000
MANY = 100_000

# Enormously generous: for a machine that does much else.
LONGEST_FRAME = 5000


@cache
def large() -> Sample:
    return samples.large(MANY)


@cache
def large_page() -> bytes:
    return page(explain_file.read(large().text()), "a large process")


def small_page(sample: Sample, title: str = "") -> bytes:
    return page(explain_file.read(sample.text()), title)


@contextmanager
def opened(
    browser: Chromium, contents: bytes, dark: bool = False, moving: bool = False
) -> Iterator[None]:
    """Afterwards, nothing may have gone wrong in the page, and nothing been asked for."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_bytes(contents)
        browser.prefer("prefers-color-scheme", "dark" if dark else "light")
        browser.prefer("prefers-reduced-motion", "no-preference" if moving else "reduce")
        browser.open(file)
        browser.wait_until("document.querySelector('#culprit').textContent !== ''")
        browser.settle()
        yield
        for event in browser.events:
            method, parameters = event["method"], event["params"]
            assert method != "Runtime.exceptionThrown", parameters
            assert method != "Runtime.consoleAPICalled", parameters
            assert method != "Log.entryAdded", parameters
            assert method != "Page.javascriptDialogOpening", parameters
            if method == "Network.requestWillBeSent":
                assert parameters["request"]["url"] == file.as_uri(), parameters["request"]


def count(number: int) -> str:
    return f"{number:,}"


def size(pages: int) -> str:
    """In words."""
    number, unit = pages * 4.0, 0
    while number >= 1024:
        number /= 1024
        unit += 1
    # Halves go up.
    rounded = int(number * 10 + 0.5) / 10 if number < 10 else int(number + 0.5)
    return f"{rounded:g} {['KiB', 'MiB', 'GiB', 'TiB'][unit]}"


def addresses(pair: dict[str, Any]) -> tuple[int, int, int]:
    return int(pair["lower"][0], 16), int(pair["upper"][0], 16), int(pair["upper"][1], 16)


def rows(browser: Chromium) -> list[list[str]]:
    """The cells of the rows that are whole and in sight, from the top."""
    found: list[list[str]] = browser.evaluate(
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


def type_filter(browser: Chromium, text: str) -> None:
    browser.click("#filter")
    browser.evaluate("document.querySelector('#filter').value = ''")
    browser.call("Input.insertText", text=text)
    if not text:
        browser.evaluate("document.querySelector('#filter').dispatchEvent(new Event('input'))")
    browser.settle()


def same_rows(browser: Chromium, pairs: list[dict[str, Any]]) -> None:
    """The table has to show these, from the first on."""
    shown = rows(browser)
    assert len(shown) >= min(10, len(pairs)), f"{len(shown)} rows in sight"
    for row, pair in zip(shown, pairs, strict=False):
        start, boundary, end = addresses(pair)
        expected = [
            f"{boundary:x}",
            size((boundary - start) // PAGE),
            size((end - boundary) // PAGE),
        ]
        assert row[:3] == expected, f"{row}, not {expected}"


def the_summary_says_what_the_file_does(browser: Chromium) -> None:
    sample = large()
    summary = sample.summary
    first = summary["causes"][0]
    apart = summary["touching"] - summary["mergeable"]
    with opened(browser, large_page()):
        assert browser.text("#heading") == f"Why there are {count(MANY)} VMAs"
        assert browser.text("#process") == "a large process"
        assert browser.text("#culprit") == (
            f"Main cause: {first['cause']}, in {count(first['pairs'])} of {count(apart)} pairs "
            f"({first['pairs'] * 100 // apart}%); without it, {count(first['without'])} VMAs would "
            f"remain, not {count(summary['remaining'])}."
        )
        limit = browser.text("#limit")
        assert f"{count(MANY)} VMAs of at most 262,144 (vm.max_map_count, 38.1% used)" in limit
        for place, each in enumerate(summary["causes"], start=1):
            row = f"#causes tbody tr:nth-child({place})"
            numbers = [
                browser.text(f"{row} td:nth-child({column})").removeprefix(chr(64 + place))
                for column in (1, 2, 3, 4)
            ]
            expected = [
                each["cause"],
                *(count(each[name]) for name in ("pairs", "alone", "without")),
            ]
            assert numbers == expected, f"{numbers}, not {expected}"
        for place, run in enumerate(summary["runs"], start=1):
            told = browser.text(f"#runs li:nth-child({place})")
            assert f"{run['vmas']} VMAs: {', '.join(run['causes'])}" in told, told
            assert "-".join(run["range"]) in told, told
        browser.screenshot(PICTURES / "large-light.png", whole_page=True)


def there_are_few_elements_for_many_vmas(browser: Chromium) -> None:
    with opened(browser, large_page()):
        elements = browser.evaluate("document.querySelectorAll('*').length")
        print(f"  {elements} elements for {count(MANY)} VMAs")
        assert elements < 1000


def zooming_in_ends_at_one_page(browser: Chromium) -> None:
    sample = large()
    # In the middle, and neither of its VMAs is one page.
    pair = next(
        pair
        for pair in sample.pairs[len(sample.pairs) // 2 :]
        if pair["causes"] == ["MADV_DONTFORK"]
        and addresses(pair)[1] - addresses(pair)[0] > PAGE
        and addresses(pair)[2] - addresses(pair)[1] > PAGE
    )
    _, boundary, end = addresses(pair)
    with opened(browser, large_page()):
        type_filter(browser, f"{boundary:x}")
        assert rows(browser)[0][0] == f"{boundary:x}", rows(browser)[:2]
        browser.click("#pairs-rows [role=row]")
        browser.settle()
        assert f"{boundary:x}-{end:x}" in browser.text("#detail")
        browser.evaluate("document.querySelector('#strip').focus()")
        browser.press("1")
        browser.settle()
        where = browser.text("#where")
        one_page = f"{boundary:x}-{boundary + PAGE:x}: 4 KiB of addresses, 1 VMA to be seen"
        assert where == one_page, where
        # No further than that.
        browser.press("+")
        browser.settle()
        assert browser.text("#where") == one_page
        browser.screenshot(PICTURES / "one-page.png")
        browser.press("0")
        browser.settle()
        first, last = sample.vmas[0].start, sample.vmas[-1].end
        assert browser.text("#where").startswith(f"{first:x}-{last:x}: ")
        assert browser.text("#where").endswith(f"{count(MANY)} VMAs to be seen")


def pointing_and_keys_tell_of_vmas(browser: Chromium) -> None:
    sample = samples.tiny()
    lower, middle, upper = sample.vmas
    dontfork = "flags differ: only the upper one has dc (MADV_DONTFORK)"
    may_be_one = "may be one; nothing has asked for it yet"
    with opened(browser, small_page(sample)):
        # By size: sixteen pages, of which the first VMA has four, and so the second.
        for part, vma, below, above in (
            (0.1, lower, "There is none that touches it.", may_be_one),
            (0.4, middle, may_be_one, dontfork),
            (0.9, upper, dontfork, "There is none that touches it."),
        ):
            browser.mouse("mouseMoved", browser.middle_of("#strip", part))
            browser.settle()
            told = [browser.text(f"#detail > div:nth-child({place})") for place in (1, 2, 3)]
            assert f"{vma.start:x}-{vma.end:x}" in told[1], told
            assert size((vma.end - vma.start) // PAGE) in told[1], told
            assert below in told[0] and above in told[2], told
        browser.mouse("mouseMoved", (5, 5))
        browser.settle()
        assert "Point to a VMA" in browser.text("#detail")
        # A click keeps it, and arrows go on from there.
        browser.click("#strip", 0.1)
        browser.mouse("mouseMoved", (5, 5))
        browser.settle()
        assert f"{lower.start:x}-{lower.end:x}" in browser.text("#detail")
        browser.press("ArrowRight")
        browser.settle()
        assert f"{middle.start:x}-{middle.end:x}" in browser.text("#detail")
        browser.press("Enter")
        browser.settle()
        assert browser.text("#where").endswith(": 24 KiB of addresses, 3 VMAs to be seen")
        # All alike: each has a third.
        browser.click("#scale-equal")
        browser.click("#zoom-whole")
        browser.settle()
        browser.mouse("mouseMoved", browser.middle_of("#strip", 0.6))
        browser.settle()
        assert f"{middle.start:x}-{middle.end:x}" in browser.text("#detail")


def a_gap_is_shorter_than_it_is(browser: Chromium) -> None:
    """Two VMAs of a page, a gap of 64 TiB, and two more: there is room for all."""
    low, high = 0x10000, 0x10000 + (1 << 46)
    vmas = [
        samples.Vma(base + place * PAGE, base + (place + 1) * PAGE, frozenset(flags))
        for base in (low, high)
        for place, flags in enumerate(((), ("dc",)))
    ]
    with opened(browser, small_page(Sample(vmas))):
        for part, words in (
            (0.1, f"{low:x}-{low + PAGE:x}"),
            (0.5, f"{low + 2 * PAGE:x}-{high:x}: a gap of 64 TiB."),
            (0.9, f"{high + PAGE:x}-{high + 2 * PAGE:x}"),
        ):
            browser.mouse("mouseMoved", browser.middle_of("#strip", part))
            browser.settle()
            assert words in browser.text("#detail"), f"{part}: {browser.text('#detail')}"


def colours_in_the_middle_of(browser: Chromium, canvas: str) -> list[str]:
    """Of each pixel, from the left to the right."""
    found: list[str] = browser.evaluate(
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


def vmas_have_the_colours_of_their_causes(browser: Chromium) -> None:
    """A row of VMAs with one cause, then another row with another: each pixel has one of two colours,
    whether VMAs are wider than a pixel or not."""
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
        with opened(browser, small_page(sample)):
            for scale in ("scale-size", "scale-equal"):
                browser.click(f"#{scale}")
                browser.mouse("mouseMoved", (5, 5))
                browser.settle()
                colours = colours_in_the_middle_of(browser, "#strip")
                half = len(colours) // 2
                # The first VMA of the right half is kept from the left one: three pixels at most.
                left, right = set(colours[: half - 3]), set(colours[half + 3 :])
                about = f"{number} VMAs, {scale}"
                assert left == {expected["MADV_DONTFORK"]}, f"{about}: {left}"
                assert right == {expected["MADV_DONTDUMP"]}, f"{about}: {right}"


def wheel_drag_and_buttons_move_the_view(browser: Chromium) -> None:
    with opened(browser, large_page()):

        def told_after(what: str) -> str:
            browser.settle()
            now = browser.text("#where")
            assert now != before, f"{what} changed nothing: {now}"
            return now

        before = browser.text("#where")
        at = browser.middle_of("#strip", 0.3)
        browser.mouse("mouseWheel", at, deltaX=0, deltaY=-600)
        before = told_after("the wheel")
        browser.mouse("mousePressed", at, button="left", clickCount=1)
        browser.mouse("mouseMoved", (at[0] + 200, at[1]), button="left", buttons=1)
        browser.mouse("mouseReleased", (at[0] + 200, at[1]), button="left", clickCount=1)
        before = told_after("dragging")
        browser.mouse("mouseMoved", (5, 5))
        browser.settle()
        assert "Point to a VMA" in browser.text("#detail"), "dragging is not clicking"
        for button in ("zoom-in", "pan-right", "pan-left", "zoom-out", "zoom-page", "zoom-whole"):
            browser.click(f"#{button}")
            before = told_after(button)
        browser.mouse("mouseWheel", at, deltaX=0, deltaY=-600)
        before = told_after("the wheel")
        browser.click("#overview", 0.8)
        before = told_after("the overview")
        browser.click("#runs li:first-child button")
        told_after("a run")


def sorting_goes_by_what_is_shown(browser: Chromium) -> None:
    sample = large()

    def lower(pair: dict[str, Any]) -> int:
        start, boundary, _ = addresses(pair)
        return boundary - start

    def upper(pair: dict[str, Any]) -> int:
        _, boundary, end = addresses(pair)
        return end - boundary

    with opened(browser, large_page()):
        same_rows(browser, sample.pairs)
        head = ".pair-head div:nth-child({}) button"
        browser.click(head.format(1))
        browser.settle()
        same_rows(browser, sample.pairs[::-1])
        for column, key in ((2, lower), (3, upper)):
            browser.click(head.format(column))
            browser.settle()
            same_rows(browser, sorted(sample.pairs, key=key))
            browser.click(head.format(column))
            browser.settle()
            same_rows(browser, sorted(sample.pairs, key=lambda pair: -key(pair)))
            state = browser.evaluate(
                f"document.querySelector('.pair-head div:nth-child({column})').ariaSort"
            )
            assert state == "descending", state
        browser.click(head.format(4))
        browser.settle()
        assert {row[3] for row in rows(browser)} == {"A"}
        browser.click(head.format(5))
        browser.settle()
        words = [row[4] for row in rows(browser)]
        assert words == sorted(words), words


def filtering_finds_words_causes_and_addresses(browser: Chromium) -> None:
    sample = large()
    pairs = sample.pairs
    offset = [pair for pair in pairs if "page offsets" in pair["causes"]]
    both = [pair for pair in pairs if {"mseal", "mlock"} <= set(pair["causes"])]
    dump = [pair for pair in pairs if "MADV_DONTDUMP" in pair["causes"]]
    may = [pair for pair in pairs if not pair["causes"]]
    inside = sample.vmas[MANY // 3].start + 0x123
    around = [pair for pair in pairs if addresses(pair)[0] <= inside < addresses(pair)[2]]
    assert all((offset, both, dump, may, around))
    with opened(browser, large_page()):
        for text, expected in (
            ("PAGE offset", offset),
            ("mseal mlock", both),
            (f"0x{inside:x}", around),
            ("there is no such word", []),
            ("", pairs),
        ):
            type_filter(browser, text)
            found = browser.text("#found")
            of = f" of {count(len(pairs))}" if len(expected) < len(pairs) else ""
            assert found == f"{count(len(expected))}{of} pairs", f"{text}: {found}"
            same_rows(browser, expected)
        place = [each["cause"] for each in sample.summary["causes"]].index("MADV_DONTDUMP") + 1
        button = f"#legend button:nth-child({place})"
        browser.click(button)
        browser.settle()
        assert browser.text("#found") == f"{count(len(dump))} of {count(len(pairs))} pairs"
        same_rows(browser, dump)
        browser.screenshot(PICTURES / "one-cause.png", whole_page=True)
        browser.click(button)
        browser.click("#legend button:last-child")
        browser.settle()
        same_rows(browser, may)


def the_table_scrolls_to_its_end_and_has_keys(browser: Chromium) -> None:
    sample = large()
    last = [f"{addresses(pair)[1]:x}" for pair in sample.pairs[-5:]]
    with opened(browser, large_page()):
        browser.evaluate("document.querySelector('#pairs-scroll').scrollTop = 1e9")
        browser.settle()
        assert [row[0] for row in rows(browser)][-5:] == last
        browser.evaluate("document.querySelector('#pairs-scroll').scrollTop = 0")
        browser.settle()
        browser.evaluate("document.querySelector('#pairs').focus()")
        for key in ("ArrowDown", "ArrowDown"):
            browser.press(key)
        browser.settle()
        second = f"{addresses(sample.pairs[1])[1]:x}"
        assert browser.text("#chosen-pair").startswith(second), browser.text("#chosen-pair")
        browser.press("Enter")
        browser.settle()
        assert f"{second}-" in browser.text("#detail .vma")
        browser.press("End")
        browser.settle()
        assert browser.text("#chosen-pair").startswith(last[-1])


def the_theme_is_the_system_s_until_it_is_chosen(browser: Chromium) -> None:
    light, dark = "rgb(243, 245, 248)", "rgb(15, 19, 24)"

    def expect_ground(colour: str) -> None:
        browser.settle()
        found = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        assert found == colour, f"{found}, not {colour}"

    with opened(browser, small_page(samples.tiny())):
        expect_ground(light)
        browser.click("#theme")
        expect_ground(dark)
        browser.click("#theme")
        expect_ground(light)
        browser.prefer("prefers-color-scheme", "dark")
        expect_ground(light)
    with opened(browser, small_page(samples.tiny())):
        browser.prefer("prefers-color-scheme", "dark")
        expect_ground(dark)
    with opened(browser, large_page(), dark=True):
        expect_ground(dark)
        browser.screenshot(PICTURES / "large-dark.png", whole_page=True)
        browser.click("#scale-equal")
        for _ in range(10):
            browser.click("#zoom-in")
        browser.click("#strip", 0.4)
        browser.settle()
        browser.screenshot(PICTURES / "zoomed-dark.png", whole_page=True)


def names_stay_text(browser: Chromium) -> None:
    sample = samples.evil()
    with opened(browser, small_page(sample, samples.EVIL[0])):
        assert browser.evaluate("document.title").endswith(samples.EVIL[0])
        elements = browser.evaluate("[...document.querySelectorAll('img, iframe, b b')].length")
        assert elements == 0
        assert browser.evaluate("document.scripts.length") == 2
        words = [row[4] for row in rows(browser)]
        assert any(samples.EVIL[0] in each for each in words), words
        assert any(samples.EVIL[1] in each for each in words), words
        browser.click("#pairs-rows [role=row]")
        browser.settle()
        assert samples.EVIL[0] in browser.text("#detail")
        assert "\u202e" not in browser.evaluate("document.body.textContent")
        # Were a name run in spite of all, the policy would not let it.
        browser.evaluate(
            "(() => { const s = document.createElement('script');"
            "s.textContent = 'document.title = \"broken\"'; document.body.append(s); })()"
        )
        assert browser.evaluate("document.title") != "broken"
        browser.events[:] = [
            event for event in browser.events if "Content Security Policy" not in json.dumps(event)
        ]


def what_can_be_reached_has_a_name(browser: Chromium) -> None:
    with opened(browser, small_page(samples.evil())):
        browser.call("Accessibility.enable")
        nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
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


def frames_stay_short(browser: Chromium) -> None:
    """Prints figures; only what is absurd fails."""
    with opened(browser, large_page()):
        browser.evaluate(
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
            browser.click(f"#{scale}")
            at = browser.middle_of("#strip", 0.37)
            browser.evaluate("frames.length = 0; draws.length = 0")
            for turn in (-240, 240):
                for _ in range(30):
                    browser.mouse("mouseWheel", at, deltaX=0, deltaY=turn)
                    browser.mouse("mouseWheel", at, deltaX=turn / 4, deltaY=0)
            tell_frames(browser, f"zoom and pan, {scale}")
        browser.evaluate("frames.length = 0; draws.length = 0")
        at = browser.middle_of("#pairs-scroll")
        for _ in range(40):
            browser.mouse("mouseWheel", at, deltaX=0, deltaY=5000)
        tell_frames(browser, "scrolling the pairs")
        tell_time(browser, "sorting by why", ".pair-head div:nth-child(5) button", "click()")
        browser.evaluate("document.querySelector('#filter').value = 'dontfork 7f0'")
        tell_time(browser, "filtering", "#filter", "dispatchEvent(new Event('input'))")


def tell_time(browser: Chromium, what: str, selector: str, action: str) -> None:
    took = browser.evaluate(
        f"(() => {{ const begun = performance.now(); document.querySelector('{selector}').{action};"
        "return performance.now() - begun; })()"
    )
    print(f"  {what}: {took:.0f} ms")
    assert took < LONGEST_FRAME


def tell_frames(browser: Chromium, what: str) -> None:
    times = browser.evaluate("frames")
    draws = sorted(browser.evaluate("draws"))
    frames = sorted(b - a for a, b in pairwise(times))
    assert len(frames) > 10 and draws, f"{what}: {len(frames)} frames, {len(draws)} draws"
    late = frames[int(len(frames) * 0.95)]
    print(
        f"  {what}: {len(frames)} frames, median {median(frames):.1f} ms, 95% within {late:.1f} ms, "
        f"longest {frames[-1]:.1f} ms; to draw one: median {median(draws):.2f} ms, "
        f"longest {draws[-1]:.1f} ms"
    )
    assert frames[-1] < LONGEST_FRAME


def a_summary_alone_is_shown(browser: Chromium) -> None:
    sample = samples.tiny()
    sample.pairs = []
    with opened(browser, small_page(sample)):
        assert browser.text("#heading") == "Why there are 3 VMAs"
        assert "only the summary was asked for" in browser.text("#detail")
        for button in ("zoom-in", "zoom-page", "scale-equal", "zoom-whole"):
            browser.click(f"#{button}")
        browser.settle()
        assert browser.text("#found") == "0 pairs"


TESTS: list[Callable[[Chromium], None]] = [
    the_summary_says_what_the_file_does,
    there_are_few_elements_for_many_vmas,
    zooming_in_ends_at_one_page,
    pointing_and_keys_tell_of_vmas,
    a_gap_is_shorter_than_it_is,
    vmas_have_the_colours_of_their_causes,
    wheel_drag_and_buttons_move_the_view,
    sorting_goes_by_what_is_shown,
    filtering_finds_words_causes_and_addresses,
    the_table_scrolls_to_its_end_and_has_keys,
    the_theme_is_the_system_s_until_it_is_chosen,
    names_stay_text,
    what_can_be_reached_has_a_name,
    a_summary_alone_is_shown,
    frames_stay_short,
]
