# SPDX-License-Identifier: GPL-2.0
"""build/bench-ARCH.json: a run, as a list with an object for each row."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from bench.failure import BadInput
from bench.report.lines import Group
from bench.report.rows import Row

Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]
AboveZero = Annotated[Number, Field(gt=0)]


@dataclass(frozen=True, config={"strict": True, "extra": "ignore"})
class Result:
    """The part of a row that is read back, to draw it and to compare it."""

    group: Group
    name: str
    c: AboveZero
    rust: AboveZero
    ratio: AboveZero
    own_ratio: Number | None = None


RUN = TypeAdapter(Annotated[list[Result], Field(min_length=1)])


def text(rows: Sequence[Row]) -> str:
    return json.dumps([_object(row) for row in rows], indent=1) + "\n"


def read(contents: bytes) -> list[Result]:
    """Reads a run. Raises BadInput."""
    try:
        return RUN.validate_json(contents)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = f"'{where}': {first['msg']}" if where else first["msg"]
        raise BadInput(
            f"the file should be a list of rows, as make bench writes it: {what}"
        ) from None


def _object(row: Row) -> dict[str, Any]:
    """Returns the object of a row. Figures that were not measured are null."""
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
