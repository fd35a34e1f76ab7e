# SPDX-License-Identifier: GPL-2.0
"""What both pictures are made of: SVG that needs nothing else, for light and for dark."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

# Of each: what it is called in the style, and its colour in the light and in the dark. In order, so
# that each is as different from the others as can be, for those too who do not tell red from green.
COLOURS = {
    "ground": ("#ffffff", "#161b22"),
    "ink": ("#1f2328", "#e6edf3"),
    "quiet": ("#59636e", "#9da7b3"),
    "line": ("#d1d9e0", "#3d444d"),
    "c": ("#0550ae", "#79c0ff"),
    "rust": ("#9a3412", "#ffa657"),
}

# The width of a letter of 12 pixels, in a font in which all have the same.
LETTER = 7.25

STYLE = """
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink); }
.heading { font-weight: bold; }
.quiet { fill: var(--quiet); }
.c-text { fill: var(--c); }
.rust-text { fill: var(--rust); }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.ground { fill: var(--ground); }
.grid { stroke: var(--line); }
.one { stroke: var(--ink); stroke-width: 1.5; }
.bar { fill: var(--c); fill-opacity: 0.75; }
.bar.over { fill: var(--rust); }
.own { fill: var(--ground); stroke: var(--ink); stroke-width: 1.5; }
.curve { fill: none; stroke-width: 2; }
.curve.c { stroke: var(--c); stroke-dasharray: 5 3; }
.curve.rust { stroke: var(--rust); }
.dot.c { fill: var(--c); }
.dot.rust { fill: var(--rust); }
"""


def svg(width: float, height: float, title: str, description: str) -> Element:
    """An empty picture, with its ground. The title and the description are for those who hear it."""
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "width": number(width),
            "height": number(height),
            "role": "img",
            "aria-labelledby": "title description",
        },
    )
    SubElement(root, "title", id="title").text = title
    SubElement(root, "desc", id="description").text = description
    SubElement(root, "style").text = _style()
    rectangle(root, 0, 0, width, height, "ground")
    return root


def contents(root: Element) -> str:
    root.insert(0, ElementTree.Comment(" SPDX-License-Identifier: GPL-2.0 "))
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def text(parent: Element, x: float, y: float, words: str, kind: str = "") -> Element:
    """y is where the letters stand."""
    element = SubElement(parent, "text", {"x": number(x), "y": number(y)})
    if kind:
        element.set("class", kind)
    element.text = words
    return element


def rectangle(
    parent: Element, x: float, y: float, width: float, height: float, kind: str
) -> Element:
    places = {"x": x, "y": y, "width": width, "height": height}
    return SubElement(
        parent, "rect", {name: number(at) for name, at in places.items()} | {"class": kind}
    )


def line(parent: Element, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
    places = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    SubElement(parent, "line", {name: number(at) for name, at in places.items()} | {"class": kind})


def polygon(parent: Element, points: list[tuple[float, float]], kind: str) -> Element:
    return SubElement(parent, "polygon", {"points": _points(points), "class": kind})


def polyline(parent: Element, points: list[tuple[float, float]], kind: str) -> Element:
    return SubElement(parent, "polyline", {"points": _points(points), "class": kind})


def circle(parent: Element, at: tuple[float, float], radius: float, kind: str) -> None:
    places = {"cx": at[0], "cy": at[1], "r": radius}
    SubElement(
        parent, "circle", {name: number(at) for name, at in places.items()} | {"class": kind}
    )


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _style() -> str:
    light, dark = (
        " ".join(f"--{name}: {pair[theme]};" for name, pair in COLOURS.items())
        for theme in range(2)
    )
    return f"\nsvg {{ {light} }}\n@media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }}{STYLE}"
