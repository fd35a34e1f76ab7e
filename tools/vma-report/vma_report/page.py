# SPDX-License-Identifier: GPL-2.0
"""Makes one HTML page of an explanation: template/, with all that it needs put into it by Jinja.

Names in the explanation come from a process, which may be anybody's. They are in the page as base64
only, and its scripts show them as text; the policy in its head has the browser run those scripts, and
nothing else, and load nothing.
"""

import base64
import hashlib
import itertools
import json
import operator
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vma_report.explain_file import Explanation, Summary

TEMPLATE = Path(__file__).parent / "template"

# In this order: what a file uses comes before it.
SCRIPTS = (
    "data.js",
    "elements.js",
    "words.js",
    "colours.js",
    "scale.js",
    "paint.js",
    "view.js",
    "strip.js",
    "detail.js",
    "summary.js",
    "pairs.js",
    "main.js",
)


def page(explanation: Explanation, title: str) -> bytes:
    summary = explanation.summary
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    # A browser takes these two as they are.
    style, code = Markup((TEMPLATE / "page.css").read_text()), Markup(script())
    text = environment.get_template("page.html").render(
        title=title or f"{_whose(summary)}, {summary.time} UTC",
        style=style,
        script=code,
        style_hash=_hash(style),
        script_hash=_hash(code),
        summary=_packed([_summary(explanation)]),
        boundaries=_packed(_boundaries(explanation)),
    )
    return text.encode(errors="backslashreplace")


def _whose(summary: Summary) -> str:
    """Returns the words for the process, or for the file that is all that is known of it."""
    if summary.pid is None:
        return summary.command
    return f"process {summary.pid} ({summary.command})"


def script() -> str:
    return "".join((TEMPLATE / name).read_text() for name in SCRIPTS)


def _hash(text: str) -> str:
    """Returns the name that a policy has for an element's text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(parts: Iterable[bytes]) -> str:
    """Compresses the parts, one after the other."""
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    packed = [compressor.compress(part) for part in parts]
    return base64.b64encode(b"".join([*packed, compressor.flush()])).decode()


def _summary(explanation: Explanation) -> bytes:
    """Returns what the answer is made of, for template/data.js."""
    vocabulary, summary = explanation.vocabulary, explanation.summary
    return _json(
        {
            "summary": summary.model_dump(),
            "advice": [vocabulary.advice(each.cause) for each in summary.causes],
            "pageSize": vocabulary.page_size,
            "rights": vocabulary.rights,
        }
    )


def _boundaries(explanation: Explanation) -> Iterator[bytes]:
    """Yields, piece by piece, what template/data.js makes the boundaries of. Most reasons are there
    once. Numbers are in pages, and starts count from the one before."""
    boundaries = explanation.boundaries
    places = [each.cause for each in explanation.summary.causes]
    # Of each cause, by its number in the reasons.
    yield b'{"causes":' + _json([places.index(cause) for cause in boundaries.reasons.causes])
    yield b',"reasons":['
    yield bytes(boundaries.reasons.json)
    yield b'],"natures":['
    yield bytes(boundaries.natures.json)
    yield b'],"told":' + _json(boundaries.told)
    starts = boundaries.lower_starts
    columns = {
        "lowerStarts": map(operator.sub, starts, itertools.chain([0], starts)),
        "lowerSizes": boundaries.lower_sizes,
        "holes": boundaries.holes,
        "upperSizes": boundaries.upper_sizes,
        "reasonOf": boundaries.reason_of,
        "natureOf": boundaries.nature_of,
    }
    for name, numbers in columns.items():
        yield f',"{name}":['.encode()
        yield from _listed(numbers)
        yield b"]"
    yield b"}"


def _listed(numbers: Iterable[int]) -> Iterator[bytes]:
    """Yields numbers with commas between them, so many at a time that little memory is taken."""
    rest = iter(numbers)
    separator = ""
    while some := list(itertools.islice(rest, 65536)):
        yield (separator + ",".join(map(str, some))).encode()
        separator = ","


def _json(contents: object) -> bytes:
    return json.dumps(contents, separators=(",", ":")).encode()
