# SPDX-License-Identifier: GPL-2.0
"""The end of a run in which the guest cannot give the command's own exit status."""

# The exit statuses of scripts/vm. Any other status is the command's own: 126 and 127 are the shell's for a
# command that cannot be executed or does not exist, and a status above 128 means that a signal killed it.
BAD_USAGE = 2
KERNEL_REPORT = 123
TIMED_OUT = 124
NO_STATUS = 125


class Failure(Exception):
    """A failure that ends the run with a status and a sentence for the user."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
