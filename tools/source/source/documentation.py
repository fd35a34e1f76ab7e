# SPDX-License-Identifier: GPL-2.0
"""Checks that what the documentation names exists: paths, files, make targets, options of the project's
commands, and the names that stand in code spans, in the project's sources or in the kernel's."""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

from vm.places import TOP

OWN_TESTS = "tools/source/tests/test_documentation.py"
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "Documentation/*.rst")
# The folders of the kernel that the documentation mentions.
KERNEL_FOLDERS = (
    *("mm", "include", "kernel", "lib", "fs", "rust", "security", "tools/testing", "Documentation"),
    *("arch/arm64", "arch/x86", "samples/rust", "scripts"),
)
SUFFIXES = "rs|c|h|py|js|sh|rst|md|txt|toml|config|patch|ko|html|json|jsonl|svg"

# A relative path with a folder in it, but not the address of a page.
PATH = re.compile(r"(?<![\w/.~:$-])(?:[\w.*-]+/)+(?:[\w.*-]*[\w*])?(?![\w(])")
FILE = re.compile(rf"(?<![\w/.*-])[\w*-]+\.(?:{SUFFIXES})\b(?![\w/(])")
CODE_SPAN = re.compile(r"``(.+?)``|(?<!`)`([^`]+)`(?!`|_)", re.DOTALL)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
# Single names, but not commands, sentences or examples.
NAMES = re.compile(r"(?:struct )?\w+(?:(?:::|\.|->)\w+)*(?:<[^>]*>)?!?(?:\(\))?")
# A make target, in a code span or at the beginning of a line of a literal block.
TARGET = re.compile(r"(?:`|^[ \t]*(?:[$#] )?|(?:&&|;) )make ([a-z][\w-]+)(?=[ `\n])", re.MULTILINE)
SETTING = re.compile(r"\b(CONFIG_\w+)\b(?!\*)")
COMMAND = re.compile(r"(?<![\w/])scripts/([\w-]+)((?: +(?!-- )[^\s`|;]+)*)")
OPTION_OF = "option of "
# The package of tools/ that a script runs.
PACKAGE = re.compile(r"^run_(?:plain_)?tool (\w+)\.", re.MULTILINE)
OPTION = re.compile(r"(?<!\S)(--[a-z][\w-]+)")
WORD = re.compile(rb"\w+")
# A name in capitals stands for a file of the reader, except for documents.
PLACEHOLDER = re.compile(r"[A-Z]+\.(?!md\b|rst\b)\w+")
ARCHITECTURE = re.compile(r"x86_64|arm64")


@dataclass(frozen=True)
class Mention:
    """A name in a document, and its place."""

    document: str
    line: int
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: there is no {self.kind} {self.name}"


def mentions_in(text: str, document: str) -> Iterator[Mention]:
    """Yields all names in a document."""

    def mention(kind: str, name: str, position: int) -> Mention:
        return Mention(document, text.count("\n", 0, position) + 1, kind, name)

    # RST escapes stars, and an underscore follows the text of a link.
    text = text.replace("\\*", "*")
    for kind, pattern in (("path", PATH), ("file", FILE)):
        for found in pattern.finditer(text):
            yield mention(kind, found[0], found.start())
    for kind, pattern in (("make target", TARGET), ("setting", SETTING)):
        for found in pattern.finditer(text):
            yield mention(kind, found[1], found.start())
    for command in COMMAND.finditer(text):
        for option in OPTION.findall(command[2]):
            yield mention(f"{OPTION_OF}scripts/{command[1]}", option, command.start())
    for span in CODE_SPAN.finditer(text):
        content = (span[1] or span[2]).strip()
        if NAMES.fullmatch(content) and not FILE.fullmatch(content):
            for name in IDENTIFIER.findall(content.split("<")[0]):
                yield mention("name", name, span.start())


def is_document(file: str) -> bool:
    """Returns whether a file of the project is a document, which is checked."""
    return any(fnmatchcase(file, document) for document in DOCUMENTS)


class Existing:
    """The files of the project and of the kernel, and the words in them."""

    def __init__(self, top: Path, files: Iterable[str], kernel: Path) -> None:
        self.top = top
        self.files = list(files)
        self.kernel = kernel

    @cached_property
    def sources(self) -> list[str]:
        """Returns the project's files except the documents, and except the tests of this file, which name
        files that do not exist."""
        return [file for file in self.files if not is_document(file) and file != OWN_TESTS]

    @cached_property
    def kernel_files(self) -> list[Path]:
        return [
            file
            for folder in KERNEL_FOLDERS
            for file in (self.kernel / folder).rglob("*")
            if file.is_file() and (file.suffix in {".c", ".h", ".rs"} or file.name == "Kconfig")
        ]

    @cached_property
    def words(self) -> set[bytes]:
        """Returns all words in the sources of the project and of the kernel."""
        words: set[bytes] = set()
        for file in (*(self.top / source for source in self.sources), *self.kernel_files):
            words.update(WORD.findall(file.read_bytes()))
        words.update(PurePosixPath(path).stem.encode() for path in self.paths)
        return words

    @cached_property
    def paths(self) -> set[str]:
        """Returns all files and folders of the project."""
        return {
            str(each)
            for file in self.files
            for each in (PurePosixPath(file), *PurePosixPath(file).parents)
        }

    @cached_property
    def built(self) -> str:
        """Returns the text that names the files that are built: the scripts, the tools and the makefiles."""
        return "\n".join(
            (self.top / file).read_text(errors="replace")
            for file in self.sources
            if (file.startswith(("scripts/", "tools/")) and "/tests/" not in file)
            or file in {"Makefile", "Kbuild"}
        )

    def has_path(self, path: str) -> bool:
        """Returns whether the path of a file or folder of the project ends with `path`, the kernel has it
        (perhaps with the prefix of a patch), or a script makes it. Pages of the documentation refer to each
        other without the suffix."""
        path = re.sub(r"^(\.\./)+", "", path).rstrip("/")
        in_patch = re.sub(r"^[ab]/", "", path)
        return (
            any(fnmatchcase(each, path) or fnmatchcase(each, f"*/{path}") for each in self.paths)
            or f"Documentation/{path}.rst" in self.paths
            or (self.kernel / in_patch).exists()
            or (path.startswith("build/") and self.is_made(PurePosixPath(path).name))
        )

    def is_made(self, name: str) -> bool:
        """Returns whether a script makes a file of this name, perhaps one for each architecture."""
        parts = [part for part in ARCHITECTURE.split(name) if part]
        return bool(parts) and all(part in self.built for part in parts)

    def has_option(self, command: str, option: str) -> bool:
        """Returns whether a script, or the tool that it runs, has this option."""
        files = [command] if command in self.files else []
        text = "".join((self.top / file).read_text() for file in files)
        package = PACKAGE.search(text)
        if package:
            if option == "--help":
                return True
            of_tool = f"tools/*/{package[1]}/*.py"
            files = [file for file in self.sources if fnmatchcase(file, of_tool)]
            text += "".join((self.top / file).read_text() for file in files)
        return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) is not None

    def looks_like_path(self, path: str) -> bool:
        """Returns whether a word with a slash in it is meant as a path: it ends with the name of a file, or
        begins with a folder that exists."""
        first = path.split("/")[0]
        return bool(FILE.search(PurePosixPath(path).name)) or any(
            first in PurePosixPath(each).parts for each in self.paths
        )

    def has_file(self, name: str) -> bool:
        """Returns whether a file of the project or of the kernel has this name, or a script makes it."""
        return (
            any(fnmatchcase(PurePosixPath(file).name, name) for file in self.files)
            or any(file.name == name for file in self.kernel_files)
            or name.removesuffix(".ko") + ".o" in self.built
            or self.is_made(name)
            or PLACEHOLDER.fullmatch(name) is not None
        )

    def has_name(self, name: str) -> bool:
        """Returns whether a source has the word. A name that begins with "_" only has to be the end of a
        word."""
        word = name.encode()
        return word in self.words or (
            name.startswith("_") and any(each.endswith(word) for each in self.words)
        )

    def has_target(self, name: str) -> bool:
        makefile = (self.top / "Makefile").read_text()
        return re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE) is not None

    def has_setting(self, name: str) -> bool:
        return self.has_name(name) or self.has_name(name.removeprefix("CONFIG_"))

    def has(self, mention: Mention) -> bool:
        match mention.kind:
            case "path":
                return not self.looks_like_path(mention.name) or self.has_path(mention.name)
            case "file":
                return self.has_file(mention.name)
            case "make target":
                return self.has_target(mention.name)
            case "setting":
                return self.has_setting(mention.name)
            case "name":
                return self.has_name(mention.name)
        return self.has_option(mention.kind.removeprefix(OPTION_OF), mention.name)


def missing(existing: Existing) -> list[Mention]:
    """Returns the names in the documents that do not exist, in order."""
    found = []
    for file in existing.files:
        if is_document(file):
            text = (existing.top / file).read_text(encoding="utf-8")
            found += [each for each in mentions_in(text, file) if not existing.has(each)]
    return found


def project_files(top: Path) -> list[str]:
    """Returns the project's files, including those that git does not track yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listed = subprocess.run(command, cwd=top, stdout=subprocess.PIPE, text=True, check=True)
    return [file for file in listed.stdout.splitlines() if (top / file).is_file()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kernel", type=Path, help="the top of the patched kernel tree")
    arguments = parser.parse_args()
    absent = missing(Existing(TOP, project_files(TOP), arguments.kernel))
    for mention in absent:
        print(mention)
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
