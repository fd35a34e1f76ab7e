# SPDX-License-Identifier: GPL-2.0
"""The functions of an object file, mm/vma.o."""

from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from bench.failure import BadInput


def functions(path: Path) -> dict[str, int]:
    """Returns the offset of each function in its section, by the function's name."""
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        if not isinstance(table, SymbolTableSection):
            raise BadInput(f"{path} has no symbols")
        return {
            symbol.name: symbol["st_value"]
            for symbol in table.iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_shndx"] != "SHN_UNDEF"
        }
