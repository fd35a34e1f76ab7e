# SPDX-License-Identifier: GPL-2.0
"""Numbers, for people."""


def count(number: float) -> str:
    """Returns a count with separators. Has a decimal if necessary: the median of an even number of counts may
    end with a half."""
    return f"{number:,.1f}".removesuffix(".0")


def ratio(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
