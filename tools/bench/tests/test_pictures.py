# SPDX-License-Identifier: GPL-2.0
"""Whether the pictures are SVG, and whether what they show stands where it should."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bench.report import drawing
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
    # Not a row of Rust: it has no bar.
    + steady("hook flip", 100, 400)
    + "calls hook flip 2\n"
    # Rust has three quarters of what C has of its own.
    + "profile helpers half/10 c ours 40\nprofile helpers half/10 rust theirs 30\n"
)


def of_kind(picture: Element, tag: str, kind: str) -> list[Element]:
    return [each for each in picture.iter(SVG + tag) if kind in each.get("class", "").split()]


def at(element: Element, name: str) -> float:
    return float(element.get(name, "nan"))


def points(element: Element) -> list[tuple[float, float]]:
    pairs = [point.split(",") for point in element.get("points", "").split()]
    return [(float(x), float(y)) for x, y in pairs]


def near(found: float, expected: float) -> bool:
    return abs(found - expected) < 0.1


def drawn() -> Element:
    return ElementTree.fromstring(chart(rows_of(SAMPLES), "x86_64"))


def grown() -> Element:
    results = [
        # From one to a hundred and ten thousand, out of order.
        Result("helpers", "modify/left/100", 60, 30, 0.5, None),
        Result("helpers", "modify/left/1", 20, 10, 0.5, None),
        Result("helpers", "modify/left/10000", 80, 40, 0.5, None),
        Result("helpers", "alone/10", 5, 5, 1.0, None),
        Result("userland", "other/10", 5, 5, 1.0, None),
        Result("userland", "other/20", 5, 5, 1.0, None),
    ]
    return ElementTree.fromstring(growth(results, "arm64"))


def test_bars_are_as_long_as_their_ratios() -> None:
    picture = drawn()
    # The legend has one of each kind, and it comes first.
    bars = of_kind(picture, "rect", "bar")[2:]
    assert len(bars) == 4
    (one,) = (line for line in of_kind(picture, "line", "one") if at(line, "y2") > 100)
    zero = at(bars[0], "x")
    assert all(at(bar, "x") == zero for bar in bars)
    unit = at(one, "x1") - zero
    assert unit > 100
    for bar, ratio in zip(bars, (0.5, 1.0, 1.5, 1.02), strict=True):
        assert near(at(bar, "width"), ratio * unit), (at(bar, "width"), ratio * unit)
    heights = [at(bar, "y") for bar in bars]
    assert heights == sorted(set(heights))


def test_the_line_at_one_is_at_its_mark() -> None:
    picture = drawn()
    marks = {text.text: at(text, "x") for text in of_kind(picture, "text", "middle")}
    (one,) = (line for line in of_kind(picture, "line", "one") if at(line, "y2") > 100)
    assert marks["1.00"] == at(one, "x1") == at(one, "x2")
    # The axis goes on to the first quarter beyond 1.5.
    assert set(marks) == {"0.00", "0.25", "0.50", "0.75", "1.00", "1.25", "1.50", "1.75"}
    assert near(marks["0.50"] - marks["0.00"], marks["1.00"] - marks["0.50"])


def test_own_is_a_mark_on_its_row() -> None:
    picture = drawn()
    _, mark = of_kind(picture, "polygon", "own")
    half = of_kind(picture, "rect", "bar")[2]
    middle = sum(x for x, _ in points(mark)) / 4
    # 30 / 40 of the way to 1, where the bar goes half of it.
    assert near(middle - at(half, "x"), 1.5 * at(half, "width"))
    height = sum(y for _, y in points(mark)) / 4
    assert near(height, at(half, "y") + at(half, "height") / 2)


def test_a_bar_that_is_too_long_is_marked_by_more_than_its_colour() -> None:
    picture = drawn()
    _, over = of_kind(picture, "rect", "over")
    third = of_kind(picture, "rect", "bar")[4]
    assert over is third
    (sign,) = (text for text in picture.iter(SVG + "text") if text.text == ">")
    assert at(over, "y") < at(sign, "y") < at(over, "y") + at(over, "height")


def test_figures_stand_beside_the_bars() -> None:
    texts = [text.text for text in drawn().iter(SVG + "text")]
    for figure in ("half/10", "0.500", "0.750", "<b>&over/10", "1.500", "1.020", "syscalls"):
        assert figure in texts, figure
    for figure in ("hook", "flip", "4.000"):
        assert figure not in texts, figure
    titles = [title.text for title in drawn().iter(SVG + "title")]
    assert "helpers half/10: 0.500, own 0.750" in titles
    assert "syscalls within: 1.020" in titles


def test_curves_go_through_their_points() -> None:
    picture = grown()
    # The legend's come first.
    curves = of_kind(picture, "polyline", "curve")[2:]
    c, rust = (points(curve) for curve in curves)
    assert [curve.get("class") for curve in curves] == ["curve c", "curve rust"]
    low, high = (at(line, "y1") for line in of_kind(picture, "line", "grid")[:2])
    assert low > high
    # The largest is at the top, 0 at the bottom: 20, 60 and 80 of 80, and half of it.
    for curve, shares in ((c, (0.25, 0.75, 1)), (rust, (0.125, 0.375, 0.5))):
        for (_, y), share in zip(curve, shares, strict=True):
            assert near(y, low - (low - high) * share), (y, share)
    # 1, 100 and 10000 are as far from each other.
    assert near(c[1][0] - c[0][0], c[2][0] - c[1][0])
    assert [x for x, _ in c] == [x for x, _ in rust]


def test_curves_have_their_figures() -> None:
    texts = [text.text for text in grown().iter(SVG + "text")]
    for figure in ("modify/left", "1", "100", "10,000", "20", "60", "80", "10", "30", "40"):
        assert figure in texts, figure
    # Those that have but one number of VMAs are in no plot.
    assert "alone" not in texts and "other" not in texts


def test_pictures_say_what_they_are() -> None:
    for picture in (drawn(), grown()):
        assert picture.tag == SVG + "svg"
        assert picture.get("role") == "img"
        names = {each.get("id"): each.text for each in picture if each.get("id")}
        assert set(names) == set(picture.get("aria-labelledby", "").split())
        assert all(names.values())


def test_everything_is_within_the_picture() -> None:
    for picture in (drawn(), grown()):
        _, _, width, height = map(float, picture.get("viewBox", "").split())
        for text in picture.iter(SVG + "text"):
            words, kind = text.text or "", text.get("class", "")
            length = drawing.LETTER * len(words)
            before = length if "end" in kind else length / 2 if "middle" in kind else 0
            left = at(text, "x") - before
            assert left >= 0 and left + length <= width, words
            assert 0 < at(text, "y") < height, words


def test_pictures_refer_to_nothing_else() -> None:
    for picture in (chart(rows_of(SAMPLES), "x86_64"), drawing.contents(grown())):
        without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", picture)
        for word in ("://", "href", "url(", "@import", "@font-face", "<script", "<image"):
            assert word not in without_names, word
        assert "SPDX-License-Identifier: GPL-2.0" in picture


def luminance(colour: str) -> float:
    """As WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_has_contrast_in_light_and_dark() -> None:
    for theme in range(2):
        ground = luminance(drawing.COLOURS["ground"][theme])
        for name in ("ink", "quiet", "c", "rust"):
            ink = luminance(drawing.COLOURS[name][theme])
            ratio = (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)
            assert ratio >= 4.5, f"{name}: {ratio:.1f}, which should be 4.5"
