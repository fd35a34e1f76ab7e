# SPDX-License-Identifier: GPL-2.0
"""Makes one HTML page of an explanation: template/, with all its files and data embedded by Jinja.

Names in the explanation come from a process, which may belong to another user. The page has them only as
base64, and its scripts show them as text. The content security policy in its head allows the browser to run
only those scripts, and to load nothing.
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

# The order matters: a file comes after the files that it uses.
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
    # A browser reads these two without unescaping them.
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
    """Returns the words for the process, or the name of the file if the process is not known."""
    if summary.pid is None:
        return summary.command
    return f"process {summary.pid} ({summary.command})"


def script() -> str:
    return "".join((TEMPLATE / name).read_text() for name in SCRIPTS)


def _hash(text: str) -> str:
    """Returns the name of an element's text in a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(parts: Iterable[bytes]) -> str:
    """Compresses the parts in order. Returns them as base64."""
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    packed = [compressor.compress(part) for part in parts]
    return base64.b64encode(b"".join([*packed, compressor.flush()])).decode()


def _summary(explanation: Explanation) -> bytes:
    """Returns the data of the answer for template/data.js."""
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
    """Yields the data of the boundaries for template/data.js, in pieces. Most reasons are stored once.
    Numbers are in pages, and each start is stored as the distance from the one before."""
    boundaries = explanation.boundaries
    places = [each.cause for each in explanation.summary.causes]
    # The place of each cause in the summary, by the cause's number in the reasons.
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
    """Yields numbers separated by commas, in pieces that take little memory."""
    rest = iter(numbers)
    separator = ""
    while some := list(itertools.islice(rest, 65536)):
        yield (separator + ",".join(map(str, some))).encode()
        separator = ","


def _json(contents: object) -> bytes:
    return json.dumps(contents, separators=(",", ":")).encode()
