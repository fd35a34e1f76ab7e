# SPDX-License-Identifier: GPL-2.0
"""What goes wrong when what was measured is read."""


class BadInput(Exception):
    """A sentence for the user: where, what is wrong, and what would be right."""
