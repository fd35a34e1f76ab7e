# SPDX-License-Identifier: GPL-2.0
"""The failure of a run that says nothing about the tests."""


class Unusable(Exception):
    """An error for the user: a list that cannot be read, a place that does not exist, a tool that fails."""
