# SPDX-License-Identifier: GPL-2.0
"""What goes wrong when a profile is read."""


class BadInput(Exception):
    """A sentence for the user: what is wrong, and where."""
