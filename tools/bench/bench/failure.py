# SPDX-License-Identifier: GPL-2.0
"""The failure to read a file of measurements."""


class BadInput(Exception):
    """An error for the user: its place, what is wrong, and what would be right."""
