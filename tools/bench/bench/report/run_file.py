# SPDX-License-Identifier: GPL-2.0
"""build/bench-ARCH.json: a run, as a list of objects, one a row."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.failure import BadInput
from bench.report.lines import GROUPS
from bench.report.rows import Row


@dataclass(frozen=True)
class Result:
    """What is read again of a row, to draw and to compare."""

    group: str
    name: str
    c: float
    rust: float
    ratio: float
    own_ratio: float | None


def text(rows: Sequence[Row]) -> str:
    return json.dumps([_object(row) for row in rows], indent=1) + "\n"


def read(contents: bytes) -> list[Result]:
    """Raises BadInput."""
    try:
        found = json.loads(contents)
    except (ValueError, RecursionError):
        raise BadInput("it is no JSON; it should be what make bench wrote") from None
    if not isinstance(found, list) or not found:
        raise BadInput("it should be a list of rows, as make bench wrote it")
    return [_result(each, number) for number, each in enumerate(found, start=1)]


def _object(row: Row) -> dict[str, Any]:
    """What was not measured is null."""
    return {
        "name": row.name,
        "group": row.group,
        "c": row.c.median,
        "rust": row.rust.median,
        "ratio": row.ratio,
        "own_ratio": row.own_ratio,
        "alternations": row.alternations,
        "c_quartiles": list(row.c.quartiles),
        "rust_quartiles": list(row.rust.quartiles),
        "c_extremes": list(row.c.extremes),
        "rust_extremes": list(row.rust.extremes),
        "c_own": row.own.c if row.own else None,
        "rust_own": row.own.rust if row.own else None,
        "hooked_calls": row.calls,
        "instructions_a_hooked_call": row.a_call,
    }


def _result(found: Any, number: int) -> Result:
    if not isinstance(found, dict):
        raise BadInput(f"row {number} is no object; it should be as make bench wrote it")
    for name in ("group", "name"):
        if not isinstance(found.get(name), str):
            raise BadInput(f"row {number}: '{name}' should be a string")
    if found["group"] not in GROUPS:
        raise BadInput(f"row {number}: 'group' should be one of {', '.join(GROUPS)}")
    for name in ("c", "rust", "ratio"):
        if not _is_number(found.get(name)):
            raise BadInput(f"row {number}: '{name}' should be a number above 0")
    own_ratio = found.get("own_ratio")
    if own_ratio is not None and own_ratio != 0 and not _is_number(own_ratio):
        raise BadInput(f"row {number}: 'own_ratio' should be null or a number")
    return Result(
        group=found["group"],
        name=found["name"],
        c=found["c"],
        rust=found["rust"],
        ratio=found["ratio"],
        own_ratio=own_ratio,
    )


def _is_number(found: Any) -> bool:
    return type(found) in (int, float) and 0 < found < float("inf")
