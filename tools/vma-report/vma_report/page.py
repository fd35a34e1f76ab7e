# SPDX-License-Identifier: GPL-2.0
"""Makes one HTML page of an explanation: template/, with all that it needs put into it by Jinja.

Names in the explanation come from a process, which may be anybody's. They are in the page as base64
only, and its scripts show them as text; the policy in its head has the browser run those scripts, and
nothing else, and load nothing.
"""

import base64
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vma_report.explain_file import Explanation

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
        title=title or f"process {summary.pid} ({summary.command}), {summary.time} UTC",
        style=style,
        script=code,
        style_hash=_hash(style),
        script_hash=_hash(code),
        data=_packed(explanation),
    )
    return text.encode(errors="backslashreplace")


def script() -> str:
    return "".join((TEMPLATE / name).read_text() for name in SCRIPTS)


def _hash(text: str) -> str:
    """Returns the name that a policy has for an element's text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(explanation: Explanation) -> str:
    text = json.dumps(_contents(explanation), separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def _contents(explanation: Explanation) -> dict[str, Any]:
    """Returns the data that template/data.js unpacks. A reason that many boundaries share is there once."""
    vocabulary, summary = explanation.vocabulary, explanation.summary
    causes = [each.cause for each in summary.causes]
    reasons: dict[str, int] = {}
    lower_starts, lower_sizes, holes, upper_sizes, reason_of = [], [], [], [], []
    last = 0
    for boundary in explanation.boundaries:
        # The worst cause first, as in the summary.
        numbers = sorted(causes.index(cause) for cause in boundary.causes)
        words = [vocabulary.sentence(blocker) for blocker in boundary.blockers]
        reason = json.dumps({"words": words or [vocabulary.mergeable], "causes": numbers})
        lower_starts.append(boundary.lower.start - last)
        lower_sizes.append(boundary.lower.end - boundary.lower.start)
        holes.append(boundary.upper.start - boundary.lower.end)
        upper_sizes.append(boundary.upper.end - boundary.upper.start)
        reason_of.append(reasons.setdefault(reason, len(reasons)))
        last = boundary.lower.start
    return {
        "summary": summary.model_dump(),
        "advice": [vocabulary.advice(cause) for cause in causes],
        "reasons": [json.loads(reason) for reason in reasons],
        # In pages, each from the one before.
        "lowerStarts": lower_starts,
        "lowerSizes": lower_sizes,
        "holes": holes,
        "upperSizes": upper_sizes,
        "reasonOf": reason_of,
    }
