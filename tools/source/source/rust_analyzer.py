# SPDX-License-Identifier: GPL-2.0
"""Writes rust-project.json, so that editors understand the modules' sources.

The kernel's own `make rust-analyzer` describes the kernel's crates. It finds a module's crates only
where each has a Makefile beside it, so ours are added here.
"""

import json
from pathlib import Path
from typing import Any

from source.crates import BINDINGS, ROOTS, kernel_from_arguments, output_of_make
from vm.places import TOP

DEPENDENCIES = ("core", "kernel", "pin_init", "zerocopy", "zerocopy_derive")


def our_crate(name: str, crates: list[dict[str, Any]], bindings: Path) -> dict[str, Any]:
    """Returns one of our crates: like the kernel crate, which has the configuration, with our environment."""
    numbers = {crate["display_name"]: number for number, crate in enumerate(crates)}
    return {
        **crates[numbers["kernel"]],
        "display_name": name,
        "root_module": str(TOP / ROOTS[name]),
        "source": {"include_dirs": [str(TOP), str(bindings.parent)], "exclude_dirs": []},
        "deps": [{"crate": numbers[each], "name": each} for each in DEPENDENCIES],
        "env": {"RUST_MODFILE": name, "RUST_VMA_BINDINGS": str(bindings)},
    }


def main() -> None:
    kernel = kernel_from_arguments("rust-analyzer", __doc__)
    bindings = output_of_make(*kernel) / BINDINGS
    described = output_of_make(*kernel, "--target", "rust-analyzer") / "rust-project.json"
    project = json.loads(described.read_text())
    project["crates"] += [our_crate(name, project["crates"], bindings) for name in ROOTS]
    (TOP / "rust-project.json").write_text(json.dumps(project, indent=4, sort_keys=True))
    print("rust-project.json")


if __name__ == "__main__":
    main()
