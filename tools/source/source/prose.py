# SPDX-License-Identifier: GPL-2.0
"""Finds the prose in a file: comments, docstrings, messages, and the text of documents.

The result is as long as the file. Prose stays at its place, `BEGIN` stands where a comment beside code or a
message begins and ends, names and code in prose become underscores, and all else becomes spaces.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from pygments.lexer import Lexer
from pygments.lexers import (
    BashLexer,
    CLexer,
    JavascriptLexer,
    MarkdownLexer,
    PythonLexer,
    RstLexer,
    RustLexer,
)
from pygments.token import Comment, Generic, String, Text

# A comment beside code, or a message, begins or ends.
BEGIN = "¶"

# A message has so many words; shorter strings are names, options and paths.
MESSAGE_WORDS = 3
WORD = re.compile(r"[A-Za-z]{2,}")
MARKER = re.compile(r'^[ \t]*(?://[/!]?|/\*[*!]?|\*(?![/)])|#[:!]?)|\*/|r?"""', re.MULTILINE)
FENCED = re.compile(r"^[ ]*```.*?^[ ]*```", re.MULTILINE | re.DOTALL)
# In reStructuredText, a block of code or a diagram, which is indented below a line.
INDENTED = re.compile(
    r"^([ ]*)(\.\. (?:code-block|graphviz)::.*|(?!\.\. ).*::)((?:\n[ \t]*|\n\1[ ]+.*)*)$",
    re.MULTILINE,
)
CODE_SPAN = re.compile(r"``.+?``|`[^`\n]+`|\[_*\]\([^)]*\)", re.DOTALL)
DOCUMENTS: dict[str, Callable[..., Lexer]] = {".md": MarkdownLexer, ".rst": RstLexer}
SOURCES: dict[str, Callable[..., Lexer]] = {
    ".c": CLexer,
    ".h": CLexer,
    ".patch": CLexer,
    ".pml": CLexer,
    ".js": JavascriptLexer,
    ".py": PythonLexer,
    ".rs": RustLexer,
    # scripts, the files of make, lists and settings, all of which have comments that begin with #
    **dict.fromkeys((".config", ".mk", ".sh", ".toml", ".in", ""), BashLexer),
}


def has_prose(name: str) -> bool:
    """Returns whether prose can be found in a file of this name."""
    return PurePath(name).suffix in DOCUMENTS | SOURCES and PurePath(name).name != "COPYING"


def is_document(name: str) -> bool:
    """Returns whether a file of this name has only prose outside its markup."""
    return PurePath(name).suffix in DOCUMENTS


def blanked(text: str) -> str:
    """Returns a text of the same length and with the same lines, but nothing in it."""
    return re.sub(r"[^\n]", " ", text)


def masked(text: str) -> str:
    """Returns a text of the same length in which each word is underscores."""
    return re.sub(r"\S", "_", text)


def prose_in(name: str, text: str) -> str:
    """Returns the prose of a file."""
    suffix = PurePath(name).suffix
    if suffix in DOCUMENTS:
        return "".join(of_document(DOCUMENTS[suffix], text))
    if suffix == ".patch":
        return of_patch(text)
    found = "".join(of_source(SOURCES[suffix], text))
    found = FENCED.sub(lambda block: blanked(block[0]), found)
    return CODE_SPAN.sub(lambda span: masked(span[0]), found)


def of_document(lexer: Callable[..., Lexer], text: str) -> Iterator[str]:
    """Yields the parts of a document, with blocks of code blanked and other markup masked."""
    text = FENCED.sub(lambda block: blanked(block[0]), text)
    text = INDENTED.sub(lambda block: block[1] + block[2] + blanked(block[3]), text)
    for kind, part in lexer(stripnl=False, ensurenl=False).get_tokens(text):
        if kind in Generic.Output or kind in Generic.Prompt:
            yield blanked(part)
        elif kind in Text or kind in Generic:
            yield part
        elif kind in String and "\n" not in part:
            yield masked(part)
        else:
            yield blanked(part)


def of_source(lexer: Callable[..., Lexer], text: str) -> Iterator[str]:
    """Yields the parts of a source, with all but comments, docstrings and messages blanked."""
    is_beside_code = False
    for kind, part in lexer(stripnl=False, ensurenl=False).get_tokens(text):
        if kind in Comment.Preproc or kind in Comment.PreprocFile:
            yield blanked(part)
        elif kind in Comment or kind in String.Doc:
            found = MARKER.sub(lambda marker: blanked(marker[0]), part)
            yield BEGIN + found[1:] if is_beside_code and found[:1] == " " else found
        elif kind in String and part in {'"', "'"}:
            yield BEGIN
        elif kind in String and len(WORD.findall(part)) >= MESSAGE_WORDS:
            yield part.replace('"', BEGIN)
        else:
            yield blanked(part)
        if part.strip():
            is_beside_code = not (kind in Comment or kind in String.Doc) and "\n" not in part
        elif "\n" in part:
            is_beside_code = False


def of_patch(text: str) -> str:
    """Returns the message of a patch, and the prose of the lines that it adds."""
    message, separator, changes = text.partition("\n---\n")
    added = "\n".join(
        f" {line[1:]}" if line.startswith("+") and not line.startswith("+++") else blanked(line)
        for line in changes.split("\n")
    )
    return message + blanked(separator) + prose_in("added.c", added)
