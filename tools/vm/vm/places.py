# SPDX-License-Identifier: GPL-2.0
"""The project's folders on the host; scripts/lib/paths.sh has the same for the shell scripts."""

import os
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
BUILD = TOP / "build"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rust-vma"
