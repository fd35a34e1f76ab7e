# SPDX-License-Identifier: GPL-2.0
"""The base of all lines of explain.jsonl: it checks them, and makes text readable."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


def readable(text: str) -> str:
    """Returns a name in a readable form. The file has each byte of a name as a character. Bytes that are
    UTF-8 are decoded; backslashes and characters that cannot be printed, including those that change the
    direction of writing, are escaped."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    text = text.replace("\\", "\\\\")
    try:
        text = text.encode("latin-1").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        pass
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


Text = Annotated[str, AfterValidator(readable)]
Count = Annotated[int, Field(ge=0, lt=1 << 53)]


class Line(BaseModel):
    """An object of the file, or an object in it. Unknown members are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


def problem(error: ValidationError) -> str:
    """Returns a sentence on the first error: the member, and what would be right."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = readable(".".join(map(str, first["loc"])))
    what = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        what = "is missing; is the file from a module of another version?"
    return f"'{where}': {what}" if where else what
