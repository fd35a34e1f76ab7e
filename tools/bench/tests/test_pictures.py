# SPDX-License-Identifier: GPL-2.0
"""Tests that the pictures are SVG, and that all their elements are where they should be."""

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from bench.report import picture
from bench.report.chart import chart
from bench.report.growth import growth
from bench.report.run_file import Result
from measured import rows_of, steady

SVG = "{http://www.w3.org/2000/svg}"

SAMPLES = (
    steady("helpers half/10", 200, 100)
    + steady("helpers equal/10", 100, 100)
    + steady("helpers <b>&over/10", 100, 150)
    + steady("syscalls within", 100, 102)
    # This row is not about Rust, so it has no bar.
    + steady("hook flip", 100, 400)
    + "calls hook flip 2\n"
    # Rust's own instructions are three quarters of C's.
    + "profile helpers half/10 c ours 40\nprofile helpers half/10 rust theirs 30\n"
)

RESULTS = [
    # Numbers of VMAs from one to ten thousand, out of order.
    Result("helpers", "modify/prev/100", 60, 30, 0.5, None),
    Result("helpers", "modify/prev/1", 20, 10, 0.5, None),
    Result("helpers", "modify/prev/10000", 80, 40, 0.5, None),
    Result("helpers", "alone/10", 5, 5, 1.0, None),
    Result("userland", "other/10", 5, 5, 1.0, None),
    Result("userland", "other/20", 5, 5, 1.0, None),
]


def drawn() -> Element:
    return ElementTree.fromstring(chart(rows_of(SAMPLES), "x86_64"))


def grown() -> Element:
    return ElementTree.fromstring(growth(RESULTS, "arm64"))


def called(root: Element, name: str) -> Element:
    (found,) = (each for each in root.iter() if each.get("id") == name)
    return found


def points(element: Element) -> list[tuple[float, float]]:
    """Returns the corners of the first path in an element."""
    path = next(element.iter(SVG + "path"))
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", path.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def marks(element: Element) -> list[tuple[float, float]]:
    """Returns the places of the repeated mark in an element."""
    uses = element.iter(SVG + "use")
    return [(float(each.get("x", "nan")), float(each.get("y", "nan"))) for each in uses]


def box(element: Element) -> tuple[float, float, float, float]:
    """Returns the left, top, right and bottom of an element's first path."""
    xs, ys = zip(*points(element), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def texts(root: Element, anchor: str = "") -> dict[str, tuple[float, float]]:
    """Returns the anchors of texts, which are in their middle or at their end."""
    return {
        each.text or "": (float(each.get("x", "nan")), float(each.get("y", "nan")))
        for each in root.iter(SVG + "text")
        if f"text-anchor: {anchor}" in each.get("style", "") or not anchor
    }


def near(number: float) -> object:
    return pytest.approx(number, abs=0.1)


HALF, EQUAL, OVER, WITHIN = BARS = [
    "helpers half/10",
    "helpers equal/10",
    "helpers <b>&over/10",
    "syscalls within",
]


def one_of(picture: Element, group: str) -> float:
    left, _, right, _ = box(called(picture, f"one {group}"))
    assert left == right
    return left


def test_bars_are_as_long_as_their_ratios() -> None:
    picture = drawn()
    bars = [box(called(picture, name)) for name in BARS]
    zero = bars[0][0]
    unit = one_of(picture, "helpers") - zero
    assert unit > 100
    for (left, _, right, _), ratio in zip(bars, (0.5, 1.0, 1.5, 1.02), strict=True):
        assert left == near(zero)
        assert right - left == near(ratio * unit)
    tops = [top for _, top, _, _ in bars]
    assert tops == sorted(set(tops))
    # There are no other bars.
    titled = [each.get("id") for each in picture.iter() if each.find(SVG + "title") is not None]
    assert [name for name in titled if name] == BARS


def test_the_line_at_one_is_at_its_mark() -> None:
    picture = drawn()
    place = texts(picture, "middle")
    assert place["1.00"][0] == near(one_of(picture, "helpers")) == near(one_of(picture, "syscalls"))
    marks = {float(words): x for words, (x, _) in place.items() if re.fullmatch(r"\d\.\d\d", words)}
    assert {0, 1} < set(marks)
    for number, x in marks.items():
        assert x - marks[0] == near(number * (marks[1] - marks[0]))
    # A bar that ends beyond the last mark is shown whole.
    assert box(called(picture, OVER))[2] - marks[0] == near(1.5 * (marks[1] - marks[0]))


def test_own_is_a_mark_on_its_row() -> None:
    picture = drawn()
    ((x, y),) = marks(called(picture, f"own {HALF}"))
    left, top, right, bottom = box(called(picture, HALF))
    # The mark is at 30 / 40 of the way to 1, and the bar ends half way.
    assert x - left == near(1.5 * (right - left))
    assert y == near((top + bottom) / 2)
    assert not [each for each in picture.iter() if each.get("id") == f"own {EQUAL}"]


def test_a_bar_that_is_too_long_is_marked_by_more_than_its_colour() -> None:
    picture = drawn()
    for name in BARS:
        style = next(called(picture, name).iter(SVG + "path")).get("style", "")
        assert ("var(--rust)" if name == OVER else "var(--c)") in style
    _, top, _, bottom = box(called(picture, OVER))
    (y,) = (y for words, (_, y) in texts(picture).items() if re.fullmatch(r"[\d.]+ >", words))
    assert top < y < bottom


def test_figures_stand_beside_the_bars() -> None:
    picture = drawn()
    place = {words.strip(): at for words, at in texts(picture).items()}
    for name, figure in ((HALF, "0.500"), (EQUAL, "1.000"), (OVER, "1.500 >"), (WITHIN, "1.020")):
        left, top, right, bottom = box(called(picture, name))
        assert place[name.split()[1]][0] < left < right < place[figure][0]
        assert top < place[name.split()[1]][1] < bottom
        assert top < place[figure][1] < bottom
    assert {"0.750", "helpers", "syscalls"} <= set(place)
    assert not {"hook", "flip", "4.000"} & set(place)
    assert called(picture, HALF).findtext(SVG + "title") == "helpers half/10: 0.500, own 0.750"
    assert called(picture, WITHIN).findtext(SVG + "title") == "syscalls within: 1.020"


def test_curves_go_through_their_points() -> None:
    picture = grown()
    place = texts(picture, "end")
    curves = {side: called(picture, f"{side} modify/prev") for side in ("C", "Rust")}
    c, rust = (points(curve) for curve in curves.values())
    # Labels of the axis are a little below their places, all by the same distance.
    low, high = (place[words][1] for words in ("0", "80"))
    bottom = c[0][1] + 0.25 * (low - high)
    assert low > high
    # C has 20, 60 and 80 of 80, and Rust half of that.
    for curve, shares in ((c, (0.25, 0.75, 1)), (rust, (0.125, 0.375, 0.5))):
        for (_, y), share in zip(curve, shares, strict=True):
            assert y == near(bottom - (low - high) * share)
    # 1, 100 and 10000 are equally far apart.
    assert c[1][0] - c[0][0] == near(c[2][0] - c[1][0])
    assert [x for x, _ in c] == [x for x, _ in rust]
    for corners, side in zip((c, rust), curves.values(), strict=True):
        assert marks(side) == [(near(x), near(y)) for x, y in corners]


def test_curves_have_their_figures_below_them() -> None:
    picture = grown()
    place = texts(picture, "middle")
    across = [x for x, _ in points(called(picture, "C modify/prev"))]
    lines = (("1", "100", "10,000"), ("20", "60", "80"), ("10", "30", "40"))
    for figures in lines:
        assert [place[words][0] for words in figures] == [near(x) for x in across]
        assert len({place[words][1] for words in figures}) == 1
    heights = [place[figures[0]][1] for figures in lines]
    assert heights == sorted(set(heights))
    words = [each.text or "" for each in picture.iter(SVG + "text")]
    assert "modify/prev" in words
    # Helpers that have only one number of VMAs are in no plot.
    assert not any("alone" in each or "other" in each for each in words)


@pytest.mark.parametrize("make", [drawn, grown])
def test_pictures_say_what_they_are(make: Callable[[], Element]) -> None:
    root = make()
    assert root.tag == SVG + "svg"
    assert root.get("role") == "img"
    names = root.get("aria-labelledby", "").split()
    assert len(names) == 2
    assert all(called(root, name).text for name in names)


@pytest.mark.parametrize("make", [drawn, grown])
def test_everything_is_within_the_picture(make: Callable[[], Element]) -> None:
    root = make()
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for text in root.iter(SVG + "text"):
        style, words = text.get("style", ""), text.text or ""
        size = float(re.findall(r"([\d.]+)px", style)[0])
        # A letter of this font is 0.6 times as wide as it is high.
        length = 0.602 * size * len(words)
        before = length if "end" in style else length / 2 if "middle" in style else 0
        left = float(text.get("x", "nan")) - before
        assert left >= 0 and left + length <= width, words
        assert 0 < float(text.get("y", "nan")) < height, words


@pytest.mark.parametrize("make", [drawn, grown])
def test_pictures_refer_to_nothing_else(make: Callable[[], Element]) -> None:
    root = make()
    ids = {each.get("id") for each in root.iter()}
    for element in root.iter():
        assert element.tag.removeprefix(SVG) not in ("script", "image", "a", "foreignObject")
        references = re.findall(r"url\(([^)]*)\)", " ".join(element.attrib.values()))
        references += [each for name, each in element.attrib.items() if name.endswith("href")]
        assert all(each[0] == "#" and each[1:] in ids for each in references)
        style = element.text or ""
        assert not any(word in style for word in ("://", "url(", "@import", "@font-face"))


def test_pictures_are_the_same_each_time() -> None:
    assert growth(RESULTS, "arm64") == growth(RESULTS, "arm64")
    text = chart(rows_of(SAMPLES), "x86_64")
    assert text == chart(rows_of(SAMPLES), "x86_64")
    assert "SPDX-License-Identifier: GPL-2.0" in text
    assert not re.search(r"\b20\d\d-", text), "a date"


def luminance(colour: str) -> float:
    """Returns the relative luminance that WCAG defines."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", range(2))
def test_text_has_contrast_in_light_and_dark(theme: int) -> None:
    ground = luminance(picture.COLOURS["ground"][theme])
    for name in ("ink", "quiet", "c", "rust"):
        ink = luminance(picture.COLOURS[name][theme])
        ratio = (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)
        assert ratio >= 4.5, f"{name}: {ratio:.1f}, which should be 4.5"


@pytest.mark.parametrize("make", [drawn, grown])
def test_every_colour_is_of_the_theme(make: Callable[[], Element]) -> None:
    for element in make().iter():
        style = element.get("style", "")
        assert not re.search(r"(fill|stroke): *(#|rgb|black|white)", style), style
        if element.tag == SVG + "text":
            assert "fill: var(--" in style, style


@pytest.mark.parametrize("make", [drawn, grown])
def test_letters_are_of_one_width_whatever_fonts_there_are(make: Callable[[], Element]) -> None:
    for text in make().iter(SVG + "text"):
        (fonts,) = re.findall("font-family: ([^;]*)", text.get("style", ""))
        assert fonts.startswith("'DejaVu Sans Mono', ") and fonts.endswith(", monospace")
