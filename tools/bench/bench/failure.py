# SPDX-License-Identifier: GPL-2.0
"""The failure of reading a file of measurements."""


class BadInput(Exception):
    """A sentence for the user: where, what is wrong, and what would be right."""
