# SPDX-License-Identifier: GPL-2.0
"""The failure of a run that says nothing about the tests."""


class Unusable(Exception):
    """A sentence for the user: a list that cannot be read, a place that is not there, a tool that fails."""
