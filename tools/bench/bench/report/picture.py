# SPDX-License-Identifier: GPL-2.0
"""The style of both pictures, light and dark, and their output by matplotlib: as SVG that needs no other
file, and that is the same for the same input."""

import io
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Comment, Element

from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

# The name of each colour in the style, and its light and dark variant. The colours differ from each other as
# much as possible, also for people who cannot tell red from green.
COLOURS = {
    "ground": ("#ffffff", "#161b22"),
    "ink": ("#1f2328", "#e6edf3"),
    "quiet": ("#59636e", "#9da7b3"),
    "line": ("#d1d9e0", "#3d444d"),
    "c": ("#0550ae", "#79c0ff"),
    "rust": ("#9a3412", "#ffa657"),
}
GROUND, INK, QUIET, LINE, C, RUST = (light for light, _ in COLOURS.values())

# matplotlib includes the first font, so that text is laid out the same on each machine. Viewers without it
# use the other fonts, which are equally wide.
STYLE: dict[RcKeyType, object] = {
    "font.family": "monospace",
    "font.monospace": ["DejaVu Sans Mono", "Menlo", "Consolas", "monospace"],
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.titlesize": 11,
    "figure.titleweight": "bold",
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "xtick.color": LINE,
    "xtick.labelcolor": QUIET,
    "ytick.color": LINE,
    "ytick.labelcolor": QUIET,
    "ytick.left": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "rust_vma",
}

NAMESPACE = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", NAMESPACE)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def svg(figure: Figure, title: str, description: str, titles: Mapping[str, str]) -> str:
    """Returns a figure as SVG. The title and the description are for screen readers. `titles` has tooltips,
    by the gid of their element."""
    file = io.StringIO()
    figure.savefig(file, format="svg", bbox_inches="tight")
    root = ElementTree.fromstring(_in_either_theme(file.getvalue()))
    root.remove(root[0])  # the metadata: author and date
    for gid, words in titles.items():
        (element,) = (each for each in root.iter() if each.get("id") == gid)
        element.insert(0, _element("title", words))
    named = {"title": title, "desc": description}
    for place, (tag, words) in enumerate(named.items()):
        root.insert(place, _element(tag, words, id=tag))
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(named))
    root.insert(2, _element("style", _themes()))
    root.insert(0, Comment(" SPDX-License-Identifier: GPL-2.0 "))
    _lay_out(root, depth=2)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _lay_out(parent: Element, depth: int) -> None:
    """Puts each element down to this depth on its own line, and removes blanks between the others."""
    for element in (parent, *parent):
        if not (element.text or "").strip():
            element.text = "\n" if depth else None
        if element is not parent:
            element.tail = "\n" if depth else None
            _lay_out(element, max(depth - 1, 0))


def _element(tag: str, words: str, **attributes: str) -> Element:
    element = Element(f"{{{NAMESPACE}}}{tag}", attributes)
    element.text = words
    return element


def _in_either_theme(drawn: str) -> str:
    for name, (light, _) in COLOURS.items():
        drawn = drawn.replace(light, f"var(--{name})")
    return drawn


def _themes() -> str:
    light, dark = (
        " ".join(f"--{name}: {pair[theme]};" for name, pair in COLOURS.items())
        for theme in range(2)
    )
    return f"\nsvg {{ {light} }}\n@media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }}\n"
